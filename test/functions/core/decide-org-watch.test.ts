import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Connection } from '../../../functions/core/connection.ts';
import { decideOrgWatch, type OrgFacts } from '../../../functions/core/decide-org-watch.ts';
import type { Watch } from '../../../functions/core/watch.ts';
import { noon } from '../../contract/items.ts';
import { anOrgWatch, failing, many, minuteMs, thresholds, untried, working } from '../../support/org-connections.ts';

const decide = (connections: readonly Connection[], watch: Watch = anOrgWatch(), facts: Partial<OrgFacts> = {}) =>
  decideOrgWatch(watch, { connections, thresholds, now: noon, incidentId: 'i', pulled: false, ...facts });
const alertIds = ({ duties }: Watch) =>
  Object.values(duties).flatMap((duty) => (duty.kind === 'alert' ? [`${duty.type} ${duty.alertId}`] : []));
/** The alerts went out. */
const told = (watch: Watch): Watch => ({
  ...watch,
  duties: Object.fromEntries(Object.entries(watch.duties).filter(([, { kind }]) => kind !== 'alert')),
});

describe('a spike', () => {
  const cases: readonly (readonly [number, number, boolean])[] = [
    [2, 2, false],
    [3, 3, true],
    [3, 15, true],
    [3, 16, false],
    [4, 20, true],
    [4, 21, false],
    [2, 3, false],
  ];
  for (const [failed, tried, opens] of cases) {
    it(`of ${failed} of ${tried} ${opens ? 'opens' : 'is none'}`, () => {
      const { after, step } = decide([...many(failed, 1, failing), ...many(tried - failed, 100, (n) => working(n))]);
      assert.equal(step, opens ? 'opened' : 'quiet');
      assert.equal(after.incident !== undefined, opens);
      assert.deepEqual(alertIds(after), opens ? ['invalid_grant_spike i'] : []);
    });
  }

  it('is not made by those that were not tried, nor hindered', () => {
    assert.equal(decide([...many(3, 1, failing), ...many(500, 100, (n) => untried(n))]).step, 'opened');
    assert.equal(decide(many(500, 100, (n) => untried(n))).step, 'quiet');
  });

  it('says how many, of how many, and what is to be expected', () => {
    const { after } = decide([
      ...many(5, 1, failing),
      ...many(5, 20, (n) => working(n)),
      ...many(90, 100, (n) => untried(n)),
    ]);
    const { tally, size, told: expected, connectionIds, cause } = after.incident!;
    assert.deepEqual([tally, size, expected, cause], [{ failed: 5, tried: 10 }, 100, 50, 'org_wide_revocation']);
    assert.equal(connectionIds.length, 5);
  });

  it('is opened by its alert in the very same write, and looked at from then on', () => {
    const { after } = decide(many(3, 1, failing));
    assert.equal(after.duties['alert.i']?.dueAt, noon);
    assert.ok(after.duties.watch);
  });

  it('is on record and alerts nobody while all orgs are one incident', () => {
    const { after, step } = decide(many(3, 1, failing), anOrgWatch(), { fleetIncidentId: 'f' });
    assert.deepEqual([step, after.incident?.absorbedBy, alertIds(after)], ['absorbed', 'f', []]);
  });

  it('is not opened twice: whoever decides on the watch as it is finds it open', () => {
    const first = decide(many(3, 1, failing)).after;
    const second = decide(many(3, 1, failing), first, { incidentId: 'another' });
    assert.equal(second.step, 'seen');
    assert.equal(second.after.incident?.id, 'i');
    assert.deepEqual(alertIds(second.after), ['invalid_grant_spike i']);
  });
});

