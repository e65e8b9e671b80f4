import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  comparisonSummary,
  grantsQuery,
  holdingOf,
  judgeListAnswer,
  mayQuery,
} from '../../../functions/core/grant-comparison.ts';
import type { Ledger, LedgerEntry } from '../../../functions/core/ledger.ts';
import type { RawAnswer } from '../../../functions/core/ports.ts';
import { Secret } from '../../../functions/core/secret.ts';
import { revocationOf } from '../../../functions/core/store-grant.ts';
import { exchangeLostMs } from '../../../functions/core/time-limits.ts';
import { aConnection, aGrant, noon } from '../../contract/items.ts';

const answer = (status: number, body: unknown): RawAnswer => ({
  kind: 'answer',
  status,
  contentType: '',
  body: new Secret(typeof body === 'string' ? body : JSON.stringify(body)),
});
const ledger = (...entries: LedgerEntry[]): Ledger => ({ version: 1, revision: 1, writeId: 'w', id: 'c', entries });
const entry = (id: string, change: Partial<LedgerEntry> = {}): LedgerEntry => ({
  id,
  sessionId: 's',
  begunAt: noon,
  ...change,
});

test('only a session with api or full may query', () => {
  const withScopes = (...scopes: string[]) => aConnection(1, {}, { grant: aGrant('g', { scopes }) });
  assert.equal(mayQuery(withScopes('refresh_token', 'api')), true);
  assert.equal(mayQuery(withScopes('full')), true);
  assert.equal(mayQuery(withScopes('refresh_token', 'id')), false);
  assert.equal(mayQuery(aConnection(1, {}, { grant: undefined })), false);
});

test('the query names user and app, and its texts cannot end early', () => {
  assert.equal(
    grantsQuery('Local CRM', '005x'),
    "SELECT AppName FROM OauthToken WHERE UserId = '005x' AND AppName = 'Local CRM' LIMIT 200",
  );
  assert.match(grantsQuery("O'Neil \\ Co", '005x'), /AppName = 'O\\'Neil \\\\ Co' LIMIT/);
});

test('what Salesforce lists is counted, what it refuses has its code, the rest is no answer', () => {
  const refusal = [{ message: 'm', errorCode: 'INVALID_TYPE' }];
  assert.deepEqual(judgeListAnswer(answer(200, { totalSize: 3, records: [] })), { kind: 'listed', count: 3 });
  assert.deepEqual(judgeListAnswer(answer(400, refusal)), { kind: 'refused', errorCode: 'INVALID_TYPE' });
  assert.deepEqual(judgeListAnswer(answer(403, 'no')), { kind: 'refused', errorCode: 'HTTP 403' });
  assert.deepEqual(judgeListAnswer(answer(403, [{ errorCode: '<b>' }])), { kind: 'refused', errorCode: 'HTTP 403' });
  assert.deepEqual(judgeListAnswer(answer(200, { totalSize: -1 })), { kind: 'unavailable', detail: 'HTTP 200' });
  assert.deepEqual(judgeListAnswer(answer(503, refusal)), { kind: 'unavailable', detail: 'HTTP 503' });
  assert.deepEqual(judgeListAnswer({ kind: 'no_answer', reason: 'timeout' }), {
    kind: 'unavailable',
    detail: 'timeout',
  });
});

test('held are the stored grant and those that are still to be revoked', () => {
  const duties = { 'revoke.old': revocationOf(aGrant('old'), noon, noon, 'superseded') };
  assert.equal(holdingOf(aConnection(1), undefined, noon).count, 1);
  assert.equal(holdingOf(aConnection(1, {}, { duties }), undefined, noon).count, 2);
  assert.equal(holdingOf(aConnection(1), ledger(entry('r', { outcome: 'refused' })), noon).count, 2);
});

test('a holding changes with its grant, its duties and its ledger, and with nothing else', () => {
  const duties = { 'revoke.old': revocationOf(aGrant('old'), noon, noon, 'superseded') };
  const { state } = holdingOf(aConnection(1), ledger(), noon);
  assert.equal(holdingOf(aConnection(1, {}, { revision: 9 }), ledger(), noon + 1).state, state);
  assert.notEqual(holdingOf(aConnection(1, {}, { grant: aGrant('other') }), ledger(), noon).state, state);
  assert.notEqual(holdingOf(aConnection(1, {}, { duties }), ledger(), noon).state, state);
  assert.notEqual(holdingOf(aConnection(1), ledger(entry('a')), noon).state, state);
});

test('an exchange under way is unsettled, one that was lost is not', () => {
  const begun = ledger(entry('a'));
  assert.equal(holdingOf(aConnection(1), begun, noon).unsettled, true);
  assert.equal(holdingOf(aConnection(1), begun, noon + exchangeLostMs + 1).unsettled, false);
});

test('the difference is said in words', () => {
  const says = (listed: number, held: number) => comparisonSummary({ at: noon, listed, held });
  assert.equal(says(3, 1), 'Salesforce lists two grants of this user that we do not hold.');
  assert.equal(says(2, 1), 'Salesforce lists one grant of this user that we do not hold.');
  assert.equal(says(14, 1), 'Salesforce lists 13 grants of this user that we do not hold.');
  assert.equal(says(1, 1), 'Salesforce lists the grants of this user that we hold, and no other.');
  assert.equal(says(0, 1), 'We hold one grant of this user that Salesforce does not list.');
  assert.equal(
    comparisonSummary({ at: noon, note: 'INVALID_TYPE' }),
    "Salesforce's own list of this user's grants could not be read: INVALID_TYPE.",
  );
});
