/** What people, services and Lambdas do in scenes, and in the tests that go on from them. */
import assert from 'node:assert/strict';
import { type Flow, user } from '../../test/support/flow.ts';
import type { UpgradeWorld } from './upgrade-world.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
/** Of a session of two hours. */
export const dueMs = 1.5 * hourMs;

/** Between two sightings of a dead grant. */
export const confirmMs = 5_000;
/** What Salesforce says where it does not revoke yet. */
export const revokedLater = {
  endpoint: 'revoke',
  error: 'server_error',
  error_description: 'later',
  status: 503,
} as const;

const order = { app: 'crm', tenant: 'acme', integration: 'sync' };

/** A connection that was just made, its first round of duties done. */
export async function freshConnection(flow: Flow): Promise<string> {
  const { connectionId } = await flow.connect();
  await flow.stack.tick();
  return connectionId;
}

/** A connection whose refresh is due now. */
export async function dueConnection(flow: Flow): Promise<string> {
  const connectionId = await freshConnection(flow);
  flow.clock.advance(dueMs);
  return connectionId;
}

interface Started {
  readonly id: string;
  readonly url: string;
}

export async function startSession({ flow }: UpgradeWorld, more: object = {}): Promise<Started> {
  const { status, body } = await flow.api('POST', '/connect-sessions', { ...order, ...more });
  assert.equal(status, 201, JSON.stringify(body));
  return { id: body.session_id, url: body.connect_url };
}

/** From the link to the callback, as the first user. */
export async function walk({ flow }: UpgradeWorld, url: string) {
  const person = flow.browser();
  return person.get(flow.simulator.authorize(await person.open(url), { username: user, decision: 'allow' }));
}

/** A session of which the callback was called; answers its id. */
export async function toCallback(world: UpgradeWorld, more: object = {}): Promise<string> {
  const { id, url } = await startSession(world, more);
  await walk(world, url);
  return id;
}

export async function refreshOf({ flow }: UpgradeWorld, connectionId: string, reason = 'due'): Promise<unknown> {
  const { grant } = (await flow.stack.ports.store.connections.read(connectionId)) ?? {};
  const generation = { grantId: grant?.id, refreshes: grant?.refreshes };
  return flow.stack.handlers.refresh({ version: 1, connectionId, generation, reason });
}
