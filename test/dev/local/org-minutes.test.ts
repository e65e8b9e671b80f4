import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createMinutesByOrg, minuteMs } from '../../../dev/local/org-minutes.ts';

const noon = Date.UTC(2026, 10, 21, 12);

describe('the refreshes of an org, minute by minute', () => {
  it('are counted by their outcome, in the minute in which they were settled', () => {
    const counts = createMinutesByOrg();
    counts.add('a', 'refreshed', noon);
    counts.add('a', 'refreshed', noon + minuteMs - 1);
    counts.add('a', 'failed', noon + minuteMs);
    counts.add('b', 'died', noon + minuteMs);
    assert.deepEqual(counts.lately(noon + minuteMs), [
      {
        orgId: 'a',
        minutes: [
          { at: noon, refreshed: 2, failed: 0, died: 0 },
          { at: noon + minuteMs, refreshed: 0, failed: 1, died: 0 },
        ],
      },
      { orgId: 'b', minutes: [{ at: noon + minuteMs, refreshed: 0, failed: 0, died: 1 }] },
    ]);
  });

  it('stay in order where the clock was set back', () => {
    const counts = createMinutesByOrg();
    counts.add('a', 'refreshed', noon + minuteMs);
    counts.add('a', 'refreshed', noon);
    const [org] = counts.lately(noon + minuteMs);
    assert.deepEqual(
      org?.minutes.map(({ at }) => at),
      [noon, noon + minuteMs],
    );
  });

  it('are forgotten after sixty minutes, and not one sooner', () => {
    const counts = createMinutesByOrg();
    counts.add('a', 'refreshed', noon);
    assert.equal(counts.lately(noon + 60 * minuteMs - 1).length, 1);
    assert.deepEqual(counts.lately(noon + 60 * minuteMs), []);
  });

  it('are kept of a hundred orgs: the one of which nothing was heard for longest goes', () => {
    const counts = createMinutesByOrg();
    for (let org = 0; org < 100; org += 1) counts.add(`org-${org}`, 'refreshed', noon);
    counts.add('org-0', 'failed', noon);
    counts.add('one more', 'refreshed', noon);
    const known = counts.lately(noon).map(({ orgId }) => orgId);
    assert.equal(known.length, 100);
    assert.deepEqual(
      ['org-0', 'org-1', 'one more'].map((org) => known.includes(org)),
      [true, false, true],
    );
  });
});
