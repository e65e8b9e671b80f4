/**
 * What users and services of a customer do, so that a person at the console need not: users go the whole way of the connect
 * flow, and a service calls Salesforce with the token that it read. All over HTTP, as they would.
 */
import { createHash } from 'node:crypto';
import type { Ports } from '../../../functions/core/ports.ts';
import type { Simulator, SimulatorOrg } from '../../simulator/simulator.ts';

export interface CustomerSources {
  readonly ports: Pick<Ports, 'store' | 'publicUrl'>;
  readonly simulator: Simulator;
}

const app = 'crm';
const timeoutMs = 30_000;
const connectionsAtMost = 100;

/** Each user of an org, one after the other; whoever is connected already spends no grant. Answers what became of it. */
export async function connectUsers(
  { ports, simulator }: CustomerSources,
  { name, users }: SimulatorOrg,
): Promise<string> {
  const outcomes: string[] = [];
  for (const { username } of users) outcomes.push(await connectUser(ports.publicUrl, simulator, username));
  const count = (outcome: string) => outcomes.filter((one) => one === outcome).length;
  const failed = outcomes.length - count('connected') - count('was connected');
  return `${name}: ${count('connected')} connected, ${count('was connected')} had been, ${failed} could not be.`;
}

async function connectUser(url: string, simulator: Simulator, username: string): Promise<string> {
  const [local = '', domain = ''] = username.split('@');
  const order = { app, tenant: domain.split('.')[0], integration: `sync-${local}` };
  const session = await json(`${url}/connect-sessions`, order);
  if (session.status === 'connected') return 'was connected';
  if (typeof session.connect_url !== 'string') return String(session.code);
  const opened = await request(session.connect_url, { redirect: 'manual' });
  const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
  await opened.body?.cancel();
  const callback = await request(decided(simulator, opened.headers.get('location') ?? '', username), {
    headers: { cookie },
    redirect: 'manual',
  });
  await callback.body?.cancel();
  return String((await json(`${url}/connect-sessions/${session.session_id}`)).status);
}

/** A user who may not log in stays on Salesforce's page: then the link is left open, as he would leave it. */
function decided(simulator: Simulator, location: string, username: string): string {
  try {
    return simulator.authorize(location, { username, decision: 'allow' });
  } catch {
    return location;
  }
}

/**
 * A service of each connection of an org that works, or of the first one only, reads its token and calls Salesforce. On a
 * 401 it says which token was rejected, as every service should: that is what makes Grantkeeper look at once, long before
 * the next refresh is due.
 */
export async function useTokens(
  { ports }: Pick<CustomerSources, 'ports'>,
  org: SimulatorOrg,
  atMost: number,
): Promise<string> {
  const { items } = await ports.store.listConnections({ app, orgId: org.id, status: 'active' }, connectionsAtMost);
  const used = items.filter(({ failingSince }) => failingSince === undefined).slice(0, atMost);
  if (used.length === 0) return `${org.name} has no connection that works: connect its users first.`;
  const told = await Promise.all(used.map(({ id }) => useToken(`${ports.publicUrl}/connections/${id}/token`)));
  return `${org.name}: ${Object.entries(countOf(told))
    .map(([what, count]) => `${count} × ${what}`)
    .join('; ')}.`;
}

async function useToken(address: string): Promise<string> {
  const token = await json(address);
  if (typeof token.access_token !== 'string') return `no token, but ${token.code}`;
  const answer = await request(new URL('/services/data/v62.0/limits', String(token.instance_url)), {
    headers: { authorization: `Bearer ${token.access_token}` },
  });
  await answer.body?.cancel();
  if (answer.status !== 401) return `Salesforce answered ${answer.status}`;
  const next = await json(address, {
    rejected_token_sha256: createHash('sha256').update(token.access_token).digest('hex'),
  });
  return `Salesforce answered 401, and Grantkeeper, told so, ${next.access_token === undefined ? next.code : 'a new token'}`;
}

function countOf(all: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1);
  return Object.fromEntries(counts);
}

/** POST where there is a body. */
async function json(url: string, body?: unknown): Promise<Record<string, unknown>> {
  const posted = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  return (await (await request(url, body === undefined ? {} : posted)).json()) as Record<string, unknown>;
}

function request(url: string | URL, init: RequestInit): Promise<Response> {
  return fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
}
