/** A service of the team that uses Grantkeeper, and its customer's browser: plain requests to the HTTP API. */
import type { Simulator } from '../simulator/simulator.ts';
import { readFromSalesforce, requestTimeoutMs } from './salesforce-read.ts';
import { tenant, user } from './set-up.ts';
import type { ConnectOutcome, LedgerView, Side } from './side.ts';

export type GrantkeeperClient = Pick<Side, 'connect' | 'authorizeAgain' | 'read' | 'configured'> & {
  ledger(): Promise<LedgerView>;
};

/** @param settle what Grantkeeper does by itself, the configuration queue included, is done */
export function createGrantkeeperClient(
  url: string,
  simulator: Simulator,
  settle: () => Promise<void>,
): GrantkeeperClient {
  /** As the service keeps them: integration → connection, so that the tenant's next integration can share one. */
  const linked = new Map<string, string>();
  const shared = () => [...linked.values()][0];

  const post = (path: string, body: unknown, method = 'POST') =>
    request(`${url}${path}`, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

  async function begin(integration: string, more: Record<string, unknown>): Promise<ConnectOutcome> {
    const configuration = { target: integration };
    const response = await post('/connect-sessions', { app: 'crm', tenant, integration, configuration, ...more });
    const session = (await response.json()) as Record<string, unknown>;
    if (session.status !== 'pending') {
      const named = more.connection_id === undefined ? '' : ' with connection_id';
      const answer = `POST /connect-sessions${named} answers ${response.status} ${session.status ?? session.code}.`;
      return session.status === 'connected' ? conclude(integration, answer, session) : { answer, failure: answer };
    }
    const answer = `${user.name} reads "${await authorize(simulator, String(session.connect_url))}"`;
    const after = await json(`${url}/connect-sessions/${session.session_id}`);
    if (after.status !== 'connected') return { answer, failure: `the connect session is ${after.status}` };
    return conclude(integration, answer, after);
  }

  async function conclude(
    integration: string,
    answer: string,
    session: Record<string, unknown> = {},
  ): Promise<ConnectOutcome> {
    if (session.connection_id !== undefined) linked.set(integration, String(session.connection_id));
    await settle();
    const { status, reason } = await json(`${url}/integrations/${tenant}/${integration}`);
    return status === 'configured' ? { answer } : { answer, failure: String(reason ?? `it is ${status}`) };
  }

  return {
    connect: async (integration) => {
      if (!linked.has(integration)) {
        return begin(integration, { connection_id: shared() });
      }
      const path = `/integrations/${tenant}/${integration}/configuration`;
      const response = await post(path, { configuration: { target: integration } }, 'PUT');
      await response.body?.cancel();
      return conclude(integration, `PUT …/configuration answers ${response.status}.`);
    },
    authorizeAgain: (integration) => begin(integration, { reauthorize: true }),
    read: async (integration) => {
      const token = await json(`${url}/connections/${linked.get(integration)}/token?tenant=${tenant}`);
      if (token.access_token === undefined) return { kind: 'failed', because: `its token is refused (${token.code})` };
      const status = await readFromSalesforce(String(token.instance_url), String(token.access_token));
      return status === 200 ? { kind: 'read' } : { kind: 'failed', because: `Salesforce answered ${status}` };
    },
    configured: async () => {
      const views = await Promise.all([...linked.keys()].map((one) => json(`${url}/integrations/${tenant}/${one}`)));
      const done = views.filter(({ status }) => status === 'configured');
      return done.map(({ integration }) => String(integration)).sort();
    },
    ledger: async () => {
      const { grants, grant_budget } = await json(`${url}/connections/${shared()}?tenant=${tenant}`);
      const entries = grants as readonly { readonly outcome: string }[];
      const { believed } = grant_budget as { readonly believed: number };
      const orphaned = entries.filter(({ outcome }) => outcome === 'orphaned').length;
      return { attempts: entries.length, orphaned, believed };
    },
  };
}

/** Through the link, Salesforce's page and the callback; answers the title of the page that is shown then. */
async function authorize(simulator: Simulator, connectUrl: string): Promise<string> {
  const opened = await request(connectUrl, { redirect: 'manual' });
  const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
  const location = opened.headers.get('location') ?? '';
  await opened.body?.cancel();
  const callback = simulator.authorize(location, { username: user.username, decision: 'allow' });
  const returned = await request(callback, { headers: { cookie } });
  const page = await returned.text();
  const title = /<title>([^<]*)</.exec(page)?.[1];
  if (title === undefined) throw new Error(`The callback answered ${returned.status} without a page: ${page}`);
  return `${title}.`;
}

async function json(url: string, init?: RequestInit): Promise<Record<string, unknown>> {
  return (await (await request(url, init)).json()) as Record<string, unknown>;
}

function request(url: string, init?: RequestInit): Promise<Response> {
  return fetch(url, { ...init, signal: AbortSignal.timeout(requestTimeoutMs) });
}
