/**
 * Logins of one user by assertion, counted by the hour: Salesforce takes 3,600 an hour and user (facts §8) and then refuses
 * them all, those of other programs too. So we slow down before: of what an hour may have, half at any pace, the rest
 * spread evenly over the hour.
 *
 * Any sixty minutes overlap two of our hours at most, so each may have half of what is usable: how Salesforce cuts its
 * hours is not known.
 */
export interface LoginWindow {
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly count: number;
}

const hourMs = 3_600_000;
const freeShare = 0.5;
/** Never the whole: other programs log in as that user too. */
const usableShare = 0.9;

/** How the window stands at `now`: an hour after its begin a new one begins. */
export function windowAt(window: LoginWindow | undefined, now: number): LoginWindow {
  return window === undefined || now - window.since >= hourMs ? { since: now, count: 0 } : window;
}

/** One more was sent. */
export function withLogin(window: LoginWindow | undefined, now: number): LoginWindow {
  const open = windowAt(window, now);
  return { ...open, count: open.count + 1 };
}

/** Two counts of one user become one: where their hours differ, it ends when the later one does. */
export function joinedWindows(one: LoginWindow | undefined, other: LoginWindow, now: number): LoginWindow {
  const { since, count } = windowAt(one, now);
  return count === 0 ? other : { since: Math.max(since, other.since), count: count + other.count };
}

/** When the next may be sent; not later than `now`: at once. */
export function nextLoginAt(window: LoginWindow | undefined, loginsPerHour: number, now: number): number {
  const { since, count } = windowAt(window, now);
  const ofOneHour = Math.max(1, Math.floor((loginsPerHour * usableShare) / 2));
  const free = Math.ceil(ofOneHour * freeShare);
  if (count < free) return now;
  if (count >= ofOneHour) return since + hourMs;
  // The paced ones are due at even steps through the hour; who comes later than its step waits for nothing.
  return Math.max(now, since + Math.ceil(((count - free + 1) * hourMs) / (ofOneHour - free + 1)));
}
