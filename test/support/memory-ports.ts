/**
 * All ports in memory: the store's twin, a stepped clock, deterministic randomness, a fake sealer, and a model of
 * Salesforce. What a flow needs to run whole, with every call counted and every answer scriptable.
 */
import { mark, marked } from '../../dev/canary/canary.ts';
import { createMemoryLifeboat, type MemoryLifeboat } from '../../dev/memory/memory-lifeboat.ts';
import { createMemoryTableRecords } from '../../dev/memory/memory-table-records.ts';
import { createTableIdentity } from '../../functions/adapters/table-identity.ts';
import type { Alert } from '../../functions/core/alert.ts';
import { unlimitedCallers } from '../../functions/core/app-callers.ts';
import { parseConfig } from '../../functions/core/config.ts';
import type { Connection } from '../../functions/core/connection.ts';
import { SealError } from '../../functions/core/errors.ts';
import type { Grant } from '../../functions/core/grant.ts';
import { sha256Hex } from '../../functions/core/hash.ts';
import { connectionIdOf } from '../../functions/core/ids.ts';
import type {
  ConfigurationEvent,
  ConfigurationRequest,
  KeyContext,
  KeyWrapper,
  Ports,
  Random,
  RefreshRequest,
  SealContext,
  Sealer,
} from '../../functions/core/ports.ts';
import { Secret } from '../../functions/core/secret.ts';
import { createRefreshConnection } from '../../functions/flows/refresh-connection.ts';
import { createRevokeAccessToken } from '../../functions/flows/revoke-access-token.ts';
import { createVault } from '../../functions/flows/vault.ts';
import { fakeSigningKeys, oneKey, type Signing } from './fake-signing-keys.ts';
import { type ApiCall, type Others, quietOthers, recordedApi, type TokenRead } from './others.ts';
import { createScriptedStore, type ScriptedStore } from './scripted-store.ts';
import { createSteppedClock, type SteppedClock } from './stepped-clock.ts';
import { createTokenServer, type ModelGrant, type TokenServer } from './token-server.ts';
import { watched, watchedStore } from './watched-ports.ts';

export interface MemoryPorts extends Ports {
  readonly clock: SteppedClock;
  readonly store: ScriptedStore;
  readonly lifeboat: MemoryLifeboat;
  readonly server: TokenServer;
  readonly published: Alert[];
  readonly configured: ConfigurationEvent[];
  readonly queued: RefreshRequest[];
  readonly configurationRequests: ConfigurationRequest[];
  /** Connections for which `maintain` was invoked. */
  readonly maintained: string[];
  readonly tokenReads: TokenRead[];
  readonly apiCalls: ApiCall[];
  readonly others: Others;
  readonly signing: Signing;
  /** Messages of the log, by level: `warn: A refresh …`. */
  readonly logged: string[];
}

export const orgA = '00D000000000001AAA';
export const userA = '005000000000001AAA';
export const usernameA = 'ada@acme.example';
const instanceUrl = 'https://example.my.salesforce.com';
export const clientSecret: string = `${mark}-client-secret`;
const functionTimeoutMs = 60_000;

export function memoryPorts(overrides: Partial<Ports> = {}): MemoryPorts {
  const clock = createSteppedClock();
  const server = createTokenServer(clock);
  const published: Alert[] = [];
  const configured: ConfigurationEvent[] = [];
  const queued: RefreshRequest[] = [];
  const configurationRequests: ConfigurationRequest[] = [];
  const maintained: string[] = [];
  const tokenReads: TokenRead[] = [];
  const apiCalls: ApiCall[] = [];
  const others = quietOthers({ orgId: orgA, userId: userA, username: usernameA, instanceUrl });
  const signing = oneKey();
  const logged: string[] = [];
  const log = (level: string) => (message: string) => void logged.push(`${level}: ${message}`);
  let refresh: ReturnType<typeof createRefreshConnection> | undefined;
  const ports: MemoryPorts = {
    config: parseConfig({ apps: { crm: { clientId: 'crm-client' } } }, 'test'),
    appCallers: unlimitedCallers,
    publicUrl: 'https://grants.example',
    egressAddresses: [],
    random: countingRandom(),
    store: createScriptedStore(watchedStore()),
    tableIdentity: createTableIdentity({ records: createMemoryTableRecords(), clock }),
    lifeboat: createMemoryLifeboat(),
    keys: fakeKeys(),
    sealer: fakeSealer,
    salesforce: server.port,
    salesforceApi: recordedApi(apiCalls, others),
    secrets: { of: async () => ({ current: new Secret(clientSecret) }) },
    secretAges: { of: async () => ({ set: true, changedAt: clock.now() }) },
    signingKeys: fakeSigningKeys(signing),
    refreshQueue: { send: async (requests) => void queued.push(...requests.map(({ request }) => request)) },
    refresher: {
      refresh: (request) => {
        refresh ??= createRefreshConnection(ports);
        return refresh(request, remaining(clock));
      },
    },
    accessRevoker: { revoke: (request) => createRevokeAccessToken(ports)(request) },
    alerts: { publish: async (alert) => void published.push(alert) },
    configurationQueue: { send: async (request) => void configurationRequests.push(request) },
    maintainer: {
      async doDutiesOf(connectionId) {
        maintained.push(connectionId);
        await others.maintain(connectionId);
      },
    },
    tokens: {
      async read(connectionId, rejectedTokenSha256) {
        const read = { connectionId, ...(rejectedTokenSha256 === undefined ? {} : { rejectedTokenSha256 }) };
        tokenReads.push(read);
        return others.token(read);
      },
    },
    configurationStep: { run: async (event) => void configured.push(event) },
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    metrics: { add: () => undefined },
    ...(overrides as object),
    clock,
    server,
    published,
    configured,
    queued,
    configurationRequests,
    maintained,
    tokenReads,
    apiCalls,
    others,
    signing,
    logged,
  };
  return watched(ports);
}

