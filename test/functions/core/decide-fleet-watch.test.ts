import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Connection } from '../../../functions/core/connection.ts';
import { decideFleetWatch, type FleetFacts, newFleetWatch } from '../../../functions/core/decide-fleet-watch.ts';
import { tallyFleet, tallyOutage } from '../../../functions/core/fleet-tally.ts';
import type { OpenIncident, Watch } from '../../../functions/core/watch.ts';
import { noon, orgId } from '../../contract/items.ts';
import {
  anOrgWatch,
  failing,
  many,
  minuteMs,
  thresholds,
  untried,
  windowMs,
  working,
} from '../../support/org-connections.ts';

const fleet = { minimumOrgs: 5, minimumShare: 0.2 };
const orgsFailing = (count: number, at = noon, change: Partial<Watch> = {}) =>
  Array.from({ length: count }, (_, index) => anOrgWatch({ failedAt: at, ...change }, index + 1));
/** One connection for each org. */
const sampleOf = (failed: number, works: number, more = 0): Connection[] => [
  ...many(failed, 1, (n) => failing(n, { org: n })),
  ...many(works, 500, (n) => working(n, noon, n)),
  ...many(more, 800, (n) => untried(n, n)),
];
const decide = (
  orgs: readonly Watch[],
  sample: readonly Connection[],
  facts: Partial<FleetFacts> = {},
  watch?: Watch,
) =>
  decideFleetWatch(watch ?? newFleetWatch('crm', 'fleet_revocation', noon), 'fleet_revocation', {
    orgs,
    sample,
    spike: thresholds,
    fleet,
    now: noon,
    incidentId: 'f',
    ...facts,
  });
const spike = { incident: { id: 'i' } as OpenIncident };

const silent = (n: number, failures: number, at = noon, failureClass = 'transient'): Connection => {
  const one = untried(n, n);
  const lastFailure = { at, class: failureClass, error: 'no_answer', description: 'timeout' };
  return { ...one, grant: { ...one.grant!, failures, lastFailure } };
};

describe('a fleet incident', () => {
  const cases: readonly (readonly [string, number, number, Partial<Watch>, boolean])[] = [
    ['five of five orgs', 5, 5, {}, true],
    ['four of four', 4, 4, {}, false],
    ['five of 25, exactly the share', 5, 25, {}, true],
    ['five of 26', 5, 26, {}, false],
    ['five of 26 that are spikes', 5, 26, spike, true],
    ['four of 26 that are spikes', 4, 26, spike, false],
  ];
  for (const [what, failed, tried, change, opens] of cases) {
    it(`${opens ? 'is' : 'is not'} ${what}`, () => {
      const { step, after } = decide(orgsFailing(failed, noon, change), sampleOf(failed, tried - failed));
      assert.equal(step, opens ? 'opened' : 'quiet');
      assert.equal(after.incident?.cause, opens ? 'app_wide_revocation' : undefined);
    });
  }

  it('counts orgs in its window alone', () => {
    const edge = noon - windowMs;
    assert.equal(decide(orgsFailing(5, edge), sampleOf(5, 0)).step, 'opened');
    assert.equal(decide(orgsFailing(5, edge - 1), sampleOf(5, 0)).step, 'quiet');
  });

  it('is told again when twice the orgs that were foretold fail', () => {
    const opened = { ...decide(orgsFailing(5), sampleOf(5, 20)).after, duties: {} };
    const told = opened.incident!.told;
    const later = (count: number) => decide(orgsFailing(count), sampleOf(count, 20), { now: noon + minuteMs }, opened);
    assert.equal(later(2 * told - 1).step, 'seen');
    assert.equal(later(2 * told).step, 'escalated');
    assert.ok(later(2 * told).after.duties['alert.f.x2']);
  });

  it('ends as an org’s does, with the orgs that still fail', () => {
    const opened = { ...decide(orgsFailing(5), sampleOf(5, 0)).after, duties: {} };
    const sample = [...many(2, 1, (n) => failing(n, { org: n })), ...many(3, 3, (n) => working(n, noon + 1, n))];
    assert.equal(decide(orgsFailing(5), sample, { now: noon + 15 * minuteMs - 1 }, opened).step, 'seen');
    const { step, after } = decide(orgsFailing(5), sample, { now: noon + 15 * minuteMs }, opened);
    assert.deepEqual([step, after.closed?.failed, after.closed?.left], ['resolved', 5, 2]);
  });

  it('is not kept open by what single orgs of many meet, for their own reasons, every few minutes', () => {
    const opened = { ...decide(orgsFailing(5), sampleOf(5, 20)).after, duties: {} };
    const later = noon + 16 * minuteMs;
    const works = many(20, 500, (n) => working(n, later, n));
    const at = (fail: number, works: readonly Connection[], change: Partial<Watch> = {}) => {
      const late = many(fail, 90, (n) => failing(n, { org: n, at: later - minuteMs }));
      const orgs = [
        ...orgsFailing(5),
        ...late.map((_, n) => anOrgWatch({ failedAt: later - minuteMs, ...change }, 90 + n)),
      ];
      return decide(orgs, [...sampleOf(5, 0), ...late, ...works], { now: later }, opened);
    };
    assert.equal(at(1, works).step, 'resolved');
    assert.equal(at(1, []).step, 'resolved', 'one alone is no share of anything');
    assert.equal(at(4, works).step, 'resolved', 'four of twenty-four');
    assert.equal(at(5, works).step, 'seen', 'five of twenty-five are the share that opens one');
    assert.equal(at(1, works, spike).step, 'seen', 'nor is an org left alone that fails as a whole');
    const { closed } = at(1, works).after;
    assert.deepEqual([closed?.closedAt, closed?.lastFailureAt], [later, noon], 'the one that failed late is news');
  });

  it('an outage is not kept open by one org that has one of its own', () => {
    const orgs = orgsFailing(5, noon, { failedAt: undefined, unansweredAt: noon });
    const facts = { spike: thresholds, fleet, incidentId: 'o' };
    const decideOutage = (watch: Watch, more: Pick<FleetFacts, 'orgs' | 'sample' | 'now'>) =>
      decideFleetWatch(watch, 'fleet_outage', { ...facts, ...more });
    const sample = many(5, 1, (n) => silent(n, 3));
    const opened = decideOutage(newFleetWatch('crm', 'fleet_outage', noon), { orgs, sample, now: noon }).after;
    const later = noon + 20 * minuteMs;
    const still = anOrgWatch({ unansweredAt: later - minuteMs }, 1);
    const mended = [silent(1, 9, later - minuteMs), ...many(4, 2, (n) => working(n, later, n))];
    const { step, after } = decideOutage(opened, { orgs: [still, ...orgs.slice(1)], sample: mended, now: later });
    assert.deepEqual([step, after.closed?.left], ['resolved', 1]);
    const backingOff = many(4, 12, (n) => ({ ...silent(n, 5, noon + minuteMs), orgId: orgId(n - 10) }));
    const back = decideOutage(opened, { orgs, sample: [...mended, ...backingOff], now: later });
    assert.equal(back.after.closed?.left, 1, 'an org is back with its first connection, whatever its others wait for');
  });

  it('goes by the connections where an org’s watch was not told', () => {
    const opened = { ...decide(orgsFailing(5), sampleOf(5, 0)).after, duties: {} };
    const late = [...sampleOf(5, 0), failing(99, { org: 99, at: noon + 10 * minuteMs })];
    assert.equal(decide(orgsFailing(5), late, { now: noon + 15 * minuteMs }, opened).step, 'seen');
  });

  it('makes orgs due of which nobody was tried, where two of those tried fail', () => {
    const { wave, goesOn, after } = decide(orgsFailing(2), sampleOf(2, 0, 30));
    assert.deepEqual([wave?.size, goesOn, after.pull?.waves], [10, true, 1]);
    assert.equal(decide(orgsFailing(1), sampleOf(1, 0, 30)).wave, undefined);
    assert.equal(decide(orgsFailing(2), sampleOf(2, 9, 30)).wave, undefined, 'the others work');
    assert.equal(decide(orgsFailing(2), sampleOf(2, 0)).wave, undefined, 'nobody is left');
  });
});

