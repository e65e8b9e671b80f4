/** Grantkeeper's local stack, the deployed handlers on loopback, with the story's configuration step put in. */
import type { GrantkeeperConfig } from '../../functions/core/config.ts';
import type { Ports } from '../../functions/core/ports.ts';
import { createVault } from '../../functions/flows/vault.ts';
import { createLocalHandlers } from '../local/local-handlers.ts';
import { startLocalStack } from '../local/local-stack.ts';
import { defaultSwitches, type Switches } from '../simulator/switches.ts';
import { createGrantkeeperClient } from './grantkeeper-client.ts';
import { type MovableClock, minuteMs } from './movable-clock.ts';
import { createSetUp } from './set-up.ts';
import type { Side, StoredTokens } from './side.ts';

/** The schedule runs each minute when deployed; each quarter of an hour tells the same story sooner. */
const longestStepMs = 15 * minuteMs;

export async function startGrantkeeperSide(clock: MovableClock, switches: Partial<Switches>): Promise<Side> {
  const setUp = createSetUp();
  const { grantLimit } = { ...defaultSwitches(), ...switches };
  const stack = await startLocalStack({
    port: 0,
    tick: 'manual',
    quiet: true,
    clock,
    configurationStep: { run: ({ integration }) => setUp.configure(integration) },
    createHandlers: (ports) => createLocalHandlers({ ...ports, config: withGrantLimit(ports.config, grantLimit) }),
  });
  const { simulator } = stack;
  if (simulator === undefined) throw new Error('The local stack started no simulator.');
  Object.assign(simulator.switches, switches);

  return {
    books: simulator.books,
    ...createGrantkeeperClient(stack.url, simulator, stack.tick),
    pass: async (ms) => {
      for (let left = ms; left > 0; left -= longestStepMs) {
        clock.advance(Math.min(left, longestStepMs));
        await stack.tick();
      }
    },
    mend: setUp.mend,
    failedSetUps: setUp.failures,
    storedTokens: () => storedTokens(stack.ports),
    close: stack.close,
  };
}

/** As whoever deploys it says how many grants his Salesforce keeps. */
function withGrantLimit(config: GrantkeeperConfig, grantLimit: number): GrantkeeperConfig {
  const apps = Object.entries(config.apps).map(([name, app]) => [name, { ...app, grantLimit }]);
  return { ...config, apps: Object.fromEntries(apps) };
}

/** Opened, to ask Salesforce's books about them: those of connections, and of grants still to be revoked. */
async function storedTokens(ports: Ports): Promise<StoredTokens> {
  const vault = createVault(ports);
  const { items } = await ports.store.listConnections({ app: 'crm' }, 100);
  const sealed = items.flatMap(({ id: connectionId, orgId, grant, duties }) => {
    const owed = Object.values(duties)
      .filter((duty) => duty.kind === 'revoke')
      .map(({ grantId, token, ownKeys, tokenPurpose: purpose }) => ({ token, ownKeys, grantId, purpose }));
    const { refreshToken, accessToken, ownKeys, id: grantId } = grant ?? {};
    const kept = (token: typeof accessToken, purpose: 'access' | 'refresh') =>
      token === undefined || grantId === undefined ? [] : [{ token, ownKeys, grantId, purpose }];
    const all = [...kept(refreshToken, 'refresh'), ...kept(accessToken, 'access'), ...owed];
    return all.map((one) => ({ ...one, connectionId, orgId }));
  });
  const opened = await Promise.all(
    sealed.map(async ({ token, ownKeys, orgId, connectionId, grantId, purpose }) => {
      const secret = await vault.open(token, ownKeys, orgId, { connectionId, grantId, purpose });
      return { purpose, token: secret.reveal() };
    }),
  );
  const of = (wanted: string) => opened.filter(({ purpose }) => purpose === wanted).map(({ token }) => token);
  return { refresh: of('refresh'), access: of('access') };
}
