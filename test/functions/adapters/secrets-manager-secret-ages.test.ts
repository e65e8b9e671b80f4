import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  TagResourceCommand,
} from '@aws-sdk/client-secrets-manager';
import { unsetClientSecret } from '../../../functions/adapters/secrets-manager-client-secrets.ts';
import { createSecretsManagerSecretAges } from '../../../functions/adapters/secrets-manager-secret-ages.ts';
import { AppMisconfiguredError } from '../../../functions/core/errors.ts';
import { engineConfig, noEngine, type PlayedAnswer, playedAws } from './played-aws.ts';

/** Secrets Manager gives times in seconds. */
const at = Date.UTC(2026, 0, 2) / 1_000;
const version = (CreatedDate: number, ...VersionStages: string[]) => ({
  VersionId: `v-${CreatedDate}`,
  CreatedDate,
  VersionStages,
});

async function played(test: TestContext, answer: PlayedAnswer) {
  const { config, calls } = await playedAws(test, () => answer);
  const client = new SecretsManagerClient({ ...config, maxAttempts: 1 });
  return { ages: createSecretsManagerSecretAges({ client, prefix: 'grantkeeper/' }), calls };
}

const listed = (...Versions: object[]): PlayedAnswer => ({ body: { Versions } });

describe('the age of a client secret', () => {
  it('is that of its current version, once a value followed the placeholder, and no value is asked for', async (test) => {
    const { ages, calls } = await played(test, listed(version(at - 9, 'AWSPREVIOUS'), version(at, 'AWSCURRENT')));
    assert.deepEqual(await ages.of('crm'), { set: true, changedAt: at * 1_000 });
    assert.deepEqual(
      calls.map(({ action, body }) => [action, body.SecretId]),
      [['secretsmanager.ListSecretVersionIds', 'grantkeeper/crm/client-secret']],
    );
  });

  it('is none while the placeholder stands alone, or beside a value that is only pending', async (test) => {
    const alone = await played(test, listed(version(at, 'AWSCURRENT')));
    assert.deepEqual(await alone.ages.of('crm'), { set: false });
    const pending = await played(test, listed(version(at, 'AWSCURRENT'), version(at + 9, 'AWSPENDING')));
    assert.deepEqual(await pending.ages.of('crm'), { set: false });
    assert.deepEqual(await (await played(test, { body: {} })).ages.of('crm'), { set: false });
  });

  it('is not that of a version without a stage, nor of one that has not come', async (test) => {
    const versions = [
      version(at - 20),
      version(at - 9, 'AWSPREVIOUS'),
      version(at, 'AWSCURRENT'),
      version(at + 5, 'AWSPENDING'),
    ];
    assert.deepEqual(await (await played(test, listed(...versions))).ages.of('crm'), {
      set: true,
      changedAt: at * 1_000,
    });
  });

  it('is the deployer’s trouble where there is no such secret, and anybody’s where it cannot be listed', async (test) => {
    const missing = await played(test, { status: 400, body: { __type: 'ResourceNotFoundException', message: 'none' } });
    await assert.rejects(missing.ages.of('crm'), (error: unknown) => {
      assert.ok(error instanceof AppMisconfiguredError);
      assert.match(error.message, /no secret grantkeeper\/crm\/client-secret.*Deploy again/);
      return true;
    });
    const refused = await played(test, { status: 400, body: { __type: 'AccessDeniedException', message: 'no' } });
    await assert.rejects(refused.ages.of('crm'), { name: 'AccessDeniedException' });
  });
});

describe('the age of a client secret in an engine', { skip: noEngine }, () => {
  it('begins with the first value, and again with the next; a tag changes nothing', async () => {
    const client = new SecretsManagerClient(engineConfig());
    const prefix = `grantkeeper-${randomUUID()}/`;
    const SecretId = `${prefix}crm/client-secret`;
    const ages = createSecretsManagerSecretAges({ client, prefix });
    await assert.rejects(ages.of('crm'), AppMisconfiguredError);
    await client.send(new CreateSecretCommand({ Name: SecretId, SecretString: unsetClientSecret }));
    assert.deepEqual(await ages.of('crm'), { set: false });
    await client.send(new PutSecretValueCommand({ SecretId, SecretString: 'first' }));
    const first = await ages.of('crm');
    assert.ok(first.set && first.changedAt !== undefined);
    await client.send(new TagResourceCommand({ SecretId, Tags: [{ Key: 'team', Value: 'crm' }] }));
    assert.deepEqual(await ages.of('crm'), first);
    await client.send(new PutSecretValueCommand({ SecretId, SecretString: 'second' }));
    assert.ok(((await ages.of('crm')).changedAt ?? 0) >= first.changedAt);
  });
});