/** What is left of a function that starts now. */
export function remaining(clock: SteppedClock, timeoutMs = functionTimeoutMs): () => number {
  const end = clock.now() + timeoutMs;
  return () => end - clock.now();
}

/** A connection of one refreshable grant, as a first refresh leaves it: under the org's keys, its session learnt. */
export async function storedConnection(
  ports: MemoryPorts,
  change: { connection?: Partial<Connection>; grant?: Partial<Grant>; orgId?: string; userId?: string } = {},
): Promise<{ connection: Connection & { grant: Grant }; atSalesforce: ModelGrant }> {
  const { orgId = orgA, userId = userA } = change;
  const atSalesforce = ports.server.authorize(orgId, userId);
  const id = connectionIdOf({ app: 'crm', orgId, userId });
  const grantId = `grant-${atSalesforce.number}`;
  const vault = createVault({ ...ports, store: ports.store.inner });
  const seal = async (text: string, purpose: 'access' | 'refresh') =>
    vault.seal(new Secret(text), await vault.orgKey(orgId, purpose), { connectionId: id, grantId, purpose });
  const now = ports.clock.now();
  const access = `access-${atSalesforce.number}-0`;
  const grant: Grant = {
    id: grantId,
    refreshes: 1,
    madeBy: 'attempt-0',
    accessToken: await seal(access, 'access'),
    accessTokenSha256: sha256Hex(access),
    refreshToken: await seal(atSalesforce.refreshToken, 'refresh'),
    issuedAt: now,
    refreshedAt: now,
    expiresAt: now + 7_200_000,
    refreshAfter: now + 5_400_000,
    session: { lengthMs: 7_200_000, source: 'introspection' },
    scopes: ['api', 'refresh_token'],
    instanceUrl,
    loginUrl: 'https://login.salesforce.com',
    attempts: [],
    failures: 0,
    ...change.grant,
  };
  const connection: Connection & { grant: Grant } = {
    version: 1,
    revision: 1,
    writeId: 'seed',
    id,
    app: 'crm',
    orgId,
    userId,
    flow: 'authorization_code',
    status: 'active',
    createdAt: now,
    authorizedAt: now,
    duties: {},
    nextRefreshAt: now + 5_400_000,
    ...change.connection,
    grant,
  };
  await ports.store.inner.connections.create(connection);
  ports.store.resetCalls();
  return { connection, atSalesforce };
}

/** The stored connection, read past the counters. */
export async function stored(ports: MemoryPorts, id = `crm.${orgA}.${userA}`): Promise<Connection & { grant: Grant }> {
  const connection = await ports.store.inner.connections.read(id);
  if (connection?.grant === undefined) throw new Error(`${id} is not stored, or holds no grant.`);
  return { ...connection, grant: connection.grant };
}

/** Each draw of bytes differs from all before; fractions walk through [0, 1). */
function countingRandom(): Random {
  let drawn = 0;
  return {
    bytes(length) {
      drawn += 1;
      const bytes = new Uint8Array(length);
      new DataView(bytes.buffer).setUint32(0, drawn);
      return marked(bytes);
    },
    fraction() {
      drawn += 1;
      return (drawn * 0.618_033_988_75) % 1;
    },
  };
}

/** Not cryptography: a sealed text says what it needs to open, and refuses anything else. */
export const fakeSealer: Sealer = {
  seal: async (text, key, keyId, context) =>
    asSealed([text.reveal(), Buffer.from(key).toString('hex'), bound(context), keyId]),
  async open(sealed, key, context) {
    const [text, made, place] = decode(sealed);
    if (made !== Buffer.from(key).toString('hex')) throw new SealError('Sealed under another key.');
    if (place !== bound(context)) throw new SealError('Sealed for another place.');
    return new Secret(text ?? '');
  },
  keyIdOf: (sealed) => decode(sealed)[3],
};

/** What a sealed text holds, whatever its key: for checks. */
export function unsealed(sealed: string | undefined): string | undefined {
  return sealed === undefined ? undefined : decode(sealed)[0];
}

function fakeKeys(): KeyWrapper {
  let made = 0;
  const named = ({ purpose, scope }: KeyContext) => `${purpose}/${scope}`;
  return {
    async generateDataKey(context) {
      made += 1;
      const plaintext = marked(new Uint8Array(32).fill(made));
      return { plaintext, wrapped: asSealed([Buffer.from(plaintext).toString('hex'), named(context)]) };
    },
    async unwrapDataKey(wrapped, context) {
      const [key, place] = decode(wrapped);
      if (place !== named(context)) throw new SealError('Wrapped for another place.');
      return Buffer.from(key ?? '', 'hex');
    },
  };
}

function bound({ connectionId, grantId, purpose }: SealContext): string {
  return `${connectionId} ${grantId} ${purpose}`;
}

/** A sealed text of these parts: token, key in hex, place. It does not show what it holds, so that what shows is a leak. */
export function asSealed(parts: readonly string[]): string {
  return veiled(Buffer.from(JSON.stringify(parts))).toString('base64url');
}

function decode(text: string): string[] {
  return JSON.parse(veiled(Buffer.from(text, 'base64url')).toString());
}

/** Its own inverse. */
function veiled(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => byte ^ 0x5a));
}
