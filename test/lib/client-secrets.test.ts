import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { unsetClientSecret } from '../../functions/adapters/secrets-manager-client-secrets.ts';
import { exampleConfig, templateWith } from './synthesized.ts';
import { allowing, functionOf, onlyResource, resourcesOf, statementsOf } from './template-reading.ts';

const template = templateWith();
const secrets = resourcesOf(template, 'AWS::SecretsManager::Secret').filter(([, { Properties }]) =>
  Properties.Name.endsWith('/client-secret'),
);

describe('the client secrets', () => {
  it('are one for each app that has one, and none for a public client or one that signs', () => {
    assert.deepEqual(secrets.map(([, { Properties }]) => Properties.Name).toSorted(), [
      'Grantkeeper/crm-eu/client-secret',
      'Grantkeeper/crm-service/client-secret',
      'Grantkeeper/crm/client-secret',
    ]);
  });

  it('hold the placeholder that the adapter knows as unset', () => {
    for (const [, { Properties }] of secrets) assert.equal(Properties.SecretString, unsetClientSecret);
  });

  it('are encrypted with our key and kept when the stack is deleted', () => {
    const [storageKeyId] = onlyResource(template, 'AWS::KMS::Key', 'StorageKey');
    for (const [, { Properties, DeletionPolicy }] of secrets) {
      assert.deepEqual(Properties.KmsKeyId, { 'Fn::GetAtt': [storageKeyId, 'Arn'] });
      assert.equal(DeletionPolicy, 'RetainExceptOnCreate');
    }
  });

  const readers = [
    ['callback', ['crm', 'crm-eu']],
    ['refresh', ['crm', 'crm-eu', 'crm-service']],
    ['jwt-bearer', ['crm-service']],
    ['maintain', []],
  ] as const;
  for (const [name, apps] of readers) {
    it(`are read by ${name} one by one: those of [${apps}]`, () => {
      const ids = apps.map(
        (app) => secrets.find(([, { Properties }]) => Properties.Name === `Grantkeeper/${app}/client-secret`)?.[0],
      );
      const known = new Set(secrets.map(([id]) => id));
      const read = allowing(statementsOf(template, name), 'secretsmanager:GetSecretValue')
        .flatMap(({ Resource }) => [Resource].flat())
        .map((resource) => (resource as { Ref: string }).Ref);
      assert.deepEqual(
        read.filter((id) => known.has(id)),
        ids,
      );
    });
  }

  it('tell maintain their ages, and nobody else: not their values', () => {
    const ids = secrets.map(([id]) => id).toSorted();
    for (const name of ['maintain', 'refresh', 'callback', 'connections', 'token'] as const) {
      const listed = allowing(statementsOf(template, name), 'secretsmanager:ListSecretVersionIds')
        .flatMap(({ Resource }) => [Resource].flat())
        .map((resource) => (resource as { Ref: string }).Ref);
      assert.deepEqual(listed.toSorted(), name === 'maintain' ? ids : []);
    }
  });

  it('are found by the prefix that their readers are told', () => {
    const [, { Properties }] = functionOf(template, 'refresh');
    assert.equal(Properties.Environment.Variables.CLIENT_SECRET_PREFIX, 'Grantkeeper/');
  });
});

describe('the prefix of client secrets', () => {
  it('follows the stack’s name, so that two stacks share an account', () => {
    const [, secret] = onlyResource(templateWith({ id: 'Staging' }), 'AWS::SecretsManager::Secret', 'crm4');
    assert.equal(secret.Properties.Name, 'Staging/crm/client-secret');
  });

  it('may be chosen', () => {
    const chosen = templateWith({ clientSecretPrefix: 'team/grants-' });
    const names = resourcesOf(chosen, 'AWS::SecretsManager::Secret').map(([, { Properties }]) => Properties.Name);
    assert.ok(names.includes('team/grants-crm/client-secret'));
  });

  it('is refused with a character that Secrets Manager would refuse at deploy', () => {
    assert.throws(() => templateWith({ clientSecretPrefix: 'my team/' }), {
      name: 'ConfigurationError',
      message: /clientSecretPrefix: must match .*; got my team\//,
    });
  });
});

describe('where all apps are public clients', () => {
  it('there is no secret, and nobody may read any', () => {
    const config = { ...exampleConfig, apps: { mobile: { clientId: 'm', clientAuthentication: 'none' as const } } };
    const publicOnly = templateWith({ config });
    publicOnly.resourceCountIs('AWS::SecretsManager::Secret', 0);
    assert.deepEqual(allowing(statementsOf(publicOnly, 'refresh'), 'secretsmanager:GetSecretValue'), []);
  });
});
