import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import * as composed from '../../../functions/core/compose-watch-alert.ts';
import type { Flow } from '../../../functions/core/connection.ts';
import type { AlertDuty } from '../../../functions/core/duty.ts';
import type { Watch } from '../../../functions/core/watch.ts';
import { remedyOfIncident } from '../../../functions/core/watch-remedies.ts';
import { noon, orgId } from '../../contract/items.ts';
import { anOrgWatch, minuteMs } from '../../support/org-connections.ts';

const browser = 'authorization_code';
const composeWatchAlert = (watch: Watch, owed: AlertDuty, flow: Flow = browser) =>
  composed.composeWatchAlert(watch, owed, flow);
const composeRecovery = (watch: Watch, owed: AlertDuty, recovered: number, left: number, flow: Flow = browser) =>
  composed.composeRecovery(watch, owed, recovered, left, flow);

const incident = {
  id: 'i',
  openedAt: noon,
  cause: 'org_wide_revocation',
  tally: { failed: 12, tried: 14 },
  failed: 12,
  told: 160,
  escalations: 0,
  lastFailureAt: noon,
  size: 200,
  connectionIds: ['a', 'b'],
  evidence: ['Of 200 connections …'],
};
const closed = { ...incident, closedAt: noon + 25 * minuteMs, failed: 190, left: 30 };
const duty = (alertId: string, type: AlertDuty['type'], cause = incident.cause): AlertDuty => ({
  kind: 'alert',
  alertId,
  type,
  cause,
  since: noon,
  dueAt: noon,
  tries: 0,
});
const fleetWatch = (kind: 'fleet_revocation' | 'fleet_outage', cause: string): Watch => {
  const { orgId: _orgId, ...rest } = anOrgWatch({ kind, id: `crm.${kind}` });
  return { ...rest, incident: { ...incident, cause, tally: { failed: 5, tried: 6 }, size: 8, told: 7, failed: 5 } };
};

describe('the alert of an org', () => {
  const spike = composeWatchAlert(anOrgWatch({ incident }), duty('i', 'invalid_grant_spike'));

  it('names the app, the org and the numbers', () => {
    assert.equal(
      spike.summary,
      `crm, org ${orgId(1)}: Salesforce refuses 12 of the 14 connections that were tried; some 160 of 200 are to be expected.`,
    );
    assert.deepEqual(spike.counts, { failed: 12, tried: 14, connections: 200, expected: 160 });
    assert.deepEqual([spike.id, spike.severity, spike.app, spike.org_id], ['i', 'critical', 'crm', orgId(1)]);
    assert.deepEqual([spike.connection_ids, spike.opened_at], [['a', 'b'], '2026-11-21T12:00:00.000Z']);
  });

  it('says what to do, and where more stands', () => {
    assert.match(spike.remedy, /administrator .* before anybody authorizes again/);
    assert.match(spike.remedy, /docs\/causes\/org_wide_revocation\.md$/);
  });

  it('that is told again says why', () => {
    const again = composeWatchAlert(
      anOrgWatch({ incident: { ...incident, failed: 40 } }),
      duty('i.x2', 'invalid_grant_spike'),
    );
    assert.match(again.summary, /40 have failed since it began, at least twice as many as were told before/);
    assert.match(again.evidence[0] ?? '', /doubled/);
    assert.equal(again.counts.failed, 40);
    assert.doesNotMatch(spike.summary, /twice/);
  });

  it('at its end says plainly who is left, and what they want', () => {
    const resolved = composeWatchAlert(anOrgWatch({ closed }), duty('i.resolved', 'invalid_grant_spike_resolved'));
    assert.deepEqual([resolved.severity, resolved.counts], ['warning', { failed: 190, recovered: 160, left: 30 }]);
    assert.match(resolved.summary, /after 25 minutes\. 190 failed, 160 work again, 30 still fail/);
    assert.match(resolved.remedy, /reauthorization_required/);
    const healed = composeWatchAlert(
      anOrgWatch({ closed: { ...closed, left: 0 } }),
      duty('i.resolved', 'invalid_grant_spike_resolved'),
    );
    assert.deepEqual([healed.severity, healed.remedy], ['info', 'Nothing is to be done.']);
  });

  it('that is late, for the incident is over, is composed of what is on record', () => {
    const late = composeWatchAlert(anOrgWatch({ closed }), duty('i', 'invalid_grant_spike'));
    assert.deepEqual([late.type, late.severity, late.counts.failed], ['invalid_grant_spike', 'critical', 190]);
  });

  it('speaks of one as of one', () => {
    const one = { ...closed, closedAt: noon + minuteMs, failed: 2, left: 1 };
    const ended = composeWatchAlert(anOrgWatch({ closed: one }), duty('i.resolved', 'invalid_grant_spike_resolved'));
    assert.match(ended.summary, /after 1 minute\. 2 failed, 1 works again, 1 still fails\.$/);
    const back = composeRecovery(anOrgWatch({ closed: one }), duty('i.recovered.7', 'connection_recovered'), 1, 1);
    assert.match(back.summary, /: 1 connection of the incident works again; 1 still fails\.$/);
  });

  it('that is late asks for nothing where all work again', () => {
    const late = (left: number) =>
      composeWatchAlert(anOrgWatch({ closed: { ...closed, left } }), duty('i', 'invalid_grant_spike')).remedy;
    assert.equal(late(0), 'Nothing is to be done.');
    assert.match(late(3), /administrator/);
  });

  it('of which nothing is on record any more still says what it is', () => {
    const forgotten = composeWatchAlert(anOrgWatch(), duty('i', 'invalid_grant_spike'));
    assert.deepEqual([forgotten.id, forgotten.counts], ['i', {}]);
    assert.match(forgotten.summary, /refuses many/);
  });

  it('of a recovery counts who came back', () => {
    const alert = composeRecovery(anOrgWatch({ closed }), duty('i.recovered.7', 'connection_recovered'), 28, 2);
    assert.deepEqual(
      [alert.type, alert.severity, alert.counts],
      ['connection_recovered', 'info', { recovered: 28, left: 2 }],
    );
    assert.match(alert.summary, /28 connections of the incident work again; 2 still fail\./);
  });
});