describe('an open spike', () => {
  const opened = told(decide([...many(4, 1, failing), ...many(16, 100, (n) => working(n))]).after);
  const withFailing = (count: number, now = noon + minuteMs) =>
    decide(
      [
        ...many(4, 1, failing),
        ...many(count - 4, 200, (n) => failing(n, { at: now })),
        ...many(16, 100, (n) => working(n)),
      ],
      opened,
      { now },
    );

  it('is told again at twice what was foretold, and not before', () => {
    assert.equal(opened.incident?.told, 5);
    assert.equal(withFailing(9).step, 'seen');
    const { step, after } = withFailing(10);
    assert.equal(step, 'escalated');
    assert.deepEqual(alertIds(after), ['invalid_grant_spike i.x2']);
    assert.ok((after.incident?.told ?? 0) >= 10);
  });

  it('doubles its name with each telling', () => {
    const second = told(withFailing(10).after);
    const now = noon + 2 * minuteMs;
    const org = many(2 * (second.incident?.told ?? 0), 1, (n) => failing(n, { at: now }));
    assert.deepEqual(alertIds(decide(org, second, { now }).after), ['invalid_grant_spike i.x4']);
  });

  it('is not told again while its first alert did not go out', () => {
    const untold = decide([...many(4, 1, failing), ...many(16, 100, (n) => working(n))]).after;
    const { after } = decide(many(30, 1, failing), untold, { now: noon + minuteMs });
    assert.deepEqual(alertIds(after), ['invalid_grant_spike i']);
    assert.ok((after.incident?.told ?? 0) >= 30);
  });

  it('ends when nothing failed for as long as it holds, and not the instant before', () => {
    const org = many(4, 1, failing);
    const hold = thresholds.holdMinutes * minuteMs;
    assert.equal(decide(org, opened, { now: noon + hold - 1 }).after.incident?.id, 'i');
    const { step, after } = decide(org, opened, { now: noon + hold });
    assert.deepEqual([step, after.incident], ['resolved', undefined]);
    assert.deepEqual(alertIds(after), ['invalid_grant_spike_resolved i.resolved']);
    assert.deepEqual([after.closed?.failed, after.closed?.left], [4, 4]);
  });

  it('a new failure holds it open', () => {
    const org = [...many(4, 1, failing), failing(9, { at: noon + 10 * minuteMs })];
    assert.equal(decide(org, opened, { now: noon + 20 * minuteMs }).after.incident?.id, 'i');
    assert.equal(decide(org, opened, { now: noon + 25 * minuteMs }).step, 'resolved');
  });

  it('counts who came back when it ends', () => {
    const org = [...many(1, 1, failing), ...many(3, 2, (n) => working(n, noon + minuteMs))];
    const { closed } = decide(org, opened, { now: noon + 16 * minuteMs }).after;
    assert.deepEqual([closed?.failed, closed?.left], [4, 1]);
  });

  it('of which nobody was told ends silently', () => {
    const silent = decide(many(4, 1, failing), anOrgWatch(), { fleetIncidentId: 'f' }).after;
    const { step, after } = decide(many(4, 1, failing), silent, { now: noon + 15 * minuteMs });
    assert.deepEqual([step, alertIds(after), after.closed?.absorbedBy], ['resolved', [], 'f']);
  });

  it('that is over is opened anew by new failures alone', () => {
    const short = { ...thresholds, holdMinutes: 5 };
    const over = told(decide(many(4, 1, failing), opened, { now: noon + 5 * minuteMs, thresholds: short }).after);
    const now = noon + 6 * minuteMs;
    assert.equal(decide(many(4, 1, failing), over, { now, thresholds: short }).step, 'quiet');
    const again = [...many(4, 1, failing), ...many(3, 50, (n) => failing(n, { at: now }))];
    assert.equal(decide(again, over, { now, thresholds: short }).step, 'opened');
  });

  it('writes nothing where nothing changed', () => {
    const seen = withFailing(4).after;
    assert.equal(
      decide([...many(4, 1, failing), ...many(16, 100, (n) => working(n))], seen, { now: noon + minuteMs }).after,
      seen,
    );
  });
});

describe('the waves of an org that looks dead', () => {
  const pull = { since: noon - minuteMs, at: noon - minuteMs, waves: 1 };
  const others = many(40, 100, (n) => untried(n));

  it('go on with two that fail of those tried, a minute later', () => {
    const { wave, after } = decide([...many(2, 1, failing), ...others], anOrgWatch({ pull }));
    assert.deepEqual([wave?.size, after.pull?.waves, after.pull?.at], [20, 2, noon]);
  });

  it('stop where the others work', () => {
    const org = [...many(2, 1, failing), ...many(10, 50, (n) => working(n)), ...others];
    assert.equal(decide(org, anOrgWatch({ pull })).wave, undefined);
  });

  it('wait their minute', () => {
    const early = { ...pull, at: noon - 20_000 };
    const { wave, goesOn } = decide([...many(2, 1, failing), ...others], anOrgWatch({ pull: early }));
    assert.deepEqual([wave, goesOn], [undefined, true]);
  });

  it('end when nobody is left', () => {
    const { wave, goesOn } = decide(many(2, 1, failing), anOrgWatch({ pull, failedAt: noon - 10 * minuteMs }));
    assert.deepEqual([wave, goesOn], [undefined, false]);
  });

  it('note that the first one was pulled', () => {
    const under = { since: noon, at: noon, waves: 0 };
    assert.equal(decide([failing(1)], anOrgWatch({ pull: under }), { pulled: true }).after.pull?.waves, 1);
    assert.equal(decide([failing(1)], anOrgWatch({ pull: under })).after.pull?.waves, 0);
  });
});

it('an incident is told once at its opening, doubles at most, and ends at most once, whatever comes', () => {
  const failures = fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(failures, fc.integer({ min: 0, max: 30 }), (minutes, works) => {
      let watch = anOrgWatch();
      const sent: string[] = [];
      for (let minute = 0; minute <= 160; minute += 1) {
        const now = noon + minute * minuteMs;
        const org = [
          ...minutes.flatMap((at, n) => (at <= minute ? [failing(n, { at: noon + at * minuteMs })] : [])),
          ...many(works, 1_000, (n) => working(n, now)),
        ];
        watch = decide(org, watch, { now, incidentId: `i${minute}` }).after;
        sent.push(...alertIds(watch));
        watch = told(watch);
      }
      assert.equal(new Set(sent).size, sent.length, 'no alert twice');
      const opened = sent.filter((text) => /^invalid_grant_spike i\d+$/.test(text));
      const resolved = sent.filter((text) => text.endsWith('.resolved'));
      assert.equal(opened.length, resolved.length, 'what opened ended');
      assert.equal(watch.incident, undefined);
    }),
    { numRuns: 60 },
  );
});
