import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { composeIncidentAlert } from '../../../functions/core/compose-incident-alert.ts';
import type { AlertDuty } from '../../../functions/core/duty.ts';
import { decideIncident, type Incident, type IncidentFinding, quietMs } from '../../../functions/core/incident.ts';
import { noon } from '../../contract/items.ts';

const finding: IncidentFinding = {
  evidence: ['At least 12 connections are overdue.'],
  connectionIds: ['one', 'two', 'three', 'four', 'five', 'six'],
  counts: { connections: 12 },
};
const decide = (incident: Incident | undefined, found: IncidentFinding | undefined, now: number, alertId = 'a') =>
  decideIncident(incident, 'refresh_backlog', found, now, alertId);
const open = () => decide(undefined, finding, noon)!;

test('what is well needs no item', () => {
  assert.equal(decide(undefined, undefined, noon), undefined);
});

test('an incident opens with one alert, which names at most five connections', () => {
  const incident = open();
  assert.deepEqual([incident.openedAt, incident.finding?.connectionIds.length], [noon, 5]);
  const [duty, ...more] = Object.values(incident.duties);
  assert.deepEqual(more, []);
  assert.deepEqual([duty?.kind, duty?.dueAt, duty?.tries], ['alert', noon, 0]);
  const alert = composeIncidentAlert(incident, duty as AlertDuty);
  assert.deepEqual([alert.id, alert.type, alert.severity], ['a', 'refresh_backlog', 'critical']);
  assert.deepEqual([alert.app, alert.org_id, alert.counts, alert.evidence], ['', '', finding.counts, finding.evidence]);
  assert.deepEqual(alert.connection_ids, ['one', 'two', 'three', 'four', 'five']);
  assert.equal(alert.opened_at, '2026-11-21T12:00:00.000Z');
  assert.match(alert.remedy, /schedule-refreshes/);
});

test('while it goes on nothing is written', () => {
  assert.equal(decide(open(), finding, noon + 60_000), undefined);
});

test('it is resolved silently once it was quiet for long enough, and can open anew', () => {
  const quiet = decide({ ...open(), duties: {} }, undefined, noon + 60_000)!;
  assert.equal(quiet.quietSince, noon + 60_000);
  assert.equal(decide(quiet, undefined, noon + 60_000 + quietMs - 1), undefined);
  const resolved = decide(quiet, undefined, noon + 60_000 + quietMs)!;
  assert.deepEqual([resolved.openedAt, resolved.quietSince, resolved.duties], [undefined, undefined, {}]);
  assert.equal(decide(resolved, undefined, noon + quietMs * 3), undefined);
  assert.deepEqual(Object.keys(decide(resolved, finding, noon + quietMs * 3, 'b')!.duties), ['alert.b']);
});

test('what comes back while it is quiet is the same incident', () => {
  const quiet = decide(open(), undefined, noon + 60_000)!;
  const back = decide(quiet, finding, noon + 120_000, 'b')!;
  assert.deepEqual([back.quietSince, Object.keys(back.duties)], [undefined, ['alert.a']]);
});

test('whatever comes and goes, an alert is owed at most once in each quarter of an hour', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (minutes) => {
      let incident: Incident | undefined;
      minutes.forEach((found, minute) => {
        incident = decide(incident, found ? finding : undefined, noon + minute * 60_000, String(minute)) ?? incident;
      });
      const owed = Object.values(incident?.duties ?? {}).map(({ since }) => since);
      owed.slice(1).forEach((since, n) => {
        assert.ok(since - owed[n]! > quietMs);
      });
      assert.equal(owed.length > 0, minutes.includes(true));
    }),
  );
});