describe('the alert of a fleet', () => {
  it('counts orgs, and names none', () => {
    const alert = composeWatchAlert(fleetWatch('fleet_revocation', 'app_wide_revocation'), duty('i', 'fleet_incident'));
    assert.deepEqual([alert.org_id, alert.severity], ['', 'critical']);
    assert.deepEqual(alert.counts, { failed: 5, tried: 6, orgs: 8, expected: 7 });
    assert.match(alert.summary, /^crm, all orgs: Salesforce refuses 5 of the 6 orgs/);
  });

  it('of an outage is a warning, and asks nobody to authorize', () => {
    const alert = composeWatchAlert(fleetWatch('fleet_outage', 'salesforce_unavailable'), duty('i', 'fleet_incident'));
    assert.equal(alert.severity, 'warning');
    assert.match(alert.summary, /no token is lost/);
    assert.match(alert.remedy, /^Wait;/);
  });
});

describe('the alert of an outage', () => {
  const watch = (change: Partial<Watch>): Watch => ({
    ...fleetWatch('fleet_outage', 'salesforce_unavailable'),
    incident: undefined,
    ...change,
  });
  const owed = duty('i', 'fleet_incident', 'salesforce_unavailable');

  it('is a warning still where it is late, or nothing is on record of it any more', () => {
    const late = composeWatchAlert(watch({ closed: { ...closed, cause: 'salesforce_unavailable' } }), owed);
    const forgotten = composeWatchAlert(watch({}), owed);
    assert.deepEqual([late.severity, forgotten.severity], ['warning', 'warning']);
    assert.match(forgotten.remedy, /^Wait;/);
    const revoked = duty('i', 'fleet_incident', 'app_wide_revocation');
    assert.equal(composeWatchAlert(watch({ kind: 'fleet_revocation' }), revoked).severity, 'critical');
  });
});

describe('the remedy of an incident', () => {
  it('says who acts where the error itself does not', () => {
    for (const cause of ['ip_restricted', 'expired_immediately', 'app_blocked']) {
      assert.match(remedyOfIncident(cause, 'authorization_code'), /^For the org's Salesforce administrator: /, cause);
    }
  });

  it('asks nobody to authorize where there is no browser', () => {
    const told = ['authentication_failure', 'expired_access_refresh_token', 'app_wide_revocation', 'ip_restricted'];
    for (const flow of ['jwt_bearer', 'client_credentials'] as const) {
      for (const cause of told) {
        const remedy = remedyOfIncident(cause, flow);
        assert.match(remedy, /ogins are tried again.*nothing is to be authorized again/, cause);
        assert.doesNotMatch(remedy, /authorizes? again\.|connect link/, cause);
      }
      const ended = composeWatchAlert(anOrgWatch({ closed }), duty('i.resolved', 'invalid_grant_spike_resolved'), flow);
      assert.doesNotMatch(ended.remedy, /reauthorization_required/);
    }
    assert.match(remedyOfIncident('app_wide_revocation', 'authorization_code'), /authorizes again/);
  });

  const causes = [
    'org_wide_revocation',
    'app_wide_revocation',
    'expired_immediately',
    'user_deactivated_or_password_changed',
    'salesforce_unavailable',
    'ip_restricted',
    'a_cause_nobody_knows',
  ];
  for (const cause of causes) {
    it(`of ${cause} ends with a page that is there`, () => {
      const page = /More: (\S+\.md)$/.exec(remedyOfIncident(cause, 'authorization_code'))?.[1];
      assert.ok(page !== undefined && existsSync(new URL(`../../../${page}`, import.meta.url)), page);
    });
  }

  it('of an administrator’s block is that of the error, and says that nothing is to be authorized again', () => {
    assert.match(remedyOfIncident('ip_restricted', 'authorization_code'), /nothing is to be authorized again/);
  });
});
