import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideAbandon, decideDisconnect } from '../../../functions/core/disconnect.ts';
import type { Duty } from '../../../functions/core/duty.ts';
import { revocationGivenUp } from '../../../functions/core/revocation.ts';
import { revocationOf } from '../../../functions/core/store-grant.ts';
import { aConnection, aGrant, noon } from '../../contract/items.ts';

const now = noon + 1_000;
const times = { since: noon, dueAt: noon, tries: 0 };
const link: Duty = { kind: 'link', sessionId: 's', tenant: 't', integration: 'i', ...times };
const alert: Duty = { kind: 'alert', alertId: 'a', type: 'connection_recovered', cause: 'c', ...times };
const givenUp: Duty = { ...alert, alertId: 'g', cause: revocationGivenUp };

test('a disconnect leaves a tombstone and owes the revocation; alerts are dropped and other duties stay', () => {
  const grant = aGrant('g');
  const before = aConnection(1, {}, { grant, cause: 'c', nextRefreshAt: noon, duties: { link, alert } });
  assert.deepEqual(decideDisconnect(before, now), {
    ...before,
    status: 'disconnected',
    cause: undefined,
    grant: undefined,
    nextRefreshAt: undefined,
    disconnectedAt: now,
    duties: { link, 'revoke.g': revocationOf(grant, now, now, 'disconnected') },
  });
});

test('a connection without a grant is disconnected and owes nothing', () => {
  const after = decideDisconnect(aConnection(1, {}, { grant: undefined, duties: { link } }), now);
  assert.deepEqual([after.status, after.duties], ['disconnected', { link }]);
});

test('a repeated disconnect moves the instant on, and never back', () => {
  const tombstone = aConnection(1, { status: 'disconnected' }, { grant: undefined, disconnectedAt: noon });
  assert.equal(decideDisconnect(tombstone, now).disconnectedAt, now);
  assert.equal(decideDisconnect({ ...tombstone, disconnectedAt: now + 1 }, now).disconnectedAt, now + 1);
});

test('a connection that is given up owes its revocation and has no tombstone: who authorizes just then is let in; the link ends with it', () => {
  const grant = aGrant('g');
  const before = aConnection(1, {}, { grant, cause: 'c', nextRefreshAt: noon, duties: { own: link, alert, givenUp } });
  const revoke = revocationOf(grant, now, now, 'disconnected');
  assert.deepEqual(decideAbandon(before, now, 'own'), {
    ...before,
    status: 'disconnected',
    cause: undefined,
    grant: undefined,
    nextRefreshAt: undefined,
    duties: { givenUp, 'revoke.g': revoke },
  });
});

test('a connection is not given up where a link is open, or where there is nothing to give up', () => {
  const open = aConnection(1, {}, { duties: { own: link, other: link } });
  assert.deepEqual(decideAbandon(open, now, 'own'), { ...open, duties: { other: link } }, 'the other one decides');
  assert.equal(decideAbandon(open, now), undefined);
  assert.equal(decideAbandon(aConnection(1, {}, { duties: { own: link } }), now), undefined);
  assert.equal(decideAbandon(aConnection(1, {}, { grant: undefined }), now), undefined);
});

test('that a grant lives on which could not be revoked is told even of a connection that is disconnected', () => {
  const before = aConnection(1, {}, { grant: undefined, duties: { alert, givenUp } });
  assert.deepEqual(decideDisconnect(before, now).duties, { givenUp });
});
