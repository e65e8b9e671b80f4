/** What must hold at rest of connections without a browser: they work, and the users' hours were never used up. */
import type { Connection } from '../../functions/core/connection.ts';
import type { World } from './world.ts';
import { skewAtMostMs } from './write-rules.ts';

/** Said anew: the issue wants the refresh to slow down before Salesforce's limit, which other programs share. */
const usableShare = 0.9;
/** Two clocks differ, and what is sent takes its time. */
const hourMs = 3_600_000 - 2 * skewAtMostMs;

export function judgeLogins(world: World): void {
  const { config, books, monitor } = world;
  for (const { app, username } of books.logins.users) {
    const usable = Math.floor((config.apps[app]?.loginsPerHour ?? 0) * usableShare);
    const most = mostInAnHour(books.logins.loginsSent.get(username) ?? []);
    if (most > usable) {
      monitor.breaks('the hour is not used up', `${username} logged in ${most} times in an hour; ${usable} are ours`);
    }
  }
}

/** A connection without a browser at rest. */
export function judgeLoginConnection(world: World, { id, status, grant, nextRefreshAt }: Connection): void {
  const { monitor, books, sealing } = world;
  if (status === 'disconnected') return;
  if (grant === undefined) {
    monitor.breaks('stuck', `${id} holds no token and is ${status}`);
    return;
  }
  const token = books.logins.tokenOf(sealing.textOf(grant.accessToken) ?? '');
  if (token?.endedBy === 'revoked' && !monitor.logins.wasRaced(token.text)) {
    monitor.breaks('only a disconnect revokes', `${id} is ${status} with ${token.text}, which we revoked`);
  }
  if (nextRefreshAt === undefined) monitor.breaks('stuck', `${id} is ${status} and never looked at again`);
}

function mostInAnHour(sentAt: readonly number[]): number {
  const sorted = [...sentAt].sort((a, b) => a - b);
  let [first, most] = [0, 0];
  for (const [last, at] of sorted.entries()) {
    while (at - sorted[first]! >= hourMs) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
