import assert from 'node:assert/strict';
import { test } from 'node:test';
import { report } from '../../../functions/core/refresh-report.ts';

test('a report names its version and outcome, and a detail only where there is one', () => {
  assert.deepEqual(report('refreshed'), { version: 1, outcome: 'refreshed' });
  assert.deepEqual(Object.keys(report('refreshed')), ['version', 'outcome']);
  assert.deepEqual(report('refreshed', 'd'), { version: 1, outcome: 'refreshed', detail: 'd' });
});
