import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideDrain, mayLackKey } from '../../../functions/core/drain.ts';
import type { Grant } from '../../../functions/core/grant.ts';
import { revokeDutyId } from '../../../functions/core/settle-superseded.ts';
import { revocationOf } from '../../../functions/core/store-grant.ts';
import { aConnection, aGrant, noon } from '../../contract/items.ts';
import { attempt, made } from '../../support/claimed-connection.ts';

const entry = { attempt, made };

function superseded(grant: Partial<Grant>) {
  const older = aGrant('g', { refreshes: 4, ...grant });
  const duties = { [revokeDutyId('g')]: revocationOf(older, noon, noon + 900_000, 'superseded') };
  return aConnection(1, {}, { grant: aGrant('newer'), duties });
}

test('an answer of the stored generation waits for whoever holds its lease', () => {
  const lease = { attempt: 'b', until: noon + 75_000 };
  assert.equal(
    decideDrain(aConnection(1, {}, { grant: aGrant('g', { refreshes: 4, lease }) }), entry, noon).kind,
    'wait',
  );
  assert.equal(decideDrain(aConnection(1, {}, { grant: aGrant('g', { refreshes: 5 }) }), entry, noon).kind, 'stale');
});

test('an answer newer than a restored table takes the place of the token there, but not while a lease lives', () => {
  const held = aConnection(1, {}, { grant: aGrant('g', { refreshes: 2 }) });
  const decision = decideDrain(held, entry, noon);
  assert.ok(decision.kind === 'catch_up');
  assert.deepEqual([decision.after.grant?.refreshes, decision.after.grant?.refreshToken], [4, undefined]);
  const lease = { attempt: 'b', until: noon + 1 };
  assert.equal(
    decideDrain(aConnection(1, {}, { grant: aGrant('g', { refreshes: 2, lease }) }), entry, noon).kind,
    'wait',
  );
});

test('only an answer for a grant under keys of its own, or behind it, may lie under a key that the table lacks', () => {
  const lacks = (grant: Partial<Grant>, id = 'g') =>
    mayLackKey(aConnection(1, {}, { grant: aGrant(id, grant) }), entry);
  const ownKeys = { session: 's', access: 'a', refresh: 'r' };
  assert.deepEqual([lacks({ refreshes: 2 }), lacks({ refreshes: 4, ownKeys })], [true, true]);
  assert.deepEqual([lacks({ refreshes: 4 }), lacks({ refreshes: 2 }, 'another')], [false, false]);
});

test('an answer of a superseded grant goes into its duty, but not while a lease of that grant lives', () => {
  const lease = { attempt: 'b', until: noon + 75_000 };
  const leased = superseded({ lease, attempts: [{ id: 'b', begunAt: noon, refreshes: 4 }] });
  assert.equal(decideDrain(leased, entry, noon + 74_999).kind, 'wait', 'its owner must find it in the lifeboat');
  const after = decideDrain(leased, entry, noon + 75_000);
  assert.ok(after.kind === 'owe');
  const duty = after.after.duties[revokeDutyId('g')];
  assert.deepEqual(duty?.kind === 'revoke' && [duty.token, duty.refreshes], ['new-refresh', 5]);
});

test('an answer older than what the duty holds is dropped', () => {
  const decision = decideDrain(superseded({ refreshes: 6 }), entry, noon);
  assert.equal(decision.kind, 'stale');
});
