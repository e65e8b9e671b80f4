/**
 * The book of sessions: which access tokens work, and until when.
 *
 * A session ends after an idle time; use of the API extends it (salesforce-oauth.md, section 6). An ended session is
 * forgotten, for Salesforce answers an ended one and an unknown one alike.
 */
import { digestOf, fingerprintOf } from './fingerprint.ts';

export interface Session {
  /** Of the access token. */
  fingerprint: string;
  grantId: string;
  issuedAt: number;
  lastUsedAt: number;
  timeoutMs: number;
}

interface SessionRecord extends Session {
  digest: string;
}

export type SessionBookState = SessionRecord[];

export class SessionBook {
  readonly #records = new Map<string, SessionRecord>();
  /** The newest access token by grant. In memory only: neither the state nor a view has it. */
  readonly #remembered = new Map<string, string>();

  constructor(state: SessionBookState = []) {
    for (const record of state) this.#records.set(record.digest, { ...record });
  }

  state(): SessionBookState {
    return structuredClone([...this.#records.values()]);
  }

  open(token: string, grantId: string, at: number, timeoutMs: number): void {
    for (const record of this.#records.values()) {
      if (record.grantId === grantId && endsAt(record) <= at) this.#records.delete(record.digest);
    }
    const digest = digestOf(token);
    const fingerprint = fingerprintOf(digest);
    this.#records.set(digest, { digest, fingerprint, grantId, issuedAt: at, lastUsedAt: at, timeoutMs });
  }

  /** The session of `token`, if it lives at `at`. */
  live(token: string, at: number): Session | undefined {
    const record = this.#records.get(digestOf(token));
    return record !== undefined && endsAt(record) > at ? { ...record } : undefined;
  }

  /** For Salesforce may answer several logins with one access token; a restart forgets it. */
  remember(grantId: string, token: string): void {
    this.#remembered.set(grantId, token);
  }

  /** The remembered access token of a grant, while its session lives. */
  tokenAgain(grantId: string, at: number): string | undefined {
    const token = this.#remembered.get(grantId);
    return token !== undefined && this.live(token, at) !== undefined ? token : undefined;
  }

  allLive(at: number): Session[] {
    return [...this.#records.values()].filter((record) => endsAt(record) > at).map(({ digest: _, ...view }) => view);
  }

  extend(token: string, at: number): void {
    const record = this.#records.get(digestOf(token));
    if (record !== undefined) record.lastUsedAt = at;
  }

  end(token: string): boolean {
    return this.#records.delete(digestOf(token));
  }

  endOfGrant(grantId: string): void {
    for (const record of this.#records.values()) {
      if (record.grantId === grantId) this.#records.delete(record.digest);
    }
  }
}

export function endsAt(session: Session): number {
  return session.lastUsedAt + session.timeoutMs;
}
