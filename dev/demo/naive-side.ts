/** The naive handler and its job, beside a simulated Salesforce of their own. */
import { serveSimulator } from '../simulator/http-server.ts';
import { Simulator, type Switches } from '../simulator/simulator.ts';
import type { MovableClock } from './movable-clock.ts';
import { createNaiveHandler } from './naive-handler.ts';
import { runNaiveJob } from './naive-job.ts';
import { createSetUp, user } from './set-up.ts';
import type { ConnectOutcome, Side } from './side.ts';

/** Nobody listens there: the customer's browser is ours, and hands the address over. */
const redirectUri = 'http://127.0.0.1/salesforce/callback';
const client = { clientId: 'naive-client', clientSecret: 'naive-secret' };

export async function startNaiveSide(clock: MovableClock, switches: Partial<Switches>): Promise<Side> {
  const registered = { ...client, redirectUris: [redirectUri], scopes: ['api', 'refresh_token'] };
  const { url, simulator, close } = await serveSimulator(
    (origin) => new Simulator({ origin, apps: [registered], now: clock.now, wait: clock.wait, switches }),
    { port: 0 },
  );
  const setUp = createSetUp();
  const app = { ...client, redirectUri, loginUrl: url };
  const handler = createNaiveHandler(app, setUp.configure);
  const column = (sql: string) =>
    handler.database
      .prepare(sql)
      .all()
      .map(({ value }) => String(value));

  /** It knows one way to connect, and goes it each time. */
  async function connect(integration: string): Promise<ConnectOutcome> {
    const login = handler.connect(integration);
    const callback = simulator.authorize(login, { username: user.username, decision: 'allow' });
    const { page, failure } = await handler.callback(callback);
    const rolledBack = failure === undefined ? '' : 'ROLLBACK, and the tokens go with it. ';
    return { answer: `${rolledBack}${user.name} reads "${page}"`, failure };
  }

  return {
    books: simulator.books,
    connect,
    authorizeAgain: connect,
    read: (integration) => runNaiveJob(handler.database, app, integration),
    pass: async (ms) => clock.advance(ms),
    mend: setUp.mend,
    failedSetUps: setUp.failures,
    storedTokens: async () => ({
      refresh: column('SELECT refresh_token AS value FROM tokens'),
      access: column('SELECT access_token AS value FROM tokens'),
    }),
    configured: async () => column('SELECT name AS value FROM integrations ORDER BY name'),
    close: async () => {
      handler.database.close();
      await close();
    },
  };
}