describe('orgs of a sample', () => {
  it('count once each', () => {
    const sample = [...many(3, 1, (n) => failing(n)), working(9), failing(4, { org: 2 }), untried(5, 3)];
    const { failed, tried, size, untried: left } = tallyFleet(sample, windowMs, noon);
    assert.deepEqual({ failed, tried, size, left }, { failed: 2, tried: 2, size: 3, left: [orgId(3)] });
  });

  it('get no answers when one of theirs gets none twice in a row, within the window', () => {
    const failedOf = (one: Connection) => tallyOutage([one], windowMs, noon).failed;
    assert.equal(failedOf(silent(1, 2)), 1);
    assert.equal(failedOf(silent(1, 1)), 0);
    assert.equal(failedOf(silent(1, 2, noon - windowMs)), 1);
    assert.equal(failedOf(silent(1, 2, noon - windowMs - 1)), 0);
    assert.equal(failedOf(silent(1, 5, noon, 'busy')), 0);
  });

  it('an outage is another incident, which makes nobody due and ends only when somebody got through', () => {
    const orgs = Array.from({ length: 5 }, (_, n) => anOrgWatch({ failedAt: undefined, unansweredAt: noon }, n + 1));
    const sample = many(5, 1, (n) => silent(n, 3));
    const facts = { orgs, sample, spike: thresholds, fleet, now: noon, incidentId: 'o' };
    const at = (now: number, more: Partial<FleetFacts> = {}, watch = newFleetWatch('crm', 'fleet_outage', noon)) =>
      decideFleetWatch(watch, 'fleet_outage', { ...facts, now, ...more });
    const opened = at(noon);
    assert.deepEqual(
      [opened.step, opened.after.incident?.cause, opened.wave],
      ['opened', 'salesforce_unavailable', undefined],
    );
    assert.equal(at(noon + 30 * minuteMs, {}, opened.after).step, 'seen', 'the backoff is silent, too');
    const through = [...sample.slice(1), working(1, noon + minuteMs)];
    assert.equal(at(noon + 14 * minuteMs, { sample: through }, opened.after).step, 'seen');
    assert.equal(at(noon + 15 * minuteMs, { sample: through }, opened.after).step, 'resolved');
    assert.equal(at(noon + 75 * minuteMs, {}, opened.after).step, 'resolved', 'nor does it last for ever');
  });

  it('that fail so are no reason for the other incident', () => {
    const orgs = Array.from({ length: 9 }, (_, n) => anOrgWatch({ failedAt: undefined, unansweredAt: noon }, n + 1));
    assert.equal(
      decide(
        orgs,
        many(9, 1, (n) => silent(n, 3)),
      ).step,
      'quiet',
    );
  });
});
