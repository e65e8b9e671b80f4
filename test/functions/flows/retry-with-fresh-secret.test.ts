import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppMisconfiguredError } from '../../../functions/core/errors.ts';
import type { ClientSecrets } from '../../../functions/core/ports.ts';
import { Secret } from '../../../functions/core/secret.ts';
import { freshCredentials } from '../../../functions/flows/retry-with-fresh-secret.ts';
import { memoryPorts } from '../../support/memory-ports.ts';

const sent = { clientId: 'crm-client', clientSecret: new Secret('old') };
const invalidClient = { error: 'invalid_client' };

function withSecrets(of: ClientSecrets['of']) {
  const asked: unknown[] = [];
  const secrets: ClientSecrets = {
    of: (app, options) => {
      asked.push([app, options]);
      return of(app, options);
    },
  };
  return { ports: memoryPorts({ secrets }), asked };
}

test('a secret that was rotated meanwhile is read past the cache and asked with', async () => {
  for (const error of ['invalid_client', 'invalid_client_credentials']) {
    const { ports, asked } = withSecrets(async () => ({ current: new Secret('new') }));
    const fresh = await freshCredentials(ports, 'crm', sent, { error });
    assert.equal(fresh?.clientId, 'crm-client');
    assert.equal(fresh?.clientSecret?.reveal(), 'new');
    assert.deepEqual(asked, [['crm', { fresh: true }]]);
  }
});

test('the same secret is not sent again', async () => {
  const { ports } = withSecrets(async () => ({ current: new Secret('old'), pending: new Secret('old') }));
  assert.equal(await freshCredentials(ports, 'crm', sent, invalidClient), undefined);
});

test('beside the one that was refused, the staged secret comes before the previous one', async () => {
  const [current, pending, previous] = ['old', 'next', 'older'].map((text) => new Secret(text)) as [
    Secret,
    Secret,
    Secret,
  ];
  for (const [beside, expected] of [
    [{ pending, previous }, 'next'],
    [{ previous }, 'older'],
  ] as const) {
    const { ports } = withSecrets(async () => ({ current, ...beside }));
    assert.equal((await freshCredentials(ports, 'crm', sent, invalidClient))?.clientSecret?.reveal(), expected);
  }
});

test('another refusal, or a client without a secret, reads nothing', async () => {
  const { ports, asked } = withSecrets(async () => ({ current: new Secret('new') }));
  assert.equal(await freshCredentials(ports, 'crm', sent, { error: 'invalid_client_id' }), undefined);
  assert.equal(await freshCredentials(ports, 'crm', { clientId: 'crm-client' }, invalidClient), undefined);
  assert.deepEqual(asked, []);
});

test('a secret that cannot be read is no other secret; what is unexpected is thrown', async () => {
  const unreadable = withSecrets(async () => {
    throw new AppMisconfiguredError('crm', 'unset');
  });
  assert.equal(await freshCredentials(unreadable.ports, 'crm', sent, invalidClient), undefined);
  const broken = withSecrets(async () => {
    throw new TypeError('a bug');
  });
  await assert.rejects(freshCredentials(broken.ports, 'crm', sent, invalidClient), TypeError);
});

test('no secret is logged', async () => {
  const lines: string[] = [];
  const line = (...all: unknown[]) => void lines.push(JSON.stringify(all));
  const { ports } = withSecrets(async () => ({ current: new Secret('new-secret-text') }));
  await freshCredentials({ ...ports, log: { info: line, warn: line, error: line } }, 'crm', sent, invalidClient);
  assert.equal(lines.length, 1);
  assert.doesNotMatch(lines.join(), /new-secret-text|"old"/);
});
