/**
 * One connection over weeks: the real flows on a store in memory, Salesforce the simulator with its own policy of refresh
 * tokens, and a clock that moves from one thing that is due to the next, as the minute's schedule would find it.
 */
import { Simulator } from '../../dev/simulator/simulator.ts';
import type { Switches } from '../../dev/simulator/switches.ts';
import { createSalesforceHttp } from '../../functions/adapters/salesforce-http.ts';
import { type AppConfig, parseConfig } from '../../functions/core/config.ts';
import type { Connection } from '../../functions/core/connection.ts';
import { firstDueAt } from '../../functions/core/duty.ts';
import { type Grant, generationOf } from '../../functions/core/grant.ts';
import { connectionIdOf } from '../../functions/core/ids.ts';
import type { Ports, RawAnswer } from '../../functions/core/ports.ts';
import { Secret } from '../../functions/core/secret.ts';
import { createDoDutiesOf } from '../../functions/flows/maintain.ts';
import { createRefreshConnection } from '../../functions/flows/refresh-connection.ts';
import { storeGrant } from '../../functions/flows/store-grant.ts';
import { createVault } from '../../functions/flows/vault.ts';
import { acme, ada, connect, origin, secretApp } from '../dev/simulator/client.ts';
import { type MemoryPorts, memoryPorts } from './memory-ports.ts';

export interface KeepAliveWorld {
  readonly ports: MemoryPorts;
  readonly simulator: Simulator;
  /** What a refresh gets instead of Salesforce's own answer. @default undefined: its own */
  fails: RawAnswer | undefined;
  /** Instead of the client secret. @default undefined: it is there */
  secretError: Error | undefined;
  /** Refreshes that reached Salesforce. */
  readonly refreshedAt: number[];
  /** How long the token had idled at most when it was used. */
  longestIdleMs: number;
  stored(): Promise<Connection & { grant: Grant }>;
  /** The user authorizes (again). */
  authorize(): Promise<void>;
  /** Lets time pass; what is due in it is done. */
  pass(ms: number): Promise<void>;
}

/** Too short to confirm a death in the same run: the schedule brings it back. */
const functionTimeMs = 50_000;
const minuteMs = 60_000;
const stepsAtMost = 5_000;

export async function keepAliveWorld(
  app: Pick<AppConfig, 'idleLimitDays' | 'lifetimeLimitDays'>,
  switches: Partial<Switches> = {},
): Promise<KeepAliveWorld> {
  const { clientId } = secretApp;
  const config = parseConfig(
    { apps: { crm: { clientId, loginUrl: origin, ...app } }, salesforceOrigin: origin },
    'test',
  );
  const base = memoryPorts({ config });
  const { clock } = base;
  const simulator = new Simulator({ origin, now: () => clock.now(), apps: [secretApp], switches });
  const http = createSalesforceHttp({ fetch: (url, init) => simulator.fetch(new Request(url, init)) });
  const id = connectionIdOf({ app: 'crm', orgId: acme.id, userId: ada.id });

  const salesforce: Ports['salesforce'] = {
    ...http,
    async refresh(...call) {
      if (world.fails !== undefined) return world.fails;
      const { grant } = await world.stored();
      world.longestIdleMs = Math.max(world.longestIdleMs, clock.now() - grant.refreshedAt);
      world.refreshedAt.push(clock.now());
      return http.refresh(...call);
    },
  };
  const secrets: Ports['secrets'] = {
    async of() {
      if (world.secretError !== undefined) throw world.secretError;
      return { current: new Secret(secretApp.clientSecret) };
    },
  };
  const ports: MemoryPorts = { ...base, salesforce, secrets };
  const refresh = createRefreshConnection(ports);
  const doDuties = createDoDutiesOf(ports);
  let grants = 0;

  /** `undefined`: nothing is due until then. */
  async function nextDue(until: number): Promise<number | undefined> {
    const { nextRefreshAt, duties } = await world.stored();
    // Others are done beside them, or have no end of their own.
    const alerts = Object.fromEntries(Object.entries(duties).filter(([, { kind }]) => kind === 'alert'));
    const at = Math.min(nextRefreshAt ?? until, firstDueAt(alerts) ?? until);
    return at >= until ? undefined : Math.max(clock.now(), Math.ceil(at / minuteMs) * minuteMs);
  }

  async function doWhatIsDue(): Promise<void> {
    const { grant, nextRefreshAt, duties } = await world.stored();
    const end = clock.now() + functionTimeMs;
    if (nextRefreshAt !== undefined && nextRefreshAt <= clock.now()) {
      await refresh(
        { version: 1, connectionId: id, generation: generationOf(grant), reason: 'due' },
        () => end - clock.now(),
      );
    }
    if ((firstDueAt(duties) ?? Number.POSITIVE_INFINITY) <= clock.now()) await doDuties(id);
  }

  const world: KeepAliveWorld = {
    ports,
    simulator,
    fails: undefined,
    secretError: undefined,
    refreshedAt: [],
    longestIdleMs: 0,
    async stored() {
      const connection = await ports.store.inner.connections.read(id);
      if (connection?.grant === undefined) throw new Error(`${id} holds no grant.`);
      return { ...connection, grant: connection.grant };
    },
    async authorize() {
      grants += 1;
      const tokens = await connect(simulator);
      await storeGrant(ports, await authorization(ports, id, `grant-${grants}`, tokens));
    },
    async pass(ms) {
      const until = clock.now() + ms;
      for (let steps = 0; steps < stepsAtMost; steps += 1) {
        const at = await nextDue(until);
        if (at === undefined || at > until) return clock.advance(until - clock.now());
        clock.advance(at - clock.now());
        const { revision } = await world.stored();
        await doWhatIsDue();
        // What is left as it was is due again in the next minute.
        if ((await world.stored()).revision === revision) clock.advance(minuteMs);
      }
      throw new Error(`${ms} ms did not pass in ${stepsAtMost} steps.`);
    },
  };
  await world.authorize();
  return world;
}

async function authorization(
  ports: MemoryPorts,
  connectionId: string,
  grantId: string,
  { access, refresh }: { access: string; refresh: string },
): Promise<Parameters<typeof storeGrant>[1]> {
  const vault = createVault(ports);
  const now = ports.clock.now();
  const seal = async (text: string, purpose: 'access' | 'refresh') =>
    vault.seal(new Secret(text), await vault.orgKey(acme.id, purpose), { connectionId, grantId, purpose });
  const grant: Grant = {
    id: grantId,
    refreshes: 0,
    madeBy: grantId,
    accessToken: await seal(access, 'access'),
    accessTokenSha256: '00'.repeat(32),
    refreshToken: await seal(refresh, 'refresh'),
    issuedAt: now,
    refreshedAt: now,
    expiresAt: now + 2 * 60 * minuteMs,
    refreshAfter: now + 90 * minuteMs,
    scopes: ['api', 'refresh_token'],
    instanceUrl: origin,
    loginUrl: origin,
    attempts: [],
    failures: 0,
  };
  const place = { connectionId, app: 'crm', orgId: acme.id, userId: ada.id, flow: 'authorization_code' } as const;
  return { ...place, authorizedAt: now, begunAt: now, grant };
}
