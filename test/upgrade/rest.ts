/** Scenes brought to rest: the rounds of the schedule until then, and what the promises say of where they arrive. */
import assert from 'node:assert/strict';
import { hourMs, minuteMs, startSession, walk } from '../../dev/upgrade/scene-acts.ts';
import type { UpgradeWorld } from '../../dev/upgrade/upgrade-world.ts';
import { worksAtSalesforce } from '../support/flow.ts';

/** Between two sightings of a dead grant. */
const confirmMs = 5_000;

/** Round after round of the schedule, a minute apart; who waits for a second sighting is woken. */
export async function minutes({ flow }: UpgradeWorld, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const ticking = flow.stack.tick();
    const ended = ticking.then(() => 'ended' as const);
    const waiting = flow.clock.someoneWaits(confirmMs).then(() => 'waiting' as const);
    if ((await Promise.race([ended, waiting])) === 'waiting') flow.clock.advance(confirmMs);
    await ticking;
    flow.clock.advance(minuteMs);
  }
}

/** What nobody looks at in between: the end of it is done round by round. */
export async function later(world: UpgradeWorld, after: number): Promise<void> {
  await minutes(world, 2);
  world.flow.clock.advance((after - 6) * minuteMs);
  await minutes(world, 4);
}

/** The promises at rest: a token that works, now and after its session, one live grant, and nothing owed. */
export async function lives(world: UpgradeWorld, connection = '', liveGrants: number | 'any' = 1): Promise<void> {
  const { flow } = world;
  const now = await flow.token(connection);
  assert.equal(now.status, 200, JSON.stringify(now.body));
  assert.ok(await worksAtSalesforce(now), 'the token works');
  flow.clock.advance(3 * hourMs);
  await minutes(world, 2);
  const later = await flow.token(connection);
  assert.equal(later.status, 200, JSON.stringify(later.body));
  assert.ok(await worksAtSalesforce(later), 'the stored refresh token is the newest');
  assert.notEqual(later.body.access_token, now.body.access_token);
  if (liveGrants !== 'any') assert.equal(flow.simulator.books.liveGrants().length, liveGrants);
  await owesNothing(world, connection);
}

/** But what the release before does not know: it leaves that alone, and this one does it (`deploys.ts` looks). */
const unknownBefore: ReadonlySet<string> = new Set(['count', 'watch']);

export async function owesNothing({ flow }: UpgradeWorld, connection: string): Promise<void> {
  const item = await flow.stack.ports.store.connections.read(connection);
  assert.deepEqual(
    Object.values(item?.duties ?? {}).filter(({ kind }) => !unknownBefore.has(kind)),
    [],
  );
  assert.equal(item?.grant?.lease, undefined);
}

export async function connectedBy({ flow }: UpgradeWorld, session = ''): Promise<string> {
  const { status, connection_id: id } = (await flow.api('GET', `/connect-sessions/${session}`)).body;
  assert.equal(status, 'connected');
  return id;
}

export async function shown({ flow }: UpgradeWorld, connection = '') {
  const { status, body } = await flow.api('GET', `/connections/${connection}`);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

/** Alerts of failures, in order. */
export function failures({ flow }: UpgradeWorld): string[] {
  const types = flow.stack.alerts().map(({ type }) => type as string);
  return types.filter((type) => /required|misconfigured|spike|fleet/.test(type) && !type.endsWith('_resolved'));
}

export async function isDeadAndTold(world: UpgradeWorld, connection = ''): Promise<void> {
  assert.equal((await shown(world, connection)).status, 'reauthorization_required');
  assert.deepEqual(failures(world), ['reauthorization_required'], 'told once');
  assert.equal((await world.flow.token(connection)).status, 409);
  const { url } = await startSession(world, { reauthorize: true });
  await walk(world, url);
  await minutes(world, 3);
  await lives(world, connection);
}
