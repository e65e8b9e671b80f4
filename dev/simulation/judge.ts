/** What must hold at rest: the store against Salesforce's books, promise by promise. */
import type { Connection } from '../../functions/core/connection.ts';
import type { Grant } from '../../functions/core/grant.ts';
import { sessionStatus } from '../../functions/core/session-step.ts';
import type { Actors, Connecting } from './actors.ts';
import { clearMark } from './cleartext.ts';
import { processOf } from './ids.ts';
import { judgeLinks } from './judge-links.ts';
import { judgeLoginConnection, judgeLogins } from './judge-logins.ts';
import { judgeSpikes } from './judge-spikes.ts';
import { judgeLedgers } from './ledger-rules.ts';
import type { AnsweredToken, Monitor } from './monitor.ts';
import { type BookGrant, tokenOf } from './salesforce-books.ts';
import type { World } from './world.ts';

export interface Ending {
  lostResponseWithRotation: number;
  lostResponseWithout: number;
}

export async function judge(world: World, { connectings, unlinks }: Actors): Promise<Ending> {
  const { monitor } = world;
  const ending: Ending = { lostResponseWithRotation: 0, lostResponseWithout: 0 };
  for (const answer of monitor.answers.values()) judgeAnswer(monitor, answer);
  for (const connecting of connectings) judgeSession(world, connecting);
  judgeLedgers(monitor);
  unlinks.judge();
  for (const integration of monitor.integrations.values()) monitor.configurations.judge(integration);
  await judgeLinks(world);
  judgeLogins(world);
  judgeSpikes(world);
  for (const connection of monitor.connections.values()) {
    if (connection.flow !== 'authorization_code') {
      judgeLoginConnection(world, connection);
      continue;
    }
    judgeConnection(world, connection);
    countLost(world, connection, ending);
  }
  for (const [id, type] of monitor.owedAlerts) {
    if (!monitor.published.has(id))
      monitor.breaks('7 one incident, one alert', `alert ${id} (${type}) was never published`);
  }
  if (world.lifeboat.all().length > 0) monitor.breaks('2 no lost grant', 'the lifeboat is not empty at rest');
  const kept = JSON.stringify([world.store.dump(), world.lifeboat.all()]);
  if (kept.includes(clearMark)) {
    const at = kept.indexOf(clearMark);
    monitor.breaks('8 no secret leaks', `stored in the clear: ${kept.slice(Math.max(0, at - 60), at + 30)}`);
  }
  return ending;
}

/** Died between response and write, or both stores refused. */
function isExcused({ sent }: AnsweredToken): boolean {
  return !sent.process.alive || sent.process.lifeboatRefused === true;
}

/** A token that was answered to us was written, unless its process was killed or both stores refused. */
function judgeAnswer(monitor: Monitor, answer: AnsweredToken): void {
  if (answer.durable || isExcused(answer)) return;
  const { grant, text } = answer;
  if (!grant.alive || text !== tokenOf(grant)) return;
  monitor.breaks('2 no lost grant', `${text} was answered to process ${answer.sent.process.id} and written nowhere`);
}

/** Every stored code answer is linked, with no second authorization, once claimed; every lost one is named. */
function judgeSession(world: World, { sessionId, code }: Connecting): void {
  const { monitor } = world;
  const session = monitor.sessions.get(sessionId);
  if (session === undefined) return;
  const status = sessionStatus(session, world.now());
  const answer = [...monitor.answers.values()].find((one) => one.sent.kind === 'exchange' && one.sent.token === code);
  if (answer?.durable === true) {
    if (status === 'connected') return;
    // Whether something newer came first, `judge-links.ts` looks at.
    if (session.error?.code === 'overtaken') return;
    const unclaimed = session.claim === true && session.claimedAt === undefined;
    if (status === 'failed' && session.error !== undefined && (unclaimed || !lives(monitor, answer.grant))) return;
    monitor.breaks('1 tokens first', `session ${sessionId} ended ${status} though ${answer.text} was stored`);
    return;
  }
  if (status === 'exchanging' || status === 'authorized' || status === 'connected') {
    monitor.breaks('2 no lost grant', `session ${sessionId} is ${status}, and no code answer of it was stored`);
  }
}

