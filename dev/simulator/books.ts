/**
 * The simulator's own books: what really happened at Salesforce, for tests and the console to compare with what
 * Grantkeeper believes. They hold digests of tokens, never tokens.
 */
import { CodeBook, type CodeBookState } from './code-book.ts';
import { digestOf, fingerprintOf } from './fingerprint.ts';
import { type EndedBy, type Grant, GrantBook, type GrantBookState, type GrantFilter, isLive } from './grant-book.ts';
import { copyOrgs, findUser, type Person, type SimulatorOrg } from './orgs.ts';
import { type LoggedRequest, type RequestFilter, RequestLog, type RequestLogState } from './request-log.ts';
import { endsAt, type Session, SessionBook, type SessionBookState } from './session-book.ts';

export interface BooksOptions {
  orgs: readonly SimulatorOrg[];
  now: () => number;
  onChange: () => void;
  state?: BooksState;
}

export interface BooksState {
  inactiveUserIds: string[];
  grants: GrantBookState;
  sessions: SessionBookState;
  codes: CodeBookState;
  log: RequestLogState;
}

export class Books {
  readonly orgs: readonly SimulatorOrg[];
  /** For the endpoints, which write in them inside `change`. */
  readonly ledger: GrantBook;
  readonly sessions: SessionBook;
  readonly codes: CodeBook;
  readonly log: RequestLog;
  readonly #now: () => number;
  readonly #onChange: () => void;

  constructor({ orgs, now, onChange, state }: BooksOptions) {
    this.orgs = copyOrgs(orgs);
    this.#now = now;
    this.#onChange = onChange;
    this.ledger = new GrantBook(state?.grants);
    this.sessions = new SessionBook(state?.sessions);
    this.codes = new CodeBook(state?.codes);
    this.log = new RequestLog(state?.log);
    for (const { users } of state === undefined ? [] : this.orgs) {
      for (const user of users) user.active = !state?.inactiveUserIds.includes(user.id);
    }
  }

  state(): BooksState {
    const users = this.orgs.flatMap((org) => org.users);
    return {
      inactiveUserIds: users.filter((user) => !user.active).map((user) => user.id),
      grants: this.ledger.state(),
      sessions: this.sessions.state(),
      codes: this.codes.state(),
      log: this.log.state(),
    };
  }

  /** Runs a change to its end, then reports it once. */
  change<T>(act: () => T): T {
    try {
      return act();
    } finally {
      this.#onChange();
    }
  }

  grants(filter?: GrantFilter): Grant[] {
    return this.ledger.list(filter);
  }

  /** Those whose refresh token works (while their user is active). */
  liveGrants(filter?: GrantFilter): Grant[] {
    return this.ledger.list(filter).filter(isLive);
  }

  /** The newest requests, oldest first; `requestCounts` has them all. */
  requests(filter?: RequestFilter): LoggedRequest[] {
    return this.log.list(filter);
  }

  requestCounts(): Record<string, number> {
    return this.log.counts();
  }

  isLiveAccessToken(token: string): boolean {
    return this.liveSession(token) !== undefined;
  }

  isLiveRefreshToken(token: string): boolean {
    const found = this.ledger.ofRefreshToken(token);
    return found?.current === true && isLive(found.grant) && this.person(found.grant.userId)?.user.active === true;
  }

  /** The grant that a refresh token belongs or, rotated out or ended, belonged to. */
  grantOfRefreshToken(token: string): Grant | undefined {
    return this.ledger.ofRefreshToken(token)?.grant;
  }

  grantOfAccessToken(token: string): Grant | undefined {
    return this.liveSession(token)?.grant;
  }

  fingerprint(token: string): string {
    return fingerprintOf(digestOf(token));
  }

  liveSession(token: string): { session: Session; grant: Grant } | undefined {
    const session = this.sessions.live(token, this.#now());
    const grant = session && this.ledger.find(session.grantId);
    return session && grant && { session, grant };
  }

  person(userId: string): Person | undefined {
    return findUser(this.orgs, (user) => user.id === userId);
  }

  /** Ends a grant and its sessions. False where it is unknown or had ended. Call it inside `change`. */
  endGrant(id: string, endedBy: EndedBy): boolean {
    if (!this.ledger.end(id, endedBy, this.#now())) return false;
    this.sessions.endOfGrant(id);
    return true;
  }

  /** As an administrator does under "OAuth usage". */
  revokeGrant(id: string): boolean {
    return this.change(() => this.endGrant(id, 'admin'));
  }

  /** Ends all grants of an organization; answers how many lived. */
  revokeOrg(orgId: string): number {
    return this.change(() => {
      const ended = this.grants({ orgId }).filter((grant) => this.endGrant(grant.id, 'admin'));
      return ended.length;
    });
  }

  /** Ends the user's sessions; the grants stay, but their refresh tokens are refused while the user is inactive. */
  deactivateUser(userId: string): boolean {
    return this.change(() => {
      const person = this.person(userId);
      if (person === undefined) return false;
      person.user.active = false;
      for (const grant of this.grants({ userId })) this.sessions.endOfGrant(grant.id);
      return true;
    });
  }

  reactivateUser(userId: string): boolean {
    return this.change(() => {
      const person = this.person(userId);
      if (person !== undefined) person.user.active = true;
      return person !== undefined;
    });
  }

  /** Ends one session; its grant lives on. */
  expireSession(accessToken: string): boolean {
    return this.change(() => this.sessions.end(accessToken));
  }

  /** What the console shows. */
  summary(): unknown {
    const sessions = this.sessions.allLive(this.#now());
    return {
      orgs: this.orgs,
      grants: this.grants().map((grant) => ({ ...grant, live: isLive(grant) })),
      sessions: sessions.map((session) => ({ ...session, expiresAt: endsAt(session) })),
      requests: this.requests().slice(-requestsShown),
      requestCounts: this.requestCounts(),
    };
  }
}

const requestsShown = 200;
