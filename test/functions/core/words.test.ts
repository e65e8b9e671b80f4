/** What a person reads of a failure: every entry of the tables of words says who it is for, what happened, what to do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alertWords, expiryWords } from '../../../functions/core/alert-words.ts';
import { authorizationError, knownAuthorizationErrors } from '../../../functions/core/authorization-error.ts';
import {
  AppMisconfiguredError,
  ConfigurationError,
  KeysUnavailableError,
  LifeboatUnavailableError,
  SealError,
  StoreUnavailableError,
  TableRestoredError,
  UnreadableItemError,
} from '../../../functions/core/errors.ts';
import { disconnectedMeanwhile, lostResponse } from '../../../functions/core/session-step.ts';

const sentence = /^[A-Z].{10,}\.$/;

test('every type of alert has a severity, a summary and a remedy', () => {
  for (const [type, words] of [...Object.entries(alertWords), ...Object.entries(expiryWords)]) {
    assert.match(words.severity ?? '', /^(critical|warning|info)$/, type);
    assert.match(words.summary ?? '', sentence, type);
    assert.match(words.remedy ?? '', sentence, type);
  }
  assert.equal(alertWords.tokens_in_lifeboat.severity, 'critical');
});

test('every error of the callback, known or not, has a detail and a remedy', () => {
  for (const error of [...knownAuthorizationErrors, 'brand_new']) {
    const { code, detail, remedy } = authorizationError(error);
    assert.equal(code, error);
    assert.match(detail ?? '', sentence, error);
    assert.match(remedy ?? '', sentence, error);
  }
});

test('a session that Grantkeeper itself ends says why and what to do', () => {
  assert.deepEqual([lostResponse.code, disconnectedMeanwhile.code], ['lost_response', 'disconnected']);
  for (const { detail, remedy } of [lostResponse, disconnectedMeanwhile]) {
    assert.match(detail, sentence);
    assert.match(remedy, sentence);
  }
});

test('every error has its stable code and the name of its class', () => {
  const errors = [
    new StoreUnavailableError('m'),
    new LifeboatUnavailableError('m'),
    new KeysUnavailableError('m'),
    new AppMisconfiguredError('crm', 'm'),
    new SealError('m'),
    new UnreadableItemError('m'),
    new TableRestoredError('m'),
  ];
  assert.deepEqual(
    errors.map(({ name, code }) => [name, code]),
    [
      ['StoreUnavailableError', 'store_unavailable'],
      ['LifeboatUnavailableError', 'lifeboat_unavailable'],
      ['KeysUnavailableError', 'keys_unavailable'],
      ['AppMisconfiguredError', 'app_misconfigured'],
      ['SealError', 'seal_broken'],
      ['UnreadableItemError', 'unreadable_item'],
      ['TableRestoredError', 'table_restored'],
    ],
  );
});

test('a configuration error names each problem on a line of its own', () => {
  const { message } = new ConfigurationError('c.ts', [
    { path: 'a', message: 'one' },
    { path: 'b', message: 'two' },
  ]);
  assert.equal(message, 'c.ts is not valid:\n  a: one\n  b: two');
});
