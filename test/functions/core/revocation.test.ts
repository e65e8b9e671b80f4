import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RevokeDuty } from '../../../functions/core/duty.ts';
import { firstDueAt } from '../../../functions/core/duty.ts';
import type { RawAnswer } from '../../../functions/core/ports.ts';
import { isGivenUp, isRevoked, mayRevoke, taken } from '../../../functions/core/revocation.ts';
import { Secret } from '../../../functions/core/secret.ts';
import { revocationOf } from '../../../functions/core/store-grant.ts';
import { aGrant, dutiesDueAt, noon } from '../../contract/items.ts';

const raw = (status: number, body: string): RawAnswer => ({
  kind: 'answer',
  status,
  contentType: 'x',
  body: new Secret(body),
});
const duty: RevokeDuty = revocationOf(aGrant('g'), noon, noon, 'superseded');

test('a 200 and an invalid_token count as revoked, in JSON and form-encoded', () => {
  for (const answer of [
    raw(200, ''),
    raw(200, '<html>'),
    raw(400, '{"error":"invalid_token"}'),
    raw(400, 'error=invalid_token&error_description=x'),
  ]) {
    assert.equal(isRevoked(answer), true);
  }
});

test('nothing else counts as revoked', () => {
  for (const answer of [
    { kind: 'no_answer', reason: 'timeout' } as const,
    raw(400, '{"error":"unsupported_token_type"}'),
    raw(400, 'error=unsupported_token_type'),
    raw(400, ''),
    raw(400, 'invalid_token'),
    raw(400, '["invalid_token"]'),
    raw(401, '{"error":"invalid_token"}'),
    raw(503, '{"error":"invalid_token"}'),
    raw(302, ''),
    raw(201, ''),
  ]) {
    assert.equal(isRevoked(answer), false, JSON.stringify(answer));
  }
  fc.assert(fc.property(fc.string(), (body) => isRevoked(raw(400, body)) === body.includes('invalid_token')));
});

test('nothing is revoked while its grant’s lease lives', () => {
  assert.equal(mayRevoke(duty, noon), true);
  assert.equal(mayRevoke({ ...duty, lease: { attempt: 'attempt-1', until: noon + 1 } }, noon), false);
  assert.equal(mayRevoke({ ...duty, lease: { attempt: 'attempt-1', until: noon } }, noon), true);
});

test('a revocation is given up after seven days', () => {
  const week = 7 * 24 * 3_600_000;
  assert.equal(isGivenUp(duty, noon + week), false);
  assert.equal(isGivenUp(duty, noon + week + 1), true);
});

test('a duty that is taken is nobody else’s for a minute and no more than an hour longer', () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (tries, fraction) => {
      const mine = taken({ ...duty, tries }, noon, fraction);
      assert.equal(mine.tries, tries + 1);
      assert.ok(mine.dueAt > noon + 60_000 && mine.dueAt <= noon + 60_000 + 3_600_000);
      assert.deepEqual({ ...mine, tries: 0, dueAt: 0 }, { ...duty, tries: 0, dueAt: 0 });
    }),
  );
});

test('the first due instant is the soonest', () => {
  assert.equal(firstDueAt({}), undefined);
  assert.equal(firstDueAt(dutiesDueAt(30, 10, 20)), 10);
});
