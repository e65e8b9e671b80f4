import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unsettledBefore } from '../../../functions/core/claim.ts';
import { ownerGaveUp } from '../../../functions/core/grant.ts';
import { aGrant, noon } from '../../contract/items.ts';

const own = { id: 'own', begunAt: noon, refreshes: 2 };
const other = { id: 'other', begunAt: noon, refreshes: 2 };
const earlier = { id: 'earlier', begunAt: noon, refreshes: 1 };
const lastFailure = { at: noon, class: 'transient', error: 'no_answer', description: '' };

test('only an attempt of somebody else on the present generation leaves its outcome in doubt', () => {
  const of = (...attempts: (typeof own)[]) => unsettledBefore(aGrant('g', { refreshes: 2, attempts }), 'own');
  assert.equal(of(own, earlier), false);
  assert.equal(of(), false);
  assert.equal(of(own, earlier, other), true);
});

test('an owner gave up where its attempt got no answer since it began, and only its own attempt counts', () => {
  const lease = { attempt: 'own', until: noon + 1 };
  assert.equal(ownerGaveUp(aGrant('g', { lease, attempts: [own], lastFailure })), true);
  assert.equal(ownerGaveUp(aGrant('g', { lease, attempts: [{ ...own, begunAt: noon + 1 }], lastFailure })), false);
  assert.equal(ownerGaveUp(aGrant('g', { lease, attempts: [other], lastFailure })), false);
  assert.equal(ownerGaveUp(aGrant('g', { attempts: [own], lastFailure })), false);
});
