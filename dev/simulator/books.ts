/**
 * The simulator's own books: what really happened at Salesforce, for tests and the console to compare with what
 * Grantkeeper believes. They hold digests of tokens, never tokens.
 */
import { AppPolicyBook, type AppPolicyBookState } from './app-policy-book.ts';
import { CodeBook, type CodeBookState } from './code-book.ts';
import { digestOf, fingerprintOf } from './fingerprint.ts';
import {
  type EndedBy,
  evictorOf,
  type Grant,
  GrantBook,
  type GrantBookState,
  type GrantFilter,
  isLive,
} from './grant-book.ts';
import { LoginBook, type LoginBookState } from './login-book.ts';
import { copyOrgs, findUser, inactivityOf, type Person, type SimulatorOrg } from './orgs.ts';
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
  /** Absent in a state of the release before. */
  inactiveOrgIds?: string[];
  lockedUserIds?: string[];
  policies?: AppPolicyBookState;
  logins?: LoginBookState;
  grants: GrantBookState;
  sessions: SessionBookState;
  codes: CodeBookState;
  log: RequestLogState;
}

/** A grant that one too many of the same user and app ended. */
export interface Eviction {
  grantId: string;
  clientId: string;
  userId: string;
  at: number;
  /** The id of the grant that took its place. */
  byGrantId: string;
  /** As in Grantkeeper's ledger: of the first refresh token of the evicted grant. */
  fingerprint: string;
}

export class Books {
  readonly orgs: readonly SimulatorOrg[];
  /** For the endpoints, which write in them inside `change`. */
  readonly ledger: GrantBook;
  readonly sessions: SessionBook;
  readonly codes: CodeBook;
  readonly log: RequestLog;
  /** What an administrator set for an app. */
  readonly policies: AppPolicyBook;
  readonly logins: LoginBook;
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
    this.policies = new AppPolicyBook(state?.policies);
    this.logins = new LoginBook(state?.logins);
    if (state !== undefined) this.#takeUpInactivity(state);
  }

  #takeUpInactivity({ inactiveUserIds, inactiveOrgIds = [], lockedUserIds = [] }: BooksState): void {
    for (const org of this.orgs) {
      org.active = !inactiveOrgIds.includes(org.id);
      for (const user of org.users) {
        user.active = !inactiveUserIds.includes(user.id);
        user.locked = lockedUserIds.includes(user.id);
      }
    }
  }

  state(): BooksState {
    const users = this.orgs.flatMap((org) => org.users);
    return {
      inactiveUserIds: users.filter((user) => !user.active).map((user) => user.id),
      inactiveOrgIds: this.orgs.filter((org) => org.active === false).map((org) => org.id),
      lockedUserIds: users.filter((user) => user.locked).map((user) => user.id),
      policies: this.policies.state(),
      logins: this.logins.state(),
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

  /** How many authorizations were exchanged, those included that got no refresh token or were ended since. */
  authorizations(filter?: GrantFilter): number {
    return this.ledger.list(filter).filter((grant) => grant.flow === undefined).length;
  }

  /** Which grants were evicted, ever (the books forget the longest ended of 20,000), oldest first. */
  evictions(filter?: GrantFilter): Eviction[] {
    return this.ledger.list(filter).flatMap((grant) => {
      const { id: grantId, clientId, userId, endedAt: at, firstRefreshTokenFingerprint: fingerprint } = grant;
      const byGrantId = evictorOf(grant);
      if (byGrantId === undefined || at === undefined || fingerprint === undefined) return [];
      return [{ grantId, clientId, userId, at, byGrantId, fingerprint }];
    });
  }

  /** The newest requests to revoke, oldest first; `revoked` says what each ended. */
  revocations(): LoggedRequest[] {
    return this.log.list({ endpoint: 'revoke' });
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
    if (found?.current !== true || !isLive(found.grant)) return false;
    const person = this.person(found.grant.userId);
    return inactivityOf(person) === undefined && person?.user.locked !== true;
  }

  /** The grant that a refresh token belongs or, rotated out or ended, belonged to. */
  grantOfRefreshToken(token: string): Grant | undefined {
    return this.ledger.ofRefreshToken(token)?.grant;
  }

  /** The grant whose first refresh token has this fingerprint, as Grantkeeper's ledger names it. */
  grantOfFingerprint(fingerprint: string): Grant | undefined {
    return this.ledger.list().find((grant) => grant.firstRefreshTokenFingerprint === fingerprint);
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

  hasLiveSession(grantId: string): boolean {
    return this.sessions.allLive(this.#now()).some((session) => session.grantId === grantId);
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

  /** Ends all grants of an app, in every organization: a staged client secret was applied, or the app was blocked. */
  revokeApp(clientId: string): number {
    return this.change(() => {
      const ended = this.grants({ clientId }).filter((grant) => this.endGrant(grant.id, 'admin'));
      return ended.length;
    });
  }

  /**
   * The grants stay, but their refresh tokens are refused while the user is inactive. Sessions end at once or run out by
   * themselves: both are reported (switch `deactivationEndsSessions`).
   */
  deactivateUser(userId: string, { endSessions = true }: Deactivation = {}): boolean {
    return this.change(() => {
      const person = this.person(userId);
      if (person === undefined) return false;
      person.user.active = false;
      if (endSessions) this.#endSessions({ userId });
      return true;
    });
  }

  /** As of all its users, who remain what they are. */
  deactivateOrg(orgId: string, { endSessions = true }: Deactivation = {}): boolean {
    return this.change(() => {
      if (!this.#setOrgActive(orgId, false)) return false;
      if (endSessions) this.#endSessions({ orgId });
      return true;
    });
  }

  reactivateOrg(orgId: string): boolean {
    return this.change(() => this.#setOrgActive(orgId, true));
  }

  #setOrgActive(orgId: string, active: boolean): boolean {
    const org = this.orgs.find((candidate) => candidate.id === orgId);
    if (org !== undefined) org.active = active;
    return org !== undefined;
  }

  #endSessions(filter: GrantFilter): void {
    for (const grant of this.grants(filter)) this.sessions.endOfGrant(grant.id);
  }

  reactivateUser(userId: string): boolean {
    return this.change(() => {
      const person = this.person(userId);
      if (person !== undefined) person.user.active = true;
      return person !== undefined;
    });
  }

  /** Nobody logs in as this user, and its refresh tokens are refused; sessions go on. */
  lockUser(userId: string, locked = true): boolean {
    return this.change(() => {
      const person = this.person(userId);
      if (person !== undefined) person.user.locked = locked;
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

interface Deactivation {
  /** @default true */
  endSessions?: boolean;
}

const requestsShown = 200;
