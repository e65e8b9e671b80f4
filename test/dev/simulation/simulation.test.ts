/** The fault simulation as part of every test run; `npm run simulate` runs as many schedules as one likes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSchedule } from '../../../dev/simulation/schedule.ts';
import { Summary } from '../../../dev/simulation/summary.ts';

test('a thousand schedules of faults break no promise, and every kind of fault strikes in them', async () => {
  const summary = new Summary();
  for (let seed = 1; seed <= 1_000; seed += 1) summary.add(await runSchedule(seed));
  const [first] = summary.seeds;
  assert.equal(summary.broken, 0, `${summary.text()}\nnpm run simulate -- --schedules 1 --trace --seed ${first}`);
  assert.equal(summary.lostResponseWithout, 0);
  // A simulation in which nothing happens would break nothing either.
  assert.ok(summary.refreshes > 800, `only ${summary.refreshes} refreshes`);
  assert.ok(summary.served > 800, `only ${summary.served} tokens read`);
  assert.ok(summary.lostResponseWithRotation > 8, `only ${summary.lostResponseWithRotation} responses lost`);
  const expected = [
    // Of connections without a browser.
    ...['certificate_gone', 'certificate_replaced', 'login', 'login_same_token', 'login_refused_for_a_while'],
    ...[200, 201, 400, 409, 429, 503].map((status) => `post_${status}`),
    'alert_answer_lost',
    'alert_failed',
    'claim_at_end',
    'claim_late',
    'claim_never',
    'claim_twice',
    'claim_wrong',
    'clock_skew',
    'configuration_failed',
    'configuration_hangs',
    'crash_after',
    'crash_before',
    'dead_letter',
    'delay',
    'function_timeout',
    'grant_spared',
    'invocation_failed',
    'keys_unavailable',
    'lifeboat_answer_lost',
    'lifeboat_outage',
    'lifeboat_refused',
    'limit_near',
    'message_duplicated',
    'message_late',
    'message_reordered',
    'queue_answer_lost',
    'queue_failed',
    'salesforce_after_lease',
    ...['admin', 'bug', 'busy', 'dead', 'operator', 'transient'].map((one) => `salesforce_error ${one}`),
    'salesforce_outage',
    'salesforce_page_503',
    'salesforce_page_503_processed',
    'salesforce_response_lost',
    'salesforce_slow',
    'salesforce_too_slow',
    'salesforce_unreached',
    'secret_unreadable',
    'store_answer_lost',
    'store_out_at_answer',
    'lifeboat_out_at_answer',
    'store_outage',
    'store_refused',
    'store_retried_as_conflict',
    'unlinked',
  ];
  assert.deepEqual(
    expected.filter((fault) => !summary.faults.has(fault)),
    [],
  );
});

test('a seed replays exactly, step by step', async () => {
  for (const seed of [3, 28, 59, 1_234]) {
    const first = await runSchedule(seed, true);
    const second = await runSchedule(seed, true);
    assert.ok(first.trace.length > 10);
    assert.deepEqual(second.trace, first.trace);
    const untraced = await runSchedule(seed);
    assert.equal(untraced.steps, first.steps, 'tracing changes what happens');
  }
});
