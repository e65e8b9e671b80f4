/**
 * What each process sent, what Salesforce answered, what must hold. A process ends with its function, after 60 s.
 */
import assert from 'node:assert/strict';
import { decideClaim, withdrawClaim } from '../../functions/core/claim.ts';
import type { Connection } from '../../functions/core/connection.ts';
import type { FailureClass } from '../../functions/core/error-table.ts';
import { type Grant, generationOf, type Lease, leaseLives } from '../../functions/core/grant.ts';
import { decideReadMark, decideRejection } from '../../functions/core/read-decision.ts';
import type { NewTokens, SentAttempt } from '../../functions/core/sent-attempt.ts';
import { decideCommit } from '../../functions/core/settle-commit.ts';
import { decideNoAnswer } from '../../functions/core/settle-no-answer.ts';
import { decideRefusal } from '../../functions/core/settle-refusal.ts';
import { revokeDutyId } from '../../functions/core/settle-superseded.ts';
import { decideStoreGrant } from '../../functions/core/store-grant.ts';
import { aConnection, aGrant, noon } from '../contract/items.ts';
import type { Step } from './lease-steps.ts';

const functionTimeoutMs = 60_000;
interface InFlight extends SentAttempt {
  readonly begunAt: number;
}

export class World {
  now = noon;
  item: Connection = aConnection(1, {}, { grant: aGrant('g0', { refreshToken: 'g0/0' }), nextRefreshAt: noon });
  inFlight: InFlight[] = [];
  /** Per grant: the newest refresh token that reached us, and its order among the authorizations. */
  readonly newest = new Map([['g0', 'g0/0']]);
  readonly order = new Map([['g0', { at: noon, id: 'g0' }]]);
  /** Per generation: the attempts that ended without an answer. */
  readonly unsettled = new Map<string, string[]>();
  readonly deaths = new Map<string, { attempt: string; at: number }[]>();
  #made = 0;

  id(): string {
    this.#made += 1;
    return `a${String(this.#made).padStart(3, '0')}`;
  }

  play(one: Step): void {
    this.inFlight = this.inFlight.filter((sent) => this.#lives(sent));
    const before = this.item;
    const ended = this.#act(one);
    this.#check(before, one, ended);
  }

  /** Answers the attempt that this step settled, if it settled one. */
  #act(one: Step): SentAttempt | undefined {
    switch (one.kind) {
      case 'pass':
        this.now += one.ms;
        return undefined;
      case 'claim':
        return this.#claim(one.behind);
      case 'authorize':
        return this.#authorize(one.at);
      case 'read':
        this.#put(decideReadMark(this.item));
        return undefined;
      case 'reject':
        return this.#reject();
      default:
        return this.#settle(one);
    }
  }

