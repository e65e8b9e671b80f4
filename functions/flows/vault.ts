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
  /**
   * The org's key to seal with, made if there is none yet.
   *
   * @param before what it replaces, where that lies under a key of the org: only the very key under which something lies
   * is taken from the cache. Any other is read anew, for it may have been deleted since, and what it seals would be lost.
   */
  orgKey(orgId: string, purpose: KeyPurpose, before?: string): Promise<DataKey>;
  seal(token: Secret, key: DataKey, context: SealContext): Promise<string>;
  /** Opens a token of an item: under its own keys where it has them, else under its org's. Throws `SealError`. */
  open(sealed: string, ownKeys: OwnKeys | undefined, orgId: string | undefined, context: SealContext): Promise<Secret>;
}

/** Names a callback's own key in a seal; which one it is, the item that holds it says. */
const ownKeyId = 'own';
const cacheMs = 5 * 60_000;
const cachedAtMost = 1_000;

export function createVault(ports: VaultPorts): Vault {
  const cache = keyCache(ports);

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
    const inUse = await cache.of(`org.${orgId}.${purpose}`, () => requiredOrgKey(orgId, purpose));
    const id = ports.sealer.keyIdOf(sealed);
    if (id === undefined || id === inUse.id) return inUse;
    return cache.of(`org.${orgId}.${purpose}.${id}`, () => requiredOrgKey(orgId, purpose, id));
  }

  async function keyToSealWith(orgId: string, purpose: KeyPurpose): Promise<DataKey> {
    return (await storedOrgKey(orgId, purpose)) ?? madeOrgKey(orgId, purpose);
  }

  /** Does not make it last longer in the cache: whether the key service still opens it was not asked. */
  async function isInUse(orgId: string, purpose: KeyPurpose, { id }: DataKey): Promise<boolean> {
    return (await ports.store.readDataKey(orgId, purpose))?.id === id;
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
      await cache.of(`own.${sessionId}.access`, () => Promise.resolve(keys.access));
      await cache.of(`own.${sessionId}.refresh`, () => Promise.resolve(keys.refresh));
      return {
        ...keys,
        wrapped: { session: sessionId, access: access.wrapped, refresh: refresh.wrapped },
      };
    },
    async orgKey(orgId, purpose, before) {
      const name = `org.${orgId}.${purpose}`;
      const cached = cache.known(name);
      // One that fails is not the answer here: it may have been asked for where none was made yet.
      const known = cached && (await cached.catch(() => undefined));
      if (known === undefined) return cache.renew(name, () => keyToSealWith(orgId, purpose));
      if (before !== undefined && ports.sealer.keyIdOf(before) === known.id) return known;
      if (await isInUse(orgId, purpose, known)) return known;
      return cache.renew(name, () => keyToSealWith(orgId, purpose));
    },
    seal: (token, key, context) => ports.sealer.seal(token, key.bytes, key.id, context),
    async open(sealed, ownKeys, orgId, context) {
      const { purpose } = context;
      const key =
        ownKeys !== undefined
          ? await cache.of(`own.${ownKeys.session}.${purpose}`, () =>
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

  const known = (name: string): Promise<DataKey> | undefined => {
    const entry = entries.get(name);
    return entry !== undefined && entry.until > clock.now() ? entry.key : undefined;
  };
  const renew = (name: string, load: () => Promise<DataKey>): Promise<DataKey> => {
    const entry = { key: load(), until: clock.now() + cacheMs };
    entries.delete(name);
    entries.set(name, entry);
    entry.key.catch(() => entries.get(name) === entry && entries.delete(name));
    const [oldest] = entries.keys();
    if (entries.size > cachedAtMost && oldest !== undefined) entries.delete(oldest);
    return entry.key;
  };
  const of = (name: string, load: () => Promise<DataKey>): Promise<DataKey> => known(name) ?? renew(name, load);
  return { known, of, renew };
}
