/** Grantkeeper's local stack, the deployed handlers on loopback, with the story's configuration step put in. */
import type { Ports } from '../../functions/core/ports.ts';
import { createVault } from '../../functions/flows/vault.ts';
import { createLocalHandlers } from '../local/local-handlers.ts';
import { startLocalStack } from '../local/local-stack.ts';
import type { Switches } from '../simulator/simulator.ts';
import { createGrantkeeperClient } from './grantkeeper-client.ts';
import { type MovableClock, minuteMs } from './movable-clock.ts';
import { createSetUp } from './set-up.ts';
import type { Side } from './side.ts';

/** The schedule runs each minute when deployed; each quarter of an hour tells the same story sooner. */
const longestStepMs = 15 * minuteMs;

export async function startGrantkeeperSide(clock: MovableClock, switches: Partial<Switches>): Promise<Side> {
  const setUp = createSetUp();
  const stack = await startLocalStack({
    port: 0,
    tick: 'manual',
    quiet: true,
    clock,
    createHandlers: (ports) =>
      createLocalHandlers({
        ...ports,
        configurationStep: { run: ({ integration }) => setUp.configure(integration) },
      }),
  });
  const { simulator } = stack;
  if (simulator === undefined) throw new Error('The local stack started no simulator.');
  Object.assign(simulator.switches, switches);

  return {
    books: simulator.books,
    ...createGrantkeeperClient(stack.url, simulator),
    pass: async (ms) => {
      for (let left = ms; left > 0; left -= longestStepMs) {
        clock.advance(Math.min(left, longestStepMs));
        await stack.tick();
      }
    },
    mend: setUp.mend,
    refreshTokens: () => storedRefreshTokens(stack.ports),
    close: stack.close,
  };
}

/** Opened, to ask Salesforce's books about them: those of connections, and of grants still to be revoked. */
async function storedRefreshTokens(ports: Ports): Promise<readonly string[]> {
  const vault = createVault(ports);
  const { items } = await ports.store.listConnections({ app: 'crm' }, 100);
  const sealed = items.flatMap(({ id, orgId, grant, duties }) => {
    const owed = Object.values(duties)
      .filter((duty) => duty.kind === 'revoke')
      .map(({ grantId, token, ownKeys }) => ({ id, orgId, grantId, token, ownKeys }));
    const { refreshToken: token, ownKeys } = grant ?? {};
    return token === undefined || grant === undefined
      ? owed
      : [{ id, orgId, grantId: grant.id, token, ownKeys }, ...owed];
  });
  const opened = sealed.map(({ id, orgId, grantId, token, ownKeys }) =>
    vault.open(token, ownKeys, orgId, { connectionId: id, grantId, purpose: 'refresh' }),
  );
  return (await Promise.all(opened)).map((token) => token.reveal());
}