  #claim(behind: number): undefined {
    const { grantId, refreshes } = generationOf(this.item.grant!);
    const request = {
      version: 1,
      connectionId: this.item.id,
      generation: { grantId, refreshes: refreshes - behind },
      reason: 'due',
    } as const;
    const id = this.id();
    const decision = decideClaim(this.item, request, this.now, id);
    if (decision.kind !== 'claim') return;
    assert.equal(behind, 0, 'a claim on a generation that has passed');
    assert.ok(!leaseLives(this.item.grant!, this.now), 'a claim over a live lease');
    assert.ok(!this.inFlight.some((sent) => sent.generation.grantId === grantId), 'two requests in flight for a grant');
    this.item = decision.after;
    assert.equal(decideClaim(this.item, request, this.now, id).kind, 'claimed');
    this.inFlight.push({
      id,
      generation: { grantId, refreshes },
      loginUrl: 'https://login.salesforce.com',
      begunAt: this.now,
    });
  }

  #authorize(at: number): undefined {
    const id = `g${this.id()}`;
    const grant: Grant = { ...aGrant(id, { refreshToken: `${id}/0` }), refreshedAt: this.now, issuedAt: this.now };
    const { app, orgId, userId, flow } = this.item;
    // Answers of Salesforce arrive in any order: some of these were issued before what is stored.
    const authorizedAt = noon + at * 60_000;
    const link = { sessionId: id, tenant: 't', integration: 'i' };
    const incoming = {
      connectionId: this.item.id,
      app,
      orgId,
      userId,
      flow,
      authorizedAt,
      begunAt: this.now,
      grant,
      link,
    };
    const decision = decideStoreGrant(this.item, incoming, this.now, 0.5);
    assert.ok(decision.kind === 'store' || decision.kind === 'older');
    this.item = decision.after;
    assert.equal(decideStoreGrant(this.item, incoming, this.now, 0.5).kind, 'stored');
    this.newest.set(id, `${id}/0`);
    this.order.set(id, { at: authorizedAt, id });
  }

  #settle(one: Extract<Step, { pick: number }>): SentAttempt | undefined {
    const sent = this.inFlight[one.pick % Math.max(1, this.inFlight.length)];
    if (sent === undefined) return undefined;
    this.inFlight = this.inFlight.filter((other) => other !== sent);
    switch (one.kind) {
      case 'tokens':
        this.#commit(sent, one.rotated, one.identityChanged);
        return sent;
      case 'refuse':
        this.#refuse(sent, one.class, one.fraction);
        return sent;
      case 'withdraw':
        this.#put(withdrawClaim(this.item, sent.id, this.now));
        assert.ok(!this.item.grant!.attempts.some(({ id }) => id === sent.id), 'a withdrawn claim left its attempt');
        return sent;
      case 'silence':
        this.#put(decideNoAnswer(this.item, sent, 'timeout', this.now, one.fraction));
        this.#unsettle(sent);
        return undefined;
      case 'crash':
        this.#unsettle(sent);
        return undefined;
    }
  }

  #commit(sent: SentAttempt, rotated: boolean, identityChanged: boolean): void {
    const { grantId, refreshes } = sent.generation;
    const token = rotated ? `${grantId}/${refreshes + 1}` : this.newest.get(grantId);
    const made: NewTokens = {
      accessToken: `access of ${sent.id}`,
      accessTokenSha256: sent.id,
      refreshToken: token,
      issuedAt: this.now,
      expiresAt: this.now + 7_200_000,
      refreshAfter: this.now + 5_400_000,
      instanceUrl: 'https://example.my.salesforce.com',
      rotated,
      identityChanged,
    };
    this.newest.set(grantId, token!);
    const before = this.item.grant!;
    const decision = decideCommit(this.item, sent, made, this.now, 0.5);
    assert.notEqual(decision.kind, 'committed');
    if (decision.kind === 'commit') {
      assert.deepEqual(generationOf(before), sent.generation, 'a commit onto a generation whose token was not sent');
      this.item = decision.after;
      assert.deepEqual(generationOf(this.item.grant!), { grantId, refreshes: refreshes + 1 });
      this.deaths.delete(grantId);
    } else if (decision.kind === 'superseded') {
      assert.notEqual(before.id, grantId);
      this.item = decision.after;
    }
    const again = decideCommit(this.item, sent, made, this.now, 0.5);
    if (decision.kind === 'commit') assert.equal(again.kind, 'committed', 'an own commit was not recognised');
    else if (again.kind !== 'stale') assert.deepEqual('after' in again && again.after, this.item);
  }

  #refuse(sent: SentAttempt, failureClass: FailureClass, at: number): void {
    const refusal = { class: failureClass, error: 'e', description: 'd' };
    if (failureClass === 'dead' && this.item.grant!.id === sent.generation.grantId) {
      const seen = this.deaths.get(sent.generation.grantId) ?? [];
      this.deaths.set(sent.generation.grantId, [...seen, { attempt: sent.id, at: this.now }]);
    }
    const after = decideRefusal(this.item, sent, refusal, this.now, at, this.id());
    this.#put(after);
    if (after === undefined) return;
    const again = decideRefusal(this.item, sent, refusal, this.now, at, 'x');
    if (again !== undefined) assert.deepEqual(again, after, 'a refusal was recorded twice');
    if (failureClass === 'dead' || failureClass === 'admin' || after.grant?.id !== sent.generation.grantId) return;
    assert.ok(after.nextRefreshAt! <= this.now + 3_600_000, 'a backoff of more than an hour');
  }

  #unsettle(sent: SentAttempt): void {
    const key = JSON.stringify(sent.generation);
    this.unsettled.set(key, [...(this.unsettled.get(key) ?? []), sent.id]);
  }

  /** Function timeout. What ends so, ends without an answer. */
  #lives(sent: InFlight): boolean {
    if (this.now < sent.begunAt + functionTimeoutMs) return true;
    this.#unsettle(sent);
    return false;
  }

  #put(after: Connection | undefined): void {
    if (after !== undefined) this.item = after;
  }

  #check(before: Connection, one: Step, settled: SentAttempt | undefined): void {
    const was = before.grant!;
    const is = this.item.grant!;
    const newestAuthorization = [...this.order.values()].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)).at(-1);
    assert.equal(is.id, newestAuthorization?.id, 'not the newest authorization is stored');
    if (is.id === was.id)
      assert.ok(is.refreshes === was.refreshes || (one.kind === 'tokens' && is.refreshes === was.refreshes + 1));
    for (const [grantId, token] of this.newest) this.#checkKept(grantId, token);
    assert.equal(this.item.duties[revokeDutyId(is.id)], undefined, 'the stored grant is owed a revocation');
    if (is.id === was.id) this.#checkLease(was.lease, is.lease, settled);
    this.#checkAttempts(is);
    if (this.item.status === 'reauthorization_required') this.#checkVerdict(is);
  }

  #checkKept(grantId: string, token: string): void {
    const { grant } = this.item;
    const duty = this.item.duties[revokeDutyId(grantId)];
    const held = grant?.id === grantId ? grant.refreshToken : duty?.kind === 'revoke' ? duty.token : undefined;
    assert.equal(held, token, `the newest token of ${grantId} is neither stored nor owed its revocation`);
    if (duty?.kind === 'revoke')
      assert.ok(duty.dueAt >= (duty.lease?.until ?? 0), 'a revocation due before its lease ends');
  }

  #checkLease(was: Lease | undefined, is: Lease | undefined, settled: SentAttempt | undefined): void {
    if (was === undefined || was.until <= this.now || was.attempt === is?.attempt) return;
    assert.equal(settled?.id, was.attempt, 'a live lease was ended by something else than its own answer');
  }

  #checkAttempts(grant: Grant): void {
    const lost = this.unsettled.get(JSON.stringify(generationOf(grant))) ?? [];
    const kept = new Set(grant.attempts.map(({ id }) => id));
    assert.ok(kept.size <= 10);
    if (lost.length < 9) for (const id of lost) assert.ok(kept.has(id), `the unsettled attempt ${id} was forgotten`);
    else assert.ok(kept.has(lost[0]!), 'the oldest unsettled attempt was forgotten');
  }

  #reject(): undefined {
    const decision = decideRejection(this.item, this.item.grant?.accessTokenSha256 ?? '', this.now);
    if (decision.kind === 'reject') this.#put(decision.after);
  }

  #checkVerdict(grant: Grant): void {
    const seen = this.deaths.get(grant.id) ?? [];
    const [first] = seen;
    const last = seen.at(-1);
    assert.ok(first !== undefined && last !== undefined && first.attempt !== last.attempt, 'a verdict of one sighting');
    assert.ok(last.at - first.at >= 5_000, 'a verdict of two sightings less than five seconds apart');
    const { nextRefreshAt } = this.item;
    const until = Math.max((grant.death?.at ?? 0) + 3 * 24 * 3_600_000, this.now + 3_600_000);
    assert.ok(nextRefreshAt === undefined || nextRefreshAt <= until, 'a dead grant is tried again within three days');
  }
}
