import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { unsetClientSecret } from '../../functions/adapters/secrets-manager-client-secrets.ts';
import type { FunctionName } from '../../functions/core/routes.ts';
import { functionNames } from '../../lib/functions.ts';
import { exampleConfig, type SynthesizedProps, templateWith } from './synthesized.ts';
import { actionsOf, allowing, functionOf, onlyResource, resourcesOf, statementsOf } from './template-reading.ts';

const template = templateWith();
const anyKey = {
  'Fn::Join': [
    '',
    ['arn:', { Ref: 'AWS::Partition' }, ':kms:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':key/*'],
  ],
};
const aliases = ['alias/Grantkeeper/crm-jwt/signing-1', 'alias/Grantkeeper/crm-jwt/signing-2'];
const askedForByAlias = { StringEquals: { 'kms:RequestAlias': aliases } };

describe('the keys of KMS', () => {
  it('are none of the template’s: they outlive the stack', () => {
    const specs = resourcesOf(template, 'AWS::KMS::Key').map(([, { Properties }]) => Properties.KeyUsage);
    assert.deepEqual(specs, [undefined, undefined]);
    template.resourceCountIs('AWS::KMS::Alias', 0);
  });

  for (const name of ['jwt-bearer', 'refresh'] as const) {
    it(`sign for ${name}, by the aliases of the app and no other way`, () => {
      assert.deepEqual(onAnyKey(name), [
        { Effect: 'Allow', Action: ['kms:DescribeKey', 'kms:Sign'], Resource: anyKey, Condition: askedForByAlias },
      ]);
    });
  }

  it('tell maintain when their certificates end, and sign nothing for it', () => {
    assert.deepEqual(onAnyKey('maintain'), [
      { Effect: 'Allow', Action: 'kms:DescribeKey', Resource: anyKey, Condition: askedForByAlias },
      {
        Effect: 'Allow',
        Action: 'kms:ListResourceTags',
        Resource: anyKey,
        Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': aliases } },
      },
    ]);
  });

  it('are out of reach of all others', () => {
    assert.deepEqual(holdersOf('kms:Sign'), ['refresh', 'jwt-bearer']);
    const reaching = functionNames.filter((name) => onAnyKey(name).length > 0);
    assert.deepEqual(reaching, ['refresh', 'jwt-bearer', 'maintain']);
  });

  it('are made, changed and scheduled for deletion by no function', () => {
    const taken = new Set(functionNames.flatMap((name) => statementsOf(template, name)).flatMap(actionsOf));
    const known = ['Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey', 'ListResourceTags', 'ReEncryptFrom'];
    assert.deepEqual(
      [...taken].filter((action) => action.startsWith('kms:')).toSorted(),
      [...known, 'ReEncryptTo', 'Sign'].map((action) => `kms:${action}`),
    );
  });
});

describe('the keys in PEM', () => {
  const [secretId, secret] = onlyResource(template, 'AWS::SecretsManager::Secret', 'SigningKeys');
  const [storageKeyId] = onlyResource(template, 'AWS::KMS::Key', 'StorageKey');

  it('get a secret of their own, with the placeholder that the adapter knows as unset', () => {
    assert.equal(secret.Properties.Name, 'Grantkeeper/crm-pem/signing-key');
    assert.equal(secret.Properties.SecretString, unsetClientSecret);
  });

  it('are encrypted with our key and kept when the stack is deleted, unless nothing is to be retained', () => {
    assert.deepEqual(secret.Properties.KmsKeyId, { 'Fn::GetAtt': [storageKeyId, 'Arn'] });
    assert.equal(secret.DeletionPolicy, 'RetainExceptOnCreate');
    const other = templateWith({ retain: false });
    assert.equal(onlyResource(other, 'AWS::SecretsManager::Secret', 'SigningKeys')[1].DeletionPolicy, 'Delete');
  });

  it('are read by those who sign and by maintain, for the end of a certificate, and by nobody else', () => {
    const readers = functionNames.filter((name) =>
      allowing(statementsOf(template, name), 'secretsmanager:GetSecretValue')
        .flatMap(({ Resource }) => [Resource].flat())
        .some((resource) => (resource as { Ref: string }).Ref === secretId),
    );
    assert.deepEqual(readers, ['refresh', 'jwt-bearer', 'maintain']);
  });
});

describe('where no app signs', () => {
  const browserOnly = templateWith({ config: { apps: { crm: { clientId: 'c', claim: false } } } });

  it('nobody may use a key by alias, and there is no secret for keys', () => {
    for (const name of functionNames) {
      const statements = statementsOf(browserOnly, name);
      assert.deepEqual(allowing(statements, 'kms:Sign'), []);
      assert.doesNotMatch(JSON.stringify(statements), /key\/\*/);
    }
    browserOnly.resourceCountIs('AWS::SecretsManager::Secret', 1);
  });

  it('the functions find their prefix all the same, so that an app may come later', () => {
    const { SIGNING_KEY_PREFIX } = functionOf(browserOnly, 'refresh')[1].Properties.Environment.Variables;
    assert.equal(SIGNING_KEY_PREFIX, 'Grantkeeper/');
  });
});

describe('the prefix of signing keys', () => {
  it('follows the stack’s name, so that two stacks share an account and neither signs with the other’s', () => {
    const text = JSON.stringify(statementsOf(templateWith({ id: 'Staging' }), 'refresh'));
    assert.match(text, /"alias\/Staging\/crm-jwt\/signing-1"/);
    assert.doesNotMatch(text, /alias\/Grantkeeper/);
  });

  for (const clientSecretPrefix of ['team+grants/', 'aws/']) {
    it(`${clientSecretPrefix} is refused where KMS would refuse the alias, and taken where no app asks for one`, () => {
      const props: SynthesizedProps = { clientSecretPrefix };
      assert.throws(() => templateWith(props), /clientSecretPrefix: must match .* where an app signs with KMS/);
      const { 'crm-jwt': _signing, ...apps } = exampleConfig.apps;
      assert.doesNotThrow(() => templateWith({ ...props, config: { apps } }));
    });
  }
});

function onAnyKey(name: FunctionName) {
  return statementsOf(template, name).filter(({ Resource }) => JSON.stringify(Resource) === JSON.stringify(anyKey));
}

function holdersOf(action: string): FunctionName[] {
  return functionNames.filter((name) => allowing(statementsOf(template, name), action).length > 0);
}
