import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FunctionName } from '../../functions/core/routes.ts';
import { functionNames } from '../../lib/functions.ts';
import { templateWith } from './synthesized.ts';
import { actionsOf, functionOf, mentions, onlyResource, resourcesOf, statementsOf } from './template-reading.ts';

const template = templateWith();
const [dataKeyId, dataKey] = onlyResource(template, 'AWS::KMS::Key', 'DataKey');

interface Rights {
  readonly make: readonly string[];
  readonly open: readonly string[];
}

const nothing: Rights = { make: [], open: [] };
const both = ['access', 'refresh'];

/** Only `refresh` and `maintain` may unwrap purpose `refresh`, only `token` and `refresh` purpose `access`: who needs another's asks it. */
const expected: Readonly<Record<FunctionName, Rights>> = {
  connect: nothing,
  callback: { make: both, open: [] },
  configure: nothing,
  'schedule-refreshes': nothing,
  refresh: { make: both, open: both },
  'jwt-bearer': { make: both, open: [] },
  token: { make: [], open: ['access'] },
  connections: nothing,
  maintain: { make: [], open: ['refresh'] },
};

describe('the key that wraps data keys', () => {
  for (const name of functionNames) {
    const { make, open } = expected[name];
    it(`lets ${name} make keys for [${make}] and open keys for [${open}]`, () => {
      assert.deepEqual(
        { make: purposesOf(name, 'kms:GenerateDataKey'), open: purposesOf(name, 'kms:Decrypt') },
        { make, open },
      );
    });
  }

  it('is used for nothing else, and never without a scope', () => {
    for (const statement of functionNames.flatMap(statementsOn)) {
      assert.deepEqual(
        actionsOf(statement).filter((action) => action !== 'kms:GenerateDataKey' && action !== 'kms:Decrypt'),
        [],
      );
      assert.deepEqual(statement.Condition?.Null, { 'kms:EncryptionContext:scope': 'false' });
    }
  });

  it('rotates and is kept when the stack is deleted', () => {
    assert.equal(dataKey.Properties.EnableKeyRotation, true);
    assert.equal(dataKey.DeletionPolicy, 'Retain');
  });

  it('has a policy that lets in this account’s roles and nobody else', () => {
    const [allowed, ...more] = dataKey.Properties.KeyPolicy.Statement.filter(
      ({ Effect }: { Effect: string }) => Effect === 'Allow',
    );
    assert.deepEqual(more, []);
    assert.match(JSON.stringify(allowed.Principal), /"AWS".*AWS::AccountId.*:root/);
  });

  const tag = { Key: 'grantkeeper:data-keys', Value: 'open' };

  it('opens nothing for a role without its tag, whatever a policy of the account allows', () => {
    const [denied, ...more] = dataKey.Properties.KeyPolicy.Statement.filter(
      ({ Effect }: { Effect: string }) => Effect === 'Deny',
    );
    assert.deepEqual(more, []);
    assert.deepEqual(denied, {
      Sid: 'OpenedByTaggedRolesOnly',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: ['kms:Decrypt', 'kms:ReEncryptFrom'],
      Resource: '*',
      Condition: { StringNotEquals: { [`aws:PrincipalTag/${tag.Key}`]: tag.Value } },
    });
  });

  it('knows by the tag just the roles that may open something', () => {
    const tagged = functionNames.filter((name) => tagsOf(name).some((one) => one.Key === tag.Key));
    assert.deepEqual(
      tagged,
      functionNames.filter((name) => expected[name].open.length > 0),
    );
    for (const name of tagged)
      assert.deepEqual(
        tagsOf(name).filter(({ Key }) => Key === tag.Key),
        [tag],
      );
    const others = resourcesOf(template, 'AWS::IAM::Role').length - functionNames.length;
    const all = resourcesOf(template, 'AWS::IAM::Role').filter(([, role]) => JSON.stringify(role).includes(tag.Key));
    assert.deepEqual([others, all.length], [2, tagged.length]);
  });

  it('is shut only when they have the tag, in an upgrade too', () => {
    const after = (dataKey as { DependsOn?: string[] }).DependsOn ?? [];
    for (const name of functionNames.filter((one) => expected[one].open.length > 0))
      assert.ok(after.includes(roleIdOf(name)), name);
  });

  it('is asked by the same tag once adopted', () => {
    const dataKeyArn = 'arn:aws:kms:us-east-1:111122223333:key/6fd2ab04-2f41-4a6e-8d4a-8f1f0e7e6d11';
    const adopting = templateWith({ adopt: { dataKeyArn } });
    const tagged = resourcesOf(adopting, 'AWS::IAM::Role').filter(([, role]) => JSON.stringify(role).includes(tag.Key));
    assert.equal(tagged.length, 3);
  });
});

function roleIdOf(name: FunctionName): string {
  return functionOf(template, name)[1].Properties.Role['Fn::GetAtt'][0];
}

function tagsOf(name: FunctionName): { Key: string; Value: string }[] {
  return template.toJSON().Resources[roleIdOf(name)].Properties.Tags ?? [];
}

function statementsOn(name: FunctionName) {
  return statementsOf(template, name).filter(({ Resource }) => mentions(Resource, dataKeyId));
}

function purposesOf(name: FunctionName, action: string): string[] {
  return statementsOn(name)
    .filter((statement) => actionsOf(statement).includes(action))
    .flatMap(({ Condition }) => Condition?.StringEquals?.['kms:EncryptionContext:purpose'] as string[]);
}
