import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decidePostponement } from '../../../functions/core/postponement.ts';
import { aConnection, aGrant, noon } from '../../contract/items.ts';

const until = noon + 600_000;

test('a due connection waits for its app, spread behind that instant, and nothing else of it changes', () => {
  const due = aConnection(1, {}, { nextRefreshAt: noon });
  assert.deepEqual(decidePostponement(due, until, noon, 0), { ...due, nextRefreshAt: until });
  assert.deepEqual(decidePostponement(due, until, noon, 0.5), { ...due, nextRefreshAt: until + 150_000 });
});

test('one that is claimed, not due, or never looked at stays as it is', () => {
  const lease = { attempt: 'a', until: noon + 1 };
  const claimed = aConnection(1, {}, { nextRefreshAt: noon, grant: aGrant('g', { lease }) });
  assert.equal(decidePostponement(claimed, until, noon, 0), undefined);
  assert.equal(decidePostponement(aConnection(1, {}, { nextRefreshAt: noon + 1 }), until, noon, 0), undefined);
  assert.equal(decidePostponement(aConnection(1), until, noon, 0), undefined);
  assert.equal(
    decidePostponement(aConnection(1, {}, { nextRefreshAt: noon, grant: undefined }), until, noon, 0),
    undefined,
  );
});

test('it is never moved forward', () => {
  const due = aConnection(1, {}, { nextRefreshAt: noon });
  assert.equal(decidePostponement(due, noon, noon, 0.9), undefined);
});
