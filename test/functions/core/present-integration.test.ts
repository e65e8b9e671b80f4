import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presentIntegration, presentIntegrationInFull } from '../../../functions/core/present-integration.ts';
import { aConnection, anIntegration, noon } from '../../contract/items.ts';

const failed = anIntegration('acme', 'sync', {
  status: 'configuration_failed',
  reason: 'why',
  configuration: '{"password":"p"}',
  configuredAt: noon,
  configurationVersion: 3,
});

test('an integration is shown with its outcome and its connection, and without its configuration', () => {
  const shown = presentIntegrationInFull(failed, aConnection(1));
  assert.deepEqual(shown, {
    tenant: 'acme',
    integration: 'sync',
    status: 'configuration_failed',
    reason: 'why',
    configuration_version: 3,
    connection_id: aConnection(1).id,
    connection_status: 'active',
    linked_at: '2026-11-21T12:00:00.000Z',
    configured_at: '2026-11-21T12:00:00.000Z',
  });
  assert.doesNotMatch(JSON.stringify(shown), /password/);
});

test('what is not known is left out', () => {
  const shown = presentIntegrationInFull(anIntegration('acme', 'sync'), undefined);
  assert.deepEqual(Object.keys(shown).sort(), [
    'configuration_version',
    'connection_id',
    'integration',
    'linked_at',
    'status',
    'tenant',
  ]);
});

test('in the list of its connection it is shorter', () => {
  assert.deepEqual(presentIntegration(failed), {
    tenant: 'acme',
    integration: 'sync',
    status: 'configuration_failed',
    reason: 'why',
    configuration_version: 3,
  });
});
