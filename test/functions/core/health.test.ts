import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Finding, type HealthIncident, type HealthParts, healthOf } from '../../../functions/core/health.ts';
import { findingsOf } from '../../../functions/core/health-findings.ts';
import {
  deploymentIncident,
  incidentsAtMost,
  ordered,
  watchIncidents,
} from '../../../functions/core/health-incidents.ts';
import { needingFindings } from '../../../functions/core/health-needing.ts';
import type { ClosedIncident, OpenIncident, Watch } from '../../../functions/core/watch.ts';
import { anIncident, noon } from '../../contract/items.ts';
import { factsOf, sampled, told } from './health-facts.ts';

const counts = (active: number, dead = 0, complete = true) => ({
  total: active + dead,
  complete,
  by_status: { active, admin_action_required: 0, reauthorization_required: dead, disconnected: 0 },
});
const finding = (severity: Finding['severity']): Finding => ({
  code: 'claim_off',
  severity,
  summary: 's',
  evidence: [],
  remedy: 'r',
});
const incident = (change: Partial<HealthIncident> = {}): HealthIncident => ({
  id: 'i',
  type: 'invalid_grant_spike',
  severity: 'critical',
  app: 'crm',
  opened_at: '2026-11-21T12:00:00.000Z',
  cause: 'c',
  summary: 's',
  evidence: [],
  counts: {},
  remedy: 'r',
  connection_ids: [],
  ...change,
});
const app = (findings: Finding[], connections = counts(1)) =>
  ({ app: 'crm', flow: 'authorization_code', purpose: 'api', connections, findings }) as const;
const parts = (change: Partial<HealthParts> = {}): HealthParts => ({
  checked_at: '2026-11-21T12:00:00.000Z',
  overdue: { count: 0, complete: true },
  incidents: [],
  apps: [app([finding('warning'), finding('info')])],
  backlogAtLeast: 10,
  ...change,
});

describe('health', () => {
  it('is ok while nothing but warnings is found, an incident is over, or only Salesforce is down', () => {
    assert.equal(healthOf(parts()).status, 'ok');
    const over = incident({ resolved_at: '2026-11-21T12:10:00.000Z' });
    assert.equal(healthOf(parts({ incidents: [over, incident({ severity: 'warning' })] })).status, 'ok');
    assert.equal(healthOf(parts({ overdue: { count: 9, complete: true } })).status, 'ok');
  });

  it('asks for attention by an action, an open incident, or a backlog that nobody opened an incident for', () => {
    assert.equal(healthOf(parts({ apps: [app([finding('action')])] })).status, 'attention');
    assert.equal(healthOf(parts({ incidents: [incident()] })).status, 'attention');
    assert.equal(healthOf(parts({ overdue: { count: 10, complete: true } })).status, 'attention');
  });

  it('adds the counts of its apps up, complete only where each is', () => {
    const apps = [app([], counts(2, 1)), app([], counts(5, 0, false))];
    assert.deepEqual(healthOf(parts({ apps })).connections, counts(7, 1, false));
    assert.equal(healthOf(parts({ apps: apps.slice(0, 1) })).connections.complete, true);
  });
});

