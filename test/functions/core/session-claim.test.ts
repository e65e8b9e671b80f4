import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindingOf, claimOf } from '../../../functions/core/browser-binding.ts';
import {
  authorize,
  awaitClaim,
  claimed,
  claimTimeMs,
  isClaimOf,
  isUnclaimed,
  needsClaim,
  signedIn,
  unclaimed,
} from '../../../functions/core/session-claim.ts';
import { sessionErrorOf, sessionStatus } from '../../../functions/core/session-step.ts';
import { revocationOf } from '../../../functions/core/store-grant.ts';
import { aGrant, aSession, noon } from '../../contract/items.ts';

const cookie = 'the-cookie';
const base = aSession(1);
const binding = bindingOf(base.id, cookie, 'salt');
const exchanging = { ...base, binding, claim: true, status: 'exchanging' as const };
const waiting = { ...exchanging, status: 'authorized' as const, connectionId: 'crm.o.u' };
const end = base.expiresAt;

test('the claim is made from the bound browser’s cookie and this session’s salt, and from nothing else', () => {
  assert.ok(isClaimOf(waiting, claimOf(binding, cookie)));
  assert.ok(!isClaimOf(waiting, claimOf(binding, 'another-cookie')));
  assert.ok(!isClaimOf(waiting, claimOf({ verifierSalt: 'another-salt' }, cookie)));
  assert.ok(!isClaimOf(waiting, binding.claimSha256 ?? ''), 'what is stored is not the claim');
  assert.ok(!isClaimOf({ ...waiting, binding: { ...binding, claimSha256: undefined } }, claimOf(binding, cookie)));
  assert.ok(!isClaimOf({ ...waiting, binding: undefined }, claimOf(binding, cookie)));
});

test('a session whose tokens are stored waits for its claim until its end, and at least five minutes', () => {
  assert.deepEqual(awaitClaim(exchanging, 'crm.o.u', noon), {
    write: { ...exchanging, status: 'authorized', connectionId: 'crm.o.u', error: undefined },
    result: { kind: 'wait', until: end },
  });
  const late = awaitClaim(exchanging, 'crm.o.u', end - 1);
  assert.deepEqual(late.result, { kind: 'wait', until: end - 1 + claimTimeMs });
});

test('nobody who claimed in time is turned away, and nobody who did not is let in', () => {
  const free = claimed(waiting, end - 1);
  assert.equal(free?.claimedAt, end - 1);
  assert.deepEqual(awaitClaim(free, 'crm.o.u', end + 86_400_000), { keep: true, result: { kind: 'free' } });
  assert.equal(claimed(waiting, end), undefined);
  const over = awaitClaim(waiting, 'crm.o.u', end);
  assert.deepEqual(over.result, { kind: 'unclaimed' });
  assert.ok('write' in over);
  assert.deepEqual([over.write.status, over.write.error], ['failed', unclaimed]);
  assert.deepEqual(awaitClaim(over.write, 'crm.o.u', end), { keep: true, result: { kind: 'unclaimed' } });
  assert.equal(claimed(over.write, end - 1), undefined);
});

test('a session that is gone counts as unclaimed: nothing is linked on nobody’s word', () => {
  assert.deepEqual(awaitClaim(undefined, 'crm.o.u', noon), { keep: true, result: { kind: 'unclaimed' } });
});

test('an unclaimed session is shown as failed from its end on, a claimed one never', () => {
  assert.equal(sessionStatus(waiting, end - 1), 'authorized');
  assert.equal(sessionErrorOf(waiting, end - 1), undefined);
  assert.equal(sessionStatus(waiting, end), 'failed');
  assert.equal(sessionErrorOf(waiting, end), unclaimed);
  const mine = { ...waiting, claimedAt: noon };
  assert.equal(isUnclaimed(mine, end), false);
  assert.equal(sessionStatus(mine, end), 'authorized');
});

test('a second claim changes nothing, and only a session that wants a claim needs one', () => {
  const once = claimed(waiting, noon);
  assert.ok(once);
  assert.equal(claimed(once, noon + 1), undefined);
  assert.deepEqual(
    [needsClaim(waiting), needsClaim(once), needsClaim({ ...waiting, claim: undefined })],
    [true, false, false],
  );
  assert.equal(authorize({ ...waiting, status: 'failed' }, 'crm.o.u', noon), undefined);
});

test('a sign-in shows who it is only after the claim, and owes the revocation from the start', () => {
  const identity = { orgId: 'o', userId: 'u' };
  const revoke = revocationOf(aGrant('g'), noon, noon, 'signed_in');
  const held = signedIn(exchanging, identity, revoke, noon);
  assert.ok(held);
  assert.deepEqual([held.status, Object.keys(held.duties)], ['authorized', ['revoke.g']]);
  assert.equal(claimed(held, noon)?.status, 'signed_in');
  assert.equal(signedIn({ ...exchanging, claim: undefined }, identity, revoke, noon)?.status, 'signed_in');
  assert.equal(signedIn(held, identity, revoke, noon), undefined, 'a repeated write changes nothing');
});
