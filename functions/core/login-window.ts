/**
 * Logins of one user without a browser: Salesforce takes 3,600 in an hour (facts §8) and then refuses them all, those of
 * other programs too. Where its hour begins is not known, so in no 60 minutes more than the usable share is sent, wherever
 * they begin: a first burst at any pace, then one by one at even steps, long before the limit.
 *
 * Counted by ten minutes; the present ten and the six before them cover every hour that ends now:
 *
 *     earlier[5] … earlier[0] | count          now
 *     └────────── 60 min ─────┴─ since … ──────┘
 *
 * What is counted says nothing of the limit, so a changed `loginsPerHour` counts at once. At most nine small numbers.
 */
export interface LoginWindow {
  /** Begin of the present ten minutes. Milliseconds since the epoch, as every instant here. */
  readonly since: number;
  /** Logins in them. */
  readonly count: number;
  /** Logins in the ten minutes before, and before those, at most six; without the noughts at the end. @default none */
  readonly earlier?: readonly number[];
  /** Of the last login. */
  readonly lastAt?: number;
}

/** One more was sent. */
export function withLogin(window: LoginWindow | undefined, now: number): LoginWindow {
  const open = windowAt(window, now);
  return { ...open, count: open.count + 1, lastAt: now };
}

/** When the next may be sent; not later than `now`: at once. */
export function nextLoginAt(window: LoginWindow | undefined, loginsPerHour: number, now: number): number {
  const open = windowAt(window, now);
  const usable = Math.max(1, Math.floor(loginsPerHour * usableShare));
  const free = Math.floor(usable * freeShare);
  const sent = totalOf(open);
  if (sent < free) return now;
  // What is left is spread over all that is counted, so the usable share is never reached by a user of one program.
  const stepMs = Math.ceil(coveredMs / (usable - free));
  const paced = open.lastAt === undefined ? now : open.lastAt + stepMs;
  const at = sent < usable ? paced : Math.max(paced, roomAt(open, usable));
  // A clock that ran ahead must not keep a user out for longer than anything is counted.
  return Math.min(Math.max(now, at), now + coveredMs);
}

const tenMinutesMs = 600_000;
const earlierAtMost = 6;
const coveredMs = (earlierAtMost + 1) * tenMinutesMs;
const freeShare = 0.5;
/** Never the whole: other programs log in as that user too. */
const usableShare = 0.9;

/** As it stands at `now`: whole ten minutes move on, and what is older than an hour is forgotten. */
function windowAt(window: LoginWindow | undefined, now: number): LoginWindow {
  if (window === undefined) return { since: now, count: 0 };
  const steps = Math.max(0, Math.floor((now - window.since) / tenMinutesMs));
  if (steps === 0) return window;
  // After an hour of rest nothing is left of it: the next ten minutes begin anew.
  if (steps > earlierAtMost) return { since: now, count: 0, ...(window.lastAt && { lastAt: window.lastAt }) };
  const rest = Array.from({ length: steps - 1 }, () => 0);
  const earlier = withoutLastNoughts([...rest, window.count, ...(window.earlier ?? [])].slice(0, earlierAtMost));
  const { earlier: _moved, ...others } = window;
  const since = window.since + steps * tenMinutesMs;
  return { ...others, since, count: 0, ...(earlier.length > 0 && { earlier }) };
}

function withoutLastNoughts(counts: readonly number[]): readonly number[] {
  return counts.slice(0, counts.findLastIndex((count) => count > 0) + 1);
}

function totalOf({ count, earlier = [] }: LoginWindow): number {
  return earlier.reduce((sum, one) => sum + one, count);
}

/** When so much of the oldest has left that one more is within the usable share. */
function roomAt({ since, count, earlier = [] }: LoginWindow, usable: number): number {
  const all = [count, ...earlier];
  let left = all.reduce((sum, one) => sum + one, 0);
  for (let oldest = all.length - 1; oldest >= 0; oldest -= 1) {
    left -= all[oldest] ?? 0;
    if (left < usable) return since + (earlierAtMost + 1 - oldest) * tenMinutesMs;
  }
  return since + coveredMs;
}
