/** A service of the team that uses Grantkeeper, and its customer's browser: plain requests to the HTTP API. */
import type { Simulator } from '../simulator/simulator.ts';
import { readFromSalesforce, requestTimeoutMs } from './salesforce-read.ts';
import { tenant, user } from './set-up.ts';
import type { ConnectOutcome, ReadOutcome } from './side.ts';

export interface GrantkeeperClient {
  connect(integration: string): Promise<ConnectOutcome>;
  read(integration: string): Promise<ReadOutcome>;
  configured(): Promise<readonly string[]>;
}

interface IntegrationView {
  readonly integration: string;
  readonly status: string;
  readonly reason?: string;
}

export function createGrantkeeperClient(url: string, simulator: Simulator): GrantkeeperClient {
  const connectionIds = new Map<string, string>();

  async function integrations(): Promise<readonly IntegrationView[]> {
    const ids = [...new Set(connectionIds.values())];
    const shown = await Promise.all(ids.map((id) => json(`${url}/connections/${id}?tenant=${tenant}`)));
    return shown.flatMap(({ integrations }) => integrations as IntegrationView[]);
  }

  return {
    connect: async (integration) => {
      const body = JSON.stringify({ app: 'crm', tenant, integration, configuration: { target: integration } });
      const headers = { 'content-type': 'application/json' };
      const response = await request(`${url}/connect-sessions`, { method: 'POST', headers, body });
      const session = (await response.json()) as Record<string, unknown>;
      const answer =
        session.status === 'pending'
          ? `${user.name} reads "${await authorize(simulator, String(session.connect_url))}"`
          : `POST /connect-sessions answers ${response.status} ${session.status}.`;
      const after =
        session.status === 'pending' ? await json(`${url}/connect-sessions/${session.session_id}`) : session;
      if (after.status !== 'connected') return { answer, failure: `the connect session is ${after.status}` };
      connectionIds.set(integration, String(after.connection_id));
      const view = (await integrations()).find((one) => one.integration === integration);
      return view?.status === 'configured' ? { answer } : { answer, failure: view?.reason ?? 'it is not linked' };
    },
    read: async (integration) => {
      const token = await json(`${url}/connections/${connectionIds.get(integration)}/token?tenant=${tenant}`);
      if (token.access_token === undefined) return { kind: 'failed', because: `its token is refused (${token.code})` };
      const status = await readFromSalesforce(String(token.instance_url), String(token.access_token));
      return status === 200 ? { kind: 'read' } : { kind: 'failed', because: `Salesforce answered ${status}` };
    },
    configured: async () =>
      (await integrations())
        .filter(({ status }) => status === 'configured')
        .map(({ integration }) => integration)
        .sort(),
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
