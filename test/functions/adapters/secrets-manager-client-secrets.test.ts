import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  createSecretsManagerClientSecrets,
  unsetClientSecret,
} from '../../../functions/adapters/secrets-manager-client-secrets.ts';
import { AppMisconfiguredError } from '../../../functions/core/errors.ts';
import type { ClientSecretSet } from '../../../functions/core/ports.ts';
import { engineConfig, noEngine, playedAws } from './played-aws.ts';

type Stages = Partial<Record<'AWSCURRENT' | 'AWSPENDING' | 'AWSPREVIOUS', string>>;

/** Secrets Manager with one secret, whose stages the test moves. */
async function playedSecret(test: TestContext, stages: Stages) {
  const { config, calls } = await playedAws(test, ({ body }) => {
    const value = stages[body.VersionStage as keyof Stages];
    if (value !== undefined) return { body: { SecretString: value, Name: body.SecretId } };
    return { status: 400, body: { __type: 'ResourceNotFoundException', message: 'no value at this stage' } };
  });
  let now = 0;
  const secrets = createSecretsManagerClientSecrets({
    client: new SecretsManagerClient({ ...config, maxAttempts: 1 }),
    prefix: 'grantkeeper/',
    now: () => now,
  });
  return {
    secrets,
    calls,
    stages,
    passMinutes: (minutes: number) => {
      now += minutes * 60_000;
    },
  };
}

const shown = ({ current, pending, previous }: ClientSecretSet) => [
  current.reveal(),
  pending?.reveal(),
  previous?.reveal(),
];

describe('the client secret of an app', () => {
  it('comes with those beside it during a rotation, each of its own stage', async (test) => {
    const { secrets, calls } = await playedSecret(test, {
      AWSCURRENT: 'now',
      AWSPENDING: 'next',
      AWSPREVIOUS: 'before',
    });
    assert.deepEqual(shown(await secrets.of('crm')), ['now', 'next', 'before']);
    assert.ok(calls.every(({ body }) => body.SecretId === 'grantkeeper/crm/client-secret'));
  });

  it('may stand alone, and a placeholder beside it is none', async (test) => {
    const { secrets } = await playedSecret(test, { AWSCURRENT: 'now\n', AWSPREVIOUS: unsetClientSecret });
    assert.deepEqual(shown(await secrets.of('crm')), ['now', undefined, undefined]);
  });

  it('is asked for once in five minutes, absent stages too, and again where it must be fresh', async (test) => {
    const { secrets, calls, stages, passMinutes } = await playedSecret(test, { AWSCURRENT: 'now' });
    await secrets.of('crm');
    await secrets.of('crm');
    assert.equal(calls.length, 3);
    Object.assign(stages, { AWSCURRENT: 'rotated', AWSPREVIOUS: 'now' });
    assert.deepEqual(shown(await secrets.of('crm')), ['now', undefined, undefined]);
    assert.deepEqual(shown(await secrets.of('crm', { fresh: true })), ['rotated', undefined, 'now']);
    assert.equal(calls.length, 6);
    stages.AWSPENDING = 'next';
    passMinutes(6);
    assert.deepEqual(shown(await secrets.of('crm')), ['rotated', 'next', 'now']);
  });

  it('that is still the placeholder says which command sets it, and works at once when it was run', async (test) => {
    const { secrets, stages } = await playedSecret(test, { AWSCURRENT: unsetClientSecret });
    for (let count = 0; count < 2; count += 1) {
      await assert.rejects(secrets.of('crm'), (error) => {
        assert.ok(error instanceof AppMisconfiguredError);
        assert.equal(error.app, 'crm');
        assert.match(error.message, /is not set.*put-secret-value --secret-id grantkeeper\/crm\/client-secret/);
        return true;
      });
    }
    stages.AWSCURRENT = 'set';
    assert.equal((await secrets.of('crm')).current.reveal(), 'set');
  });

  it('that cannot be read says why', async (test) => {
    for (const type of ['ResourceNotFoundException', 'AccessDeniedException', 'DecryptionFailure']) {
      const { config } = await playedAws(test, () => ({ status: 400, body: { __type: type, message: type } }));
      const client = new SecretsManagerClient({ ...config, maxAttempts: 1 });
      const secrets = createSecretsManagerClientSecrets({ client, prefix: 'grantkeeper/', now: () => 0 });
      await assert.rejects(secrets.of('crm'), (error) => {
        assert.ok(error instanceof AppMisconfiguredError);
        assert.match(error.message, /grantkeeper\/crm\/client-secret/);
        return true;
      });
    }
  });
});

describe('the client secret in an engine', { skip: noEngine }, () => {
  it('is unset, then set, then rotated', async () => {
    const client = new SecretsManagerClient(engineConfig());
    const prefix = `grantkeeper-${randomUUID()}/`;
    const SecretId = `${prefix}crm/client-secret`;
    const secrets = createSecretsManagerClientSecrets({ client, prefix, now: () => 0 });
    await assert.rejects(secrets.of('crm'), AppMisconfiguredError);
    await client.send(new CreateSecretCommand({ Name: SecretId, SecretString: unsetClientSecret }));
    await assert.rejects(secrets.of('crm'), /is not set/);
    await client.send(new PutSecretValueCommand({ SecretId, SecretString: 'first' }));
    assert.deepEqual(shown(await secrets.of('crm')), ['first', undefined, undefined]);
    await client.send(new PutSecretValueCommand({ SecretId, SecretString: 'second' }));
    assert.deepEqual(shown(await secrets.of('crm', { fresh: true })), ['second', undefined, 'first']);
  });
});
