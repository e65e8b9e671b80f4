/**
 * The log of requests that reached the simulator: the newest as a list, all of them in counters.
 *
 * A request is written down when it arrives, as `pending`, and gets its outcome when it was processed; so a request
 * that is still in flight, or whose process died, can be seen.
 */

export type Endpoint = 'authorize' | 'decide' | 'token' | 'revoke' | 'introspect' | 'identity' | 'rest';

export interface LoggedRequest {
  number: number;
  endpoint: Endpoint;
  /** Of requests to the token endpoint. */
  grantType?: string;
  /** When it arrived, in milliseconds since the epoch. */
  at: number;
  /** `pending`, `ok`, or the error: `invalid_grant: expired access/refresh token`. */
  outcome: string;
  clientId?: string;
  grantId?: string;
  /** Of a revocation that succeeded: what was revoked. */
  revoked?: 'access_token' | 'refresh_token';
  /** It was processed, but its answer was dropped. */
  answerLost?: true;
}

export interface RequestFilter {
  endpoint?: Endpoint;
  grantType?: string;
}

export interface RequestLogState {
  total: number;
  counts: Record<string, number>;
  requests: LoggedRequest[];
}

export const requestsKept = 2_000;

export class RequestLog {
  readonly #requests: LoggedRequest[];
  readonly #counts: Map<string, number>;
  #total: number;

  constructor(state?: RequestLogState) {
    this.#requests = structuredClone(state?.requests ?? []);
    this.#counts = new Map(Object.entries(state?.counts ?? {}));
    this.#total = state?.total ?? 0;
  }

  state(): RequestLogState {
    return { total: this.#total, counts: this.counts(), requests: structuredClone(this.#requests) };
  }

  arrived(endpoint: Endpoint, at: number, grantType?: string): LoggedRequest {
    this.#total += 1;
    const entry: LoggedRequest = {
      number: this.#total,
      endpoint,
      ...(grantType && { grantType }),
      at,
      outcome: 'pending',
    };
    this.#requests.push(entry);
    if (this.#requests.length > requestsKept) this.#requests.shift();
    this.#count(nameOf(entry));
    return entry;
  }

  settled(
    entry: LoggedRequest,
    settlement: Pick<LoggedRequest, 'outcome' | 'clientId' | 'grantId' | 'revoked' | 'answerLost'>,
  ): void {
    Object.assign(entry, settlement);
    this.#count(`${nameOf(entry)} → ${entry.outcome}`);
  }

  /** The newest requests, oldest first. */
  list(filter: RequestFilter = {}): LoggedRequest[] {
    return this.#requests
      .filter((entry) => filter.endpoint === undefined || entry.endpoint === filter.endpoint)
      .filter((entry) => filter.grantType === undefined || entry.grantType === filter.grantType)
      .map((entry) => ({ ...entry }));
  }

  /** All requests ever, by `token refresh_token` and by `token refresh_token → ok`. */
  counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  #count(name: string): void {
    // Names come from requests; an endless variety of them is counted as one.
    const known = this.#counts.has(name) || this.#counts.size < countersKept;
    const counter = known ? name : 'others';
    this.#counts.set(counter, (this.#counts.get(counter) ?? 0) + 1);
  }
}

const countersKept = 500;

function nameOf({ endpoint, grantType }: LoggedRequest): string {
  return grantType === undefined ? endpoint : `${endpoint} ${grantType}`;
}
