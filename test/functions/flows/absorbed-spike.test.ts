/** The alert of a spike that all orgs' incident tells of: a death between writing that down and letting go of the duty. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '../../../functions/core/alert.ts';
import type { AlertDuty } from '../../../functions/core/duty.ts';
import type { OpenIncident, Watch } from '../../../functions/core/watch.ts';
import { watchAlertDoer } from '../../../functions/flows/watch-alert-duty.ts';
import { memoryPorts } from '../../support/memory-ports.ts';

const now = Date.UTC(2026, 10, 21, 12);
const orgId = '00D000000000001AAA';
const incident: OpenIncident = {
  id: 'incident',
  openedAt: now,
  cause: 'org_wide_revocation',
  tally: { failed: 3, tried: 3 },
  failed: 3,
  told: 3,
  escalations: 0,
  lastFailureAt: now,
  size: 3,
  connectionIds: [],
  evidence: ['Three of three fail.'],
};
const owed = { since: now, dueAt: now, cause: incident.cause };
const again: AlertDuty = { kind: 'alert', alertId: 'incident', type: 'invalid_grant_spike', ...owed, tries: 2 };

async function toldOf(change: Partial<OpenIncident>): Promise<readonly Alert[]> {
  const told: Alert[] = [];
  const ports = memoryPorts({ alerts: { publish: async (alert) => void told.push(alert) } });
  const watch: Watch = {
    version: 1,
    revision: 1,
    writeId: 'write',
    id: `crm.${orgId}`,
    kind: 'org',
    app: 'crm',
    orgId,
    activeAt: now,
    incident: { ...incident, ...change },
    duties: { 'alert.incident': again },
  };
  assert.equal(await watchAlertDoer(ports)(watch, again), 'done');
  return told;
}

test('a spike that was left to the fleet is not told by whoever comes to its duty later', async () => {
  assert.deepEqual(await toldOf({ absorbedBy: 'fleet' }), []);
});

test('one that may have been told before is told again', async () => {
  assert.deepEqual(
    (await toldOf({})).map(({ id }) => id),
    ['incident'],
  );
});
