/**
 * Lets a world come to rest: no more faults, time goes on, the ticks run whenever something is due, until nothing is
 * owed, claimed, in doubt or failing. What does not come to rest is stuck, and that is itself broken.
 */
import type { Connection } from '../../functions/core/connection.ts';
import type { Duty } from '../../functions/core/duty.ts';
import type { Functions } from './functions.ts';
import type { World } from './world.ts';

/** Leases, function timeouts and what Salesforce acts on late. */
const settleMs = 400_000;
const minuteMs = 60_000;
const roundsAtMost = 80;

/** @param ticking the ticks go on while it settles, as they do in reality: for what must be seen in time */
export async function quiesce(world: World, functions: Functions, ticking = false): Promise<void> {
  for (const until = world.now() + settleMs; ticking && world.now() < until; ) {
    void functions.schedule();
    void functions.maintain();
    await world.scheduler.run(world.now() + minuteMs);
  }
  if (!ticking) await world.scheduler.run(world.now() + settleMs);
  for (let rounds = 0; rounds < roundsAtMost; rounds += 1) {
    const next = nextInstant(world);
    if (next === undefined) return;
    // A tick each minute: what is due is looked for at the next one.
    await world.scheduler.run(Math.max(next, world.now()) + 1_500);
    void functions.schedule();
    void functions.maintain();
    await world.scheduler.run(world.now() + minuteMs);
  }
  const what = [...world.monitor.connections.values()]
    .filter((one) => !isCalm(world, one))
    .map(({ id, status }) => `${id} (${status})`);
  world.monitor.breaks(
    'stuck',
    `no rest after ${roundsAtMost} rounds: ${what.join(', ') || 'a duty, or the lifeboat'}`,
  );
}

function nextInstant(world: World): number | undefined {
  const { connections, sessions, others } = world.monitor;
  const instants: number[] = [];
  for (const connection of connections.values()) {
    instants.push(...dueAts(connection.duties));
    if (isCalm(world, connection)) continue;
    if (connection.nextRefreshAt === undefined) {
      world.monitor.breaks('stuck', `${connection.id} (${connection.status}) is not well and never looked at again`);
      continue;
    }
    instants.push(connection.nextRefreshAt);
  }
  for (const session of sessions.values()) instants.push(...dueAts(session.duties));
  for (const other of others.values()) instants.push(...dueAts(other.duties ?? {}));
  // Somebody is about to do something, or something is under way.
  for (const { at } of world.scheduler.pending()) instants.push(at);
  if (world.lifeboat.all().length > 0) instants.push(world.now() + minuteMs);
  return instants.length === 0 ? undefined : Math.min(...instants);
}

function dueAts(duties: Readonly<Record<string, Duty>>): number[] {
  return Object.values(duties).map(({ dueAt }) => dueAt);
}

/** Well, or rightly dead. */
function isCalm(world: World, { grant, status, nextRefreshAt = 0 }: Connection): boolean {
  if (grant === undefined) return true;
  if (status === 'reauthorization_required' && grant.lease === undefined) {
    const text = world.sealing.textOf(grant.refreshToken) ?? '';
    const lives = world.books.grantOf(text)?.alive === true && world.books.isCurrent(text);
    return !lives || (grant.death?.tries ?? 0) >= 3;
  }
  // What Salesforce gives again and again, its session will end.
  const isRepeated = grant.lastFailure?.error === 'token_repeated';
  return (
    status === 'active' &&
    nextRefreshAt > world.now() &&
    (grant.failures === 0 || isRepeated) &&
    grant.lease === undefined &&
    grant.attempts.length === 0 &&
    grant.deadSince === undefined
  );
}