function judgeConnection(world: World, connection: Connection): void {
  const { monitor, books } = world;
  const { id, grant, status, orgId, userId } = connection;
  const text = world.sealing.textOf(grant?.refreshToken);
  const stored = text === undefined ? undefined : books.grantOf(text);
  judgeOthers(world, connection, stored);
  if (grant === undefined || stored === undefined || text === undefined) {
    if (status !== 'disconnected') monitor.breaks('stuck', `${id} holds no grant and is ${status}`);
    return;
  }
  const newer = [...monitor.answers.values()].filter(
    ({ durable, sent, grant }) =>
      durable &&
      sent.kind === 'exchange' &&
      grant.orgId === orgId &&
      grant.userId === userId &&
      !monitor.refused.has(grant.number),
  );
  // What was given up, as nobody used it, stands in nobody's way: an older authorization may be stored after it.
  const since = Math.max(stored.issuedAt, monitor.letGo.get(id) ?? 0);
  if (connection.disconnectedAt === undefined && newer.some((one) => one.grant.issuedAt > since)) {
    monitor.breaks('3 one refresh at a time', `${id} does not hold the newest authorization`);
  }
  if (stored.endedBy === 'revoked')
    monitor.breaks('4 we never evict ourselves', `the stored grant of ${id} was revoked`);
  if (stored.endedBy === 'evicted' && !hasOrphanAfter(world, stored)) {
    monitor.breaks('4 we never evict ourselves', `the stored grant of ${id} was evicted by authorizations of ours`);
  }
  const usable = stored.alive && text === tokenOf(stored);
  if (status === 'reauthorization_required') {
    if (usable && (grant.death?.tries ?? 0) < 3)
      monitor.breaks('5 only a dead grant is dead', `${id} is given up, and ${text} lives`);
    const lost = text !== tokenOf(stored) && (stored.alive || stored.endedBy === 'replay');
    if (lost && connection.cause !== 'lost_response' && !mayBeElse(world, connection, grant)) {
      monitor.breaks('2 no lost grant', `${id} lost a response, and says ${connection.cause}`);
    }
    return;
  }
  if (!usable && stored.endedBy !== 'outside' && stored.endedBy !== 'evicted') {
    monitor.breaks(
      '2 no lost grant',
      `${id} is ${status} with ${text}; the current one is ${tokenOf(stored)} (${stored.endedBy ?? 'alive'})`,
    );
  }
  if (connection.nextRefreshAt === undefined) monitor.breaks('stuck', `${id} is ${status} and never looked at again`);
}

/** Others of its org died with it, as many authorizations followed as evict one, or Salesforce blamed the user: nobody can tell. */
function mayBeElse(world: World, connection: Connection, { id, death }: Grant): boolean {
  const blamed = connection.cause === 'user_deactivated_or_password_changed' && world.monitor.blamedOnUser.has(id);
  return blamed || (death?.org?.failed ?? 0) >= 2 || mayBeEvicted(world, connection, id);
}

/** By the ledger, orphans included: they may have made a grant. */
function mayBeEvicted({ monitor, config }: World, { id, app }: Connection, grantId: string): boolean {
  const { entries = [] } = monitor.ledgers.get(id) ?? {};
  const begunAt = entries.find((one) => one.id === grantId)?.begunAt ?? 0;
  const newer = entries.filter((one) => one.begunAt > begunAt && one.outcome !== 'failed');
  return newer.length >= (config.apps[app]?.grantLimit ?? 0);
}

/** One live grant of a user remains, of those whose present token we ever had. */
function judgeOthers(world: World, { id, orgId, userId }: Connection, stored: BookGrant | undefined): void {
  for (const grant of world.books.livingOf(orgId, userId)) {
    if (grant === stored || !world.monitor.holds(grant) || !lives(world.monitor, grant)) continue;
    world.monitor.breaks(
      '4 we never evict ourselves',
      `grant ${grant.number} of ${id} lives, is not stored and was not revoked`,
    );
  }
}

/** At Salesforce, and its revocation was not given up. */
function lives(monitor: Monitor, grant: BookGrant): boolean {
  return grant.alive && !isGivenUp(monitor, grant);
}

/** After seven days, with an alert. */
function isGivenUp({ exchanged, givenUp }: Monitor, grant: BookGrant): boolean {
  return [...givenUp].some((id) => exchanged.get(processOf(id)) === grant);
}

/** Authorizations that never reached us, or that were refused, took the room; how much, `requests.ts` looks at as it happens. */
function hasOrphanAfter(world: World, stored: BookGrant): boolean {
  return world.books.grants.some(
    (grant) =>
      grant.orgId === stored.orgId &&
      grant.userId === stored.userId &&
      grant !== stored &&
      (!world.monitor.durable.has(grant.number) || world.monitor.refused.has(grant.number)),
  );
}

function countLost(world: World, { id, cause, status, grant }: Connection, ending: Ending): void {
  if (status !== 'reauthorization_required' || cause !== 'lost_response') return;
  if (world.books.switches.rotation) {
    ending.lostResponseWithRotation += 1;
    return;
  }
  const stored = world.monitor.grantOf(grant?.refreshToken);
  // Ended by somebody else while an answer was out: nobody can tell the two apart.
  if (stored?.endedBy === 'outside' || stored?.endedBy === 'evicted') return;
  ending.lostResponseWithout += 1;
  world.monitor.breaks('2 no lost grant', `${id} says lost_response, and there is no rotation`);
}
