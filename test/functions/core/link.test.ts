import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decideConfigured,
  decideLink,
  decideReconfigure,
  decideUnlink,
  type Link,
  mayConfigure,
} from '../../../functions/core/link.ts';
import { anIntegration, noon } from '../../contract/items.ts';

const link: Link = { tenant: 'acme', integration: 'sync', connectionId: 'new', by: 'session-2', at: noon + 1 };

test('the first link makes the integration', () => {
  assert.deepEqual(decideLink(undefined, { ...link, configuration: '{}' }), {
    version: 1,
    revision: 0,
    writeId: '',
    tenant: 'acme',
    integration: 'sync',
    connectionId: 'new',
    formerConnectionId: undefined,
    configuration: '{}',
    configurationVersion: 1,
    status: 'linked',
    reason: undefined,
    configuredAt: undefined,
    linkedAt: noon + 1,
    linkedBy: 'session-2',
  });
});

test('a later link moves the integration and counts its configuration up', () => {
  const current = anIntegration('acme', 'sync', {
    status: 'configuration_failed',
    reason: 'x',
    configuredAt: noon,
    configuration: '{"a":1}',
  });
  const after = decideLink(current, link);
  assert.deepEqual(after, {
    ...current,
    connectionId: 'new',
    formerConnectionId: current.connectionId,
    configurationVersion: 2,
    status: 'linked',
    reason: undefined,
    configuredAt: undefined,
    linkedAt: noon + 1,
    linkedBy: 'session-2',
  });
  assert.equal(decideLink(current, { ...link, configuration: '{"b":2}' })?.configuration, '{"b":2}');
});

test('a link that was begun by a limited caller takes nothing from another app, but what was unlinked', () => {
  const connectionId = 'erp.00D5e000001abcdEAA.0055e000001abcdEAA';
  const current = anIntegration('acme', 'sync', { connectionId });
  assert.equal(decideLink(current, { ...link, takesFrom: ['crm'] }), undefined);
  assert.equal(decideLink(current, { ...link, takesFrom: [] }), undefined);
  for (const takesFrom of [['crm', 'erp'], undefined]) {
    assert.equal(decideLink(current, { ...link, takesFrom })?.connectionId, 'new');
  }
  const tombstone = { ...current, status: 'unlinked' as const };
  assert.equal(decideLink(tombstone, { ...link, takesFrom: ['crm'] })?.connectionId, 'new');
});

test('a link that is repeated or older changes nothing', () => {
  const current = anIntegration('acme', 'sync', { linkedAt: noon + 1, linkedBy: 'session-2' });
  assert.equal(decideLink(current, link), undefined);
  assert.equal(decideLink(current, { ...link, by: 'session-1', at: noon }), undefined);
  assert.ok(decideLink(current, { ...link, by: 'session-3', at: noon + 1 }));
});

test('an outcome is taken for its own version, once', () => {
  const current = anIntegration('acme', 'sync', { configurationVersion: 3 });
  const configured = decideConfigured(current, 3, { status: 'configured' }, noon + 1);
  assert.deepEqual(configured, { ...current, status: 'configured', reason: undefined, configuredAt: noon + 1 });
  assert.equal(decideConfigured(configured!, 3, { status: 'configured' }, noon + 2), undefined);
  for (const version of [2, 4])
    assert.equal(decideConfigured(current, version, { status: 'configured' }, noon), undefined);
});

test('a failure says why, at no more than 500 characters', () => {
  const failure = { status: 'configuration_failed', reason: 'r'.repeat(501) } as const;
  const after = decideConfigured(anIntegration('acme', 'sync'), 1, failure, noon + 1);
  assert.deepEqual(
    [after?.status, after?.reason?.length, after?.configuredAt],
    ['configuration_failed', 500, noon + 1],
  );
});

test('a failure may be followed by a retry’s success, and a success by no duplicate’s failure', () => {
  const failed = decideConfigured(anIntegration('acme', 'sync'), 1, { status: 'configuration_failed', reason: 'x' }, 1);
  assert.ok(failed && mayConfigure(failed, 1));
  const configured = decideConfigured(failed, 1, { status: 'configured' }, 2);
  assert.deepEqual([configured?.status, configured?.reason, configured?.configuredAt], ['configured', undefined, 2]);
  assert.equal(mayConfigure(configured!, 1), false);
  assert.equal(decideConfigured(configured!, 1, { status: 'configuration_failed', reason: 'x' }, 3), undefined);
  assert.equal(mayConfigure(anIntegration('acme', 'sync', { status: 'unlinked' }), 1), false);
});

test('a configuration anew counts up and forgets how the last one ended', () => {
  const current = anIntegration('acme', 'sync', {
    status: 'configuration_failed',
    reason: 'x',
    configuredAt: noon,
    configuration: '{"a":1}',
  });
  const again = { ...current, configurationVersion: 2, status: 'linked', reason: undefined, configuredAt: undefined };
  assert.deepEqual(decideReconfigure(current, undefined), again);
  assert.deepEqual(decideReconfigure(current, '{"b":2}'), { ...again, configuration: '{"b":2}' });
});

test('an unlink leaves a tombstone without a configuration, which no earlier link revives', () => {
  const current = anIntegration('acme', 'sync', { configuration: '{"a":1}', status: 'configured' });
  const tombstone = decideUnlink(current, current.connectionId, noon + 2);
  assert.ok(tombstone);
  assert.deepEqual(
    [tombstone.status, tombstone.configuration, tombstone.connectionId, tombstone.linkedAt],
    ['unlinked', undefined, current.connectionId, noon + 2],
  );
  assert.equal(decideLink(tombstone, link), undefined);
  const revived = decideLink(tombstone, { ...link, at: noon + 2 });
  assert.deepEqual([revived?.status, revived?.connectionId, revived?.configurationVersion], ['linked', 'new', 2]);
});

test('an unlink leaves alone what moved, what was linked since, and what is gone', () => {
  const current = anIntegration('acme', 'sync');
  assert.equal(decideUnlink(current, 'other', noon + 2), undefined);
  assert.equal(decideUnlink(current, current.connectionId, noon - 1), undefined);
  const gone = { ...current, status: 'unlinked' as const, linkedAt: noon + 2 };
  assert.equal(decideUnlink(gone, current.connectionId, noon + 2), undefined);
});

test('a repeated unlink moves the instant on: a link asked for in between is not done any more', () => {
  const gone = { ...anIntegration('acme', 'sync'), status: 'unlinked' as const, linkedAt: noon };
  const later = decideUnlink(gone, gone.connectionId, noon + 2);
  assert.ok(later);
  assert.notEqual(decideLink(gone, { ...link, at: noon + 1 }), undefined);
  assert.equal(decideLink(later, { ...link, at: noon + 1 }), undefined);
});
