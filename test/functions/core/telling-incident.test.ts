import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tellingIncident } from '../../../functions/core/telling-incident.ts';
import type { ClosedIncident, OpenIncident, Watch } from '../../../functions/core/watch.ts';
import { noon } from '../../contract/items.ts';
import { anOrgWatch, minuteMs, windowMs } from '../../support/org-connections.ts';

const open = (id: string, change: Partial<OpenIncident> = {}): Watch =>
  anOrgWatch({ incident: { id, openedAt: noon, ...change } as OpenIncident });
const closed = (id: string, change: Partial<ClosedIncident> = {}): Watch =>
  anOrgWatch({
    closed: {
      id,
      openedAt: noon,
      lastFailureAt: noon + 20 * minuteMs,
      closedAt: noon + 35 * minuteMs,
      ...change,
    } as ClosedIncident,
  });
const telling = (failingSince: number | undefined, org?: Watch, fleet?: Watch) =>
  tellingIncident({ failingSince }, org, fleet, windowMs);

test('an open incident tells of what failed in its window, and since', () => {
  assert.equal(telling(noon - windowMs, open('i')), 'i');
  assert.equal(telling(noon - windowMs - 1, open('i')), undefined);
  assert.equal(telling(noon + 300 * minuteMs, open('i')), 'i');
});

test('one that is over tells of what it counted, and not of what was written while it ended', () => {
  assert.equal(telling(noon + 20 * minuteMs, closed('i')), 'i');
  assert.equal(telling(noon + 20 * minuteMs + 1, closed('i')), undefined);
  assert.equal(telling(noon - windowMs - 1, closed('i')), undefined);
});

test('that of all orgs comes first, and takes over what it absorbed', () => {
  assert.equal(telling(noon, open('i'), open('f')), 'f');
  assert.equal(telling(noon, open('i', { absorbedBy: 'f' })), 'f');
  assert.equal(telling(noon, closed('i', { absorbedBy: 'f' })), 'f');
});

test('none tells of what Salesforce never refused, and none of what no watch knows', () => {
  assert.equal(telling(undefined, open('i'), open('f')), undefined);
  assert.equal(telling(noon), undefined);
  assert.equal(telling(noon, anOrgWatch()), undefined);
});
