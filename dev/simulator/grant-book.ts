/**
 * The book of grants: which live, which refresh token is whose, who ended whom.
 *
 * A user has at most `limit` live grants for one app; one more ends the oldest or the least recently used
 * (salesforce-oauth.md, section 1). Every refresh token counts, so a grant without one is written down but never evicts.
 */
import { digestOf, fingerprintOf } from './fingerprint.ts';

export type EndedBy = 'revoked' | `evicted by ${string}` | 'replay' | 'admin' | 'expired';

/** The flows without a browser. */
export type LoginFlow = 'jwt_bearer' | 'client_credentials';

/** Times are milliseconds since the epoch. */
export interface Grant {
  id: string;
  clientId: string;
  orgId: string;
  userId: string;
  scopes: string[];
  /** How it is asked for without a browser; it has no refresh token, and counts for no limit. Absent: authorized. */
  flow?: LoginFlow;
  createdAt: number;
  /** The last refresh request, failed ones included; or the last login. */
  lastUsedAt: number;
  useCount: number;
  /** Refreshes that were answered with a new access token; or logins after the first. */
  refreshes: number;
  /** Of the current refresh token; absent where the scopes asked for none. */
  refreshTokenFingerprint?: string;
  /** Of the refresh token that the code exchange brought, which no rotation changes: Grantkeeper's ledger has it too. */
  firstRefreshTokenFingerprint?: string;
  endedAt?: number;
  endedBy?: EndedBy;
}

export interface GrantFilter {
  clientId?: string;
  orgId?: string;
  userId?: string;
}

export interface NewGrant {
  clientId: string;
  orgId: string;
  userId: string;
  scopes: string[];
  refreshToken?: string;
}

export interface NewLogin extends Omit<NewGrant, 'refreshToken'> {
  flow: LoginFlow;
}

export interface GrantLimit {
  limit: number;
  eviction: 'oldest' | 'lru';
}

/** A grant with the digests of its refresh tokens: the last one is current, those before are rotated out. */
interface GrantRecord extends Grant {
  tokenDigests: string[];
}

export interface GrantBookState {
  sequence: number;
  records: GrantRecord[];
}

export class GrantBook {
  readonly #records = new Map<string, GrantRecord>();
  readonly #grantIdByDigest = new Map<string, string>();
  #sequence = 0;

  constructor(state?: GrantBookState) {
    this.#sequence = state?.sequence ?? 0;
    for (const record of state?.records ?? []) this.#keep(withFirstFingerprint(structuredClone(record)));
  }

  state(): GrantBookState {
    return { sequence: this.#sequence, records: structuredClone([...this.#records.values()]) };
  }

  /** Writes a new grant down, after ending those that are one too many. */
  open(grant: NewGrant, at: number, { limit, eviction }: GrantLimit): { grant: Grant; evicted: Grant[] } {
    const { refreshToken, ...rest } = grant;
    const id = this.#nextId();
    const evicted = refreshToken === undefined ? [] : this.#makeRoom(grant, `${evictedBy}${id}`, at, limit, eviction);
    const record = this.#write(id, rest, at, refreshToken === undefined ? [] : [digestOf(refreshToken)]);
    return { grant: viewOf(record), evicted };
  }

  /** Writes a login without a browser down: all of a flow, user and app are one entry, which never evicts. */
  loggedIn(login: NewLogin, at: number): Grant {
    const { clientId, orgId, userId, flow } = login;
    const known = this.list({ clientId, orgId, userId }).find(
      (grant) => grant.flow === flow && grant.endedAt === undefined,
    );
    const { id } = known ?? this.#write(this.#nextId(), login, at, []);
    this.used(id, at);
    if (known !== undefined) this.refreshed(id);
    return viewOf(this.#mustFind(id));
  }

  #nextId(): string {
    this.#sequence += 1;
    return `grant-${this.#sequence}`;
  }

  #write(id: string, who: Omit<NewLogin, 'flow'> & { flow?: LoginFlow }, at: number, tokenDigests: string[]) {
    const record = withFirstFingerprint({
      id,
      ...who,
      createdAt: at,
      lastUsedAt: at,
      useCount: 0,
      refreshes: 0,
      tokenDigests,
    });
    this.#keep(record);
    this.#forgetLongEnded();
    return record;
  }

  find(id: string): Grant | undefined {
    const record = this.#records.get(id);
    return record && viewOf(record);
  }