describe('incidents', () => {
  const open: OpenIncident = {
    id: 'crm.00D.1',
    openedAt: noon - 60_000,
    cause: 'org_wide_revocation',
    tally: { failed: 3, tried: 4 },
    failed: 3,
    told: 3,
    escalations: 0,
    lastFailureAt: noon,
    size: 9,
    connectionIds: ['crm.1'],
    evidence: ['e'],
  };
  const closed: ClosedIncident = {
    id: 'crm.00D.0',
    cause: 'org_wide_revocation',
    openedAt: noon - 9_000,
    closedAt: noon,
    lastFailureAt: noon - 5_000,
    failed: 3,
    left: 2,
    connectionIds: [],
    evidence: [],
  };
  const watch = (change: Partial<Watch>): Watch => ({
    version: 1,
    revision: 1,
    writeId: 'w',
    id: 'crm.00D',
    kind: 'org',
    app: 'crm',
    orgId: '00D',
    activeAt: noon,
    duties: {},
    ...change,
  });

  it('of an org are shown open, and for a day after', () => {
    const [first, second, ...more] = watchIncidents([watch({ incident: open, closed })], 'authorization_code', noon);
    assert.deepEqual([first?.type, first?.severity, first?.org_id], ['invalid_grant_spike', 'critical', '00D']);
    assert.deepEqual(first?.counts, { failed: 3, tried: 4, connections: 9, expected: 3 });
    assert.match(first?.summary ?? '', /^crm, org 00D: Salesforce refuses 3 of the 4 connections/);
    assert.equal(first?.resolved_at, undefined);
    assert.deepEqual([second?.resolved_at, second?.severity], ['2026-11-21T12:00:00.000Z', 'warning']);
    assert.deepEqual(more, []);
    const dayMs = 24 * 3_600_000;
    assert.equal(watchIncidents([watch({ closed })], 'authorization_code', noon + dayMs).length, 1);
    assert.deepEqual(watchIncidents([watch({ closed })], 'authorization_code', noon + dayMs + 1), []);
    assert.deepEqual(watchIncidents([watch({})], 'authorization_code', noon), []);
  });

  it('of a fleet are critical, but for an outage, which is waited for', () => {
    const of = (kind: Watch['kind']) => {
      const cause = kind === 'fleet_outage' ? 'salesforce_unavailable' : 'app_wide_revocation';
      return watchIncidents([watch({ kind, incident: { ...open, cause } })], 'authorization_code', noon)[0];
    };
    assert.deepEqual([of('fleet_revocation')?.type, of('fleet_revocation')?.severity], ['fleet_incident', 'critical']);
    assert.deepEqual([of('fleet_outage')?.type, of('fleet_outage')?.severity], ['fleet_incident', 'warning']);
    assert.match(of('fleet_outage')?.remedy ?? '', /Wait/);
  });

  it('of orgs that the fleet’s tells of are not shown beside it', () => {
    const absorbedBy = 'crm.fleet_revocation.1';
    const absorbed = watch({ incident: { ...open, absorbedBy }, closed: { ...closed, absorbedBy } });
    assert.deepEqual(watchIncidents([absorbed], 'authorization_code', noon), []);
  });

  it('that left nobody behind ask for nothing', () => {
    const [over] = watchIncidents([watch({ closed: { ...closed, left: 0 } })], 'authorization_code', noon);
    assert.deepEqual([over?.severity, over?.remedy], ['info', 'Nothing is to be done.']);
  });

  it('of the whole deployment are shown while they are open, and not after', () => {
    const shown = deploymentIncident(
      anIncident({ openedAt: noon, finding: { evidence: ['e'], connectionIds: [], counts: { connections: 12 } } }),
    );
    assert.deepEqual([shown?.type, shown?.app, shown?.counts], ['refresh_backlog', undefined, { connections: 12 }]);
    assert.equal(deploymentIncident(anIncident()), undefined);
  });

  it('stand with the open ones first, the newest of them first, and a hundred at most', () => {
    const at = (minute: number, resolved_at?: string) =>
      incident({
        id: `${minute}`,
        opened_at: `2026-11-21T12:${minute}:00.000Z`,
        ...(resolved_at === undefined ? {} : { resolved_at }),
      });
    const inOrder = ordered([at(30, 'then'), at(10), at(20), at(40, 'then')]);
    assert.deepEqual(
      inOrder.map(({ id }) => id),
      ['20', '10', '40', '30'],
    );
    assert.equal(ordered(Array.from({ length: 130 }, () => incident())).length, incidentsAtMost);
  });
});

describe('connections that wait for somebody', () => {
  const dead = (n: number, cause: string) => sampled(n, {}, { status: 'reauthorization_required', cause });

  it('are counted, with the causes of those that were looked at', () => {
    const facts = factsOf({ sample: [dead(1, 'revoked_or_unknown'), dead(2, 'revoked_or_unknown'), sampled(3)] });
    const [finding, ...more] = needingFindings({ ...facts, counts: counts(10, 40) });
    assert.deepEqual([finding?.code, finding?.severity, more.length], ['reauthorization_required', 'action', 0]);
    assert.match(finding?.summary ?? '', /^40 connections must be authorized again/);
    assert.match(finding?.evidence[0] ?? '', /the 2 that were looked at/);
    assert.match(finding?.evidence[1] ?? '', /^2 × \w+ \((?:certain|likely|possible)\): crm\./);
    assert.match(finding?.page ?? '', /^docs\/causes\/\w+\.md$/);
  });

  it('are told apart by who must act, and none is nothing to say', () => {
    const waiting = sampled(
      1,
      { lastFailure: { at: noon, class: 'admin', error: 'inactive_user', description: '' } },
      { status: 'admin_action_required', cause: 'inactive_user' },
    );
    const [finding] = needingFindings(factsOf({ sample: [waiting] }));
    assert.deepEqual([finding?.code, finding?.severity], ['admin_action_required', 'action']);
    assert.match(finding?.summary ?? '', /^1 connection waits for its org's Salesforce administrator/);
    assert.match(finding?.remedy ?? '', /^For the org's Salesforce administrator: Activate/);
    assert.deepEqual(needingFindings(factsOf({ sample: [sampled(1)] })), []);
  });

  it('say where they are listed if none was found by the time of reading', () => {
    const [finding] = needingFindings({ ...factsOf(), counts: counts(1, 1) });
    assert.deepEqual(finding?.evidence, [], 'causes of none are no evidence');
    assert.match(finding?.remedy ?? '', /GET \/connections\?app=crm&status=reauthorization_required/);
  });
});

it('the findings of an app stand with the most urgent first', () => {
  const sample = [sampled(1, {}, { status: 'reauthorization_required' }), sampled(2, {}, { org: 2 })];
  const severities = findingsOf(factsOf({ sample, config: { claim: false } })).map(({ severity }) => severity);
  assert.deepEqual([...new Set(severities)], ['action', 'warning', 'info']);
  assert.equal(told(findingsOf(factsOf())).filter((one) => one.endsWith('action')).length, 0);
});
