/** An org that loses its connections is told of in minutes and once, on a virtual clock and by the real flows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alertCountsOf, describe } from '../../../dev/spikes/describe.ts';
import { runSpike } from '../../../dev/spikes/spike-run.ts';

const minuteMs = 60_000;
const watchedMs = 130 * minuteMs;

for (const size of [3, 20, 200]) {
  test(`an org of ${size} that is dead is one spike, told within three minutes of the first refusal`, async () => {
    for (const seed of [1, 2, 3]) {
      const { toldAfterRefusalMs, alerts } = describe(await runSpike({ seed, size, watchedMs }), size);
      const where = `seed ${seed}`;
      assert.deepEqual(alerts, { opened: 1, escalated: 0, resolved: 1, own: 0, other: 0 }, where);
      assert.ok(
        toldAfterRefusalMs !== undefined && toldAfterRefusalMs <= 3 * minuteMs,
        `${where}: ${toldAfterRefusalMs}`,
      );
    }
  });
}

test('without the pull forward an org of three is three alerts, and one of twenty is told late or piecemeal', async () => {
  const three = describe(await runSpike({ seed: 1, size: 3, pulls: false, watchedMs }), 3);
  assert.equal(three.alerts.own, 3);
  assert.equal(three.alerts.opened, 0);
  const twenty = describe(await runSpike({ seed: 1, size: 20, pulls: false, watchedMs }), 20);
  assert.ok(twenty.alerts.own > 0 || (twenty.toldAfterRefusalMs ?? 0) > 5 * minuteMs);
});

test('the revocation of an org of two is an alert for each, and no spike', async () => {
  for (const seed of [1, 2, 3]) {
    const { published } = await runSpike({ seed, size: 2, watchedMs });
    assert.deepEqual(
      alertCountsOf(published),
      { opened: 0, escalated: 0, resolved: 0, own: 2, other: 0 },
      `seed ${seed}`,
    );
  }
});

test('one dead user of a healthy org is an alert of its own, after its wait, and no spike', async () => {
  for (const seed of [1, 2, 3]) {
    const { published, firstRefusalAt = 0 } = await runSpike({ seed, size: 40, dead: 1, watchedMs });
    assert.deepEqual(
      alertCountsOf(published),
      { opened: 0, escalated: 0, resolved: 0, own: 1, other: 0 },
      `seed ${seed}`,
    );
    assert.ok(published[0]!.at - firstRefusalAt >= 2 * minuteMs);
  }
});

test('nothing is told where nobody dies', async () => {
  const { published, firstRefusalAt } = await runSpike({ seed: 1, size: 20, dead: 0, watchedMs });
  assert.deepEqual(published, []);
  assert.equal(firstRefusalAt, undefined);
});

test('a run replays exactly from its seed', async () => {
  const [first, second] = [await runSpike({ seed: 9, size: 12 }), await runSpike({ seed: 9, size: 12 })];
  assert.deepEqual(second, first);
});
