/**
 * Seals and opens tokens: data keys per org and purpose, wrapped by the key service, cached in the warm process.
 *
 * A callback does not know the org beforehand; it seals under keys of its own, made before the exchange and wrapped
 * into the item. The first refresh seals again under the org's.
 */

import { SealError } from '../core/errors.ts';
import type { Grant, OwnKeys } from '../core/grant.ts';
import { newId } from '../core/new-id.ts';
import type { KeyContext, KeyPurpose, Ports, SealContext } from '../core/ports.ts';
import type { Secret } from '../core/secret.ts';

export type VaultPorts = Pick<Ports, 'store' | 'keys' | 'sealer' | 'clock' | 'random'>;

/** A data key in the clear: lives in this process only. */
export interface DataKey {
  readonly id: string;
  readonly bytes: Uint8Array;
}

export interface OwnKeySet {
  readonly access: DataKey;
  readonly refresh: DataKey;
  readonly wrapped: OwnKeys;
}

export interface Vault {
  /** Fresh keys for a callback, before its exchange. */
  ownKeys(sessionId: string): Promise<OwnKeySet>;
  /** The org's key, made if there is none yet. */
  orgKey(orgId: string, purpose: KeyPurpose): Promise<DataKey>;
  seal(token: Secret, key: DataKey, context: SealContext): Promise<string>;
  /** Opens a token of an item: under its own keys where it has them, else under its org's. Throws `SealError`. */
  open(sealed: string, ownKeys: OwnKeys | undefined, orgId: string | undefined, context: SealContext): Promise<Secret>;
}

/** Names a callback's own key in a seal; which one it is, the item that holds it says. */
const ownKeyId = 'own';
const cacheMs = 5 * 60_000;
const cachedAtMost = 1_000;

export function createVault(ports: VaultPorts): Vault {
  const cached = keyCache(ports);

  async function unwrapped(id: string, wrapped: string, context: KeyContext): Promise<DataKey> {
    return { id, bytes: await ports.keys.unwrapDataKey(wrapped, context) };
  }

  async function storedOrgKey(orgId: string, purpose: KeyPurpose, id?: string): Promise<DataKey | undefined> {
    const stored = await ports.store.readDataKey(orgId, purpose, id);
    return stored && unwrapped(stored.id, stored.wrapped, { purpose, scope: orgId });
  }

  async function requiredOrgKey(orgId: string | undefined, purpose: KeyPurpose, id?: string): Promise<DataKey> {
    const stored = orgId === undefined ? undefined : await storedOrgKey(orgId, purpose, id);
    if (stored !== undefined) return stored;
    const which = id === undefined ? 'no data key' : `no data key ${id}`;
    throw new SealError(
      `There is ${which} of org ${orgId} for ${purpose}: the org was forgotten, or the key was pruned too early.`,
    );
  }

  /** The one in use, unless the seal names another: one that it followed, or that follows the one that is cached. */
  async function keyOfSeal(sealed: string, orgId: string | undefined, purpose: KeyPurpose): Promise<DataKey> {
    const inUse = await cached(`org.${orgId}.${purpose}`, () => requiredOrgKey(orgId, purpose));
    const id = ports.sealer.keyIdOf(sealed);
    if (id === undefined || id === inUse.id) return inUse;
    return cached(`org.${orgId}.${purpose}.${id}`, () => requiredOrgKey(orgId, purpose, id));
  }

  async function madeOrgKey(orgId: string, purpose: KeyPurpose): Promise<DataKey> {
    const context = { purpose, scope: orgId };
    const made = await ports.keys.generateDataKey(context);
    const offered = { orgId, purpose, id: newId(ports.random), wrapped: made.wrapped };
    const stored = await ports.store.putDataKeyIfAbsent(offered);
    if (stored.id === offered.id) return { id: stored.id, bytes: made.plaintext };
    return unwrapped(stored.id, stored.wrapped, context);
  }

  return {
    async ownKeys(sessionId) {
      const [access, refresh] = await Promise.all([
        ports.keys.generateDataKey({ purpose: 'access', scope: sessionId }),
        ports.keys.generateDataKey({ purpose: 'refresh', scope: sessionId }),
      ]);
      const keys = {
        access: { id: ownKeyId, bytes: access.plaintext },
        refresh: { id: ownKeyId, bytes: refresh.plaintext },
      };
      // Known to this process from now on: a callback may seal and revoke with them, but unwrap nothing.
      await cached(`own.${sessionId}.access`, () => Promise.resolve(keys.access));
      await cached(`own.${sessionId}.refresh`, () => Promise.resolve(keys.refresh));
      return {
        ...keys,
        wrapped: { session: sessionId, access: access.wrapped, refresh: refresh.wrapped },
      };
    },
    orgKey: (orgId, purpose) =>
      cached(
        `org.${orgId}.${purpose}`,
        async () => (await storedOrgKey(orgId, purpose)) ?? (await madeOrgKey(orgId, purpose)),
      ),
    seal: (token, key, context) => ports.sealer.seal(token, key.bytes, key.id, context),
    async open(sealed, ownKeys, orgId, context) {
      const { purpose } = context;
      const key =
        ownKeys !== undefined
          ? await cached(`own.${ownKeys.session}.${purpose}`, () =>
              unwrapped(ownKeyId, ownKeys[purpose], { purpose, scope: ownKeys.session }),
            )
          : await keyOfSeal(sealed, orgId, purpose);
      return ports.sealer.open(sealed, key.bytes, context);
    },
  };
}

/** The access token of a grant, opened. */
export function openAccessToken(vault: Vault, connectionId: string, orgId: string, grant: Grant): Promise<Secret> {
  return vault.open(grant.accessToken, grant.ownKeys, orgId, {
    connectionId,
    grantId: grant.id,
    purpose: 'access',
  });
}

/** Ends entries after five minutes, so that a key taken away is out of use soon. A failed load is not kept. */
function keyCache({ clock }: Pick<Ports, 'clock'>) {
  const entries = new Map<string, { key: Promise<DataKey>; until: number }>();
  return (name: string, load: () => Promise<DataKey>): Promise<DataKey> => {
    const entry = entries.get(name);
    if (entry !== undefined && entry.until > clock.now()) return entry.key;
    const key = load();
    entries.delete(name);
    entries.set(name, { key, until: clock.now() + cacheMs });
    key.catch(() => entries.delete(name));
    const [oldest] = entries.keys();
    if (entries.size > cachedAtMost && oldest !== undefined) entries.delete(oldest);
    return key;
  };
}
