import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideConfigured, decideLink, type Link } from '../../../functions/core/link.ts';
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
    linkedAt: noon + 1,
    linkedBy: 'session-2',
  });
});

test('a later link moves the integration and counts its configuration up', () => {
  const current = anIntegration('acme', 'sync', {
    status: 'configuration_failed',
    reason: 'x',
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
    linkedAt: noon + 1,
    linkedBy: 'session-2',
  });
  assert.equal(decideLink(current, { ...link, configuration: '{"b":2}' })?.configuration, '{"b":2}');
});

test('a link that is repeated or older changes nothing', () => {
  const current = anIntegration('acme', 'sync', { linkedAt: noon + 1, linkedBy: 'session-2' });
  assert.equal(decideLink(current, link), undefined);
  assert.equal(decideLink(current, { ...link, by: 'session-1', at: noon }), undefined);
  assert.ok(decideLink(current, { ...link, by: 'session-3', at: noon + 1 }));
});

test('an outcome is taken for its own version, once', () => {
  const current = anIntegration('acme', 'sync', { configurationVersion: 3 });
  const configured = decideConfigured(current, 3, { status: 'configured' });
  assert.deepEqual(configured, { ...current, status: 'configured', reason: undefined });
  assert.equal(decideConfigured(configured!, 3, { status: 'configured' }), undefined);
  for (const version of [2, 4]) assert.equal(decideConfigured(current, version, { status: 'configured' }), undefined);
});

test('a failure says why, at no more than 500 characters', () => {
  const after = decideConfigured(anIntegration('acme', 'sync'), 1, {
    status: 'configuration_failed',
    reason: 'r'.repeat(501),
  });
  assert.deepEqual([after?.status, after?.reason?.length], ['configuration_failed', 500]);
});
