import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationWords } from '../../../../functions/core/diagnosis/duration-words.ts';

test('a length of time is told in the largest unit of which there are two', () => {
  assert.equal(durationWords(0), '0 seconds');
  assert.equal(durationWords(1_000), '1 second');
  assert.equal(durationWords(119_999), '120 seconds');
  assert.equal(durationWords(120_000), '2 minutes');
  assert.equal(durationWords(90 * 60_000), '90 minutes');
  assert.equal(durationWords(26 * 3_600_000), '26 hours');
  assert.equal(durationWords(30.25 * 86_400_000), '30.3 days');
  assert.equal(durationWords(-5), '0 seconds');
});
