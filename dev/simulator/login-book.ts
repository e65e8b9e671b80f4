/**
 * The book of logins without a browser: Salesforce takes 3,600 an hour and user, of all apps together
 * (salesforce-oauth.md, section 8). How it counts the hour is unknown; here any 60 minutes, which is the strictest.
 */

/** Logins by the minute since the epoch, by user id. */
export type LoginBookState = Record<string, [minute: number, count: number][]>;

export class LoginBook {
  readonly #minutes: Map<string, Map<number, number>>;

  constructor(state: LoginBookState = {}) {
    this.#minutes = new Map(Object.entries(state).map(([userId, counts]) => [userId, new Map(counts)]));
  }

  state(): LoginBookState {
    return Object.fromEntries([...this.#minutes].map(([userId, counts]) => [userId, [...counts]]));
  }

  /** In the last 60 minutes, that of `at` included. */
  count(userId: string, at: number): number {
    const counts = this.#minutes.get(userId);
    if (counts === undefined) return 0;
    const since = minuteOf(at) - 60;
    return [...counts].reduce((sum, [minute, count]) => (minute > since ? sum + count : sum), 0);
  }

  add(userId: string, at: number): void {
    const minute = minuteOf(at);
    const counts = this.#minutes.get(userId) ?? new Map<number, number>();
    for (const old of counts.keys()) if (old <= minute - 60) counts.delete(old);
    counts.set(minute, (counts.get(minute) ?? 0) + 1);
    this.#minutes.set(userId, counts);
  }
}

function minuteOf(at: number): number {
  return Math.floor(at / 60_000);
}