  list(filter: GrantFilter = {}): Grant[] {
    return [...this.#records.values()].filter((record) => matches(record, filter)).map(viewOf);
  }

  /** The grant that `token` belongs or belonged to, and whether it is its current refresh token. */
  ofRefreshToken(token: string): { grant: Grant; current: boolean } | undefined {
    const digest = digestOf(token);
    const record = this.#records.get(this.#grantIdByDigest.get(digest) ?? '');
    return record && { grant: viewOf(record), current: record.tokenDigests.at(-1) === digest };
  }

  used(id: string, at: number): void {
    const record = this.#mustFind(id);
    record.useCount += 1;
    record.lastUsedAt = at;
  }

  /** Counts a refresh; `nextToken` takes the current token's place. */
  refreshed(id: string, nextToken?: string): void {
    const record = this.#mustFind(id);
    record.refreshes += 1;
    if (nextToken === undefined) return;
    record.tokenDigests.push(digestOf(nextToken));
    if (record.tokenDigests.length > rotatedOutKept) this.#grantIdByDigest.delete(record.tokenDigests.shift() ?? '');
    this.#keep(record);
  }

  /** False where the grant is unknown or has ended before. */
  end(id: string, endedBy: EndedBy, at: number): boolean {
    const record = this.#records.get(id);
    if (record === undefined || record.endedAt !== undefined) return false;
    record.endedAt = at;
    record.endedBy = endedBy;
    return true;
  }

  #makeRoom(who: NewGrant, endedBy: EndedBy, at: number, limit: number, eviction: 'oldest' | 'lru'): Grant[] {
    const { clientId, orgId, userId } = who;
    const live = this.list({ clientId, orgId, userId }).filter(isLive);
    // Sorting is stable and the book is in order of opening, so that decides a tie.
    live.sort((a, b) => (eviction === 'lru' ? a.lastUsedAt - b.lastUsedAt : a.createdAt - b.createdAt));
    const evicted = live.slice(0, Math.max(0, live.length - limit + 1));
    for (const grant of evicted) this.end(grant.id, endedBy, at);
    return evicted;
  }

  #keep(record: GrantRecord): void {
    this.#records.set(record.id, record);
    for (const digest of record.tokenDigests) this.#grantIdByDigest.set(digest, record.id);
  }

  #forgetLongEnded(): void {
    if (this.#records.size <= grantsKept) return;
    const oldestEnded = [...this.#records.values()].find((record) => record.endedAt !== undefined);
    if (oldestEnded === undefined) return;
    this.#records.delete(oldestEnded.id);
    for (const digest of oldestEnded.tokenDigests) this.#grantIdByDigest.delete(digest);
  }

  #mustFind(id: string): GrantRecord {
    const record = this.#records.get(id);
    if (record === undefined) throw new Error(`The simulator's books hold no grant "${id}".`);
    return record;
  }
}

/** Of an evicted grant: the grant that took its place. */
export function evictorOf({ endedBy }: Grant): string | undefined {
  return endedBy?.startsWith(evictedBy) ? endedBy.slice(evictedBy.length) : undefined;
}

/** A grant lives while it has a refresh token that works. */
export function isLive(grant: Grant): boolean {
  return grant.endedAt === undefined && grant.refreshTokenFingerprint !== undefined;
}

const evictedBy = 'evicted by ';
const grantsKept = 20_000;
const rotatedOutKept = 1_000;

function matches(grant: Grant, filter: GrantFilter): boolean {
  return (
    (filter.clientId === undefined || grant.clientId === filter.clientId) &&
    (filter.orgId === undefined || grant.orgId === filter.orgId) &&
    (filter.userId === undefined || grant.userId === filter.userId)
  );
}

/** Kept by itself, for a token that was rotated out long ago is forgotten. */
function withFirstFingerprint(record: GrantRecord): GrantRecord {
  const [first] = record.tokenDigests;
  if (record.firstRefreshTokenFingerprint !== undefined || first === undefined) return record;
  return { ...record, firstRefreshTokenFingerprint: fingerprintOf(first) };
}

function viewOf({ tokenDigests, ...grant }: GrantRecord): Grant {
  const current = tokenDigests.at(-1);
  return { ...grant, scopes: [...grant.scopes], ...(current && { refreshTokenFingerprint: fingerprintOf(current) }) };
}
