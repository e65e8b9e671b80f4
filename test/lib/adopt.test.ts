import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import type { AdoptProps } from '../../lib/adopt.ts';
import { functionNames } from '../../lib/functions.ts';
import { Grantkeeper } from '../../lib/grantkeeper.ts';
import { emptyApp, exampleConfig, stackWith, templateWith } from './synthesized.ts';
import { functionOf, onlyResource, resourcesOf, statementsOf } from './template-reading.ts';

const env = { account: '111122223333', region: 'eu-central-1' };
const keyArn = (id: string) => `arn:aws:kms:eu-central-1:111122223333:key/${id}`;
const secretArn = (name: string) => `arn:aws:secretsmanager:eu-central-1:111122223333:secret:${name}-AbCdEf`;
const secretNames = ['crm', 'crm-eu', 'crm-service'];

const before: Required<AdoptProps> = {
  tableName: 'Old-Table',
  storageKeyArn: keyArn('storage'),
  dataKeyArn: keyArn('data'),
  lifeboatBucketName: 'old-lifeboat',
  clientSecretArns: Object.fromEntries(secretNames.map((app) => [app, secretArn(`Old/${app}/client-secret`)])),
  signingKeySecretArns: { 'crm-pem': secretArn('Old/crm-pem/signing-key') },
};

const kept = ['AWS::DynamoDB::Table', 'AWS::KMS::Key', 'AWS::S3::Bucket', 'AWS::SecretsManager::Secret'];

describe('what survives a stack', () => {
  const template = templateWith();

  it('is each table, key, bucket, secret and log, whatever replaces or removes it', () => {
    let looked = 0;
    for (const type of [...kept, 'AWS::Logs::LogGroup']) {
      for (const [id, { DeletionPolicy, UpdateReplacePolicy }] of resourcesOf(template, type)) {
        // One with a name of its own goes with the deployment that failed to make it, lest the next try finds it there.
        const expected = type === 'AWS::SecretsManager::Secret' ? 'RetainExceptOnCreate' : 'Retain';
        assert.equal(DeletionPolicy, expected, id);
        assert.match(String(UpdateReplacePolicy), /^Retain/, id);
        looked += 1;
      }
    }
    assert.equal(looked, 1 + 2 + 1 + 4 + 10);
  });

  it('has no name that a second stack’s own would meet, but the secrets', () => {
    const nameOf: Readonly<Record<string, string>> = {
      'AWS::DynamoDB::Table': 'TableName',
      'AWS::S3::Bucket': 'BucketName',
      'AWS::Logs::LogGroup': 'LogGroupName',
    };
    for (const [type, name] of Object.entries(nameOf)) {
      for (const [id, { Properties }] of resourcesOf(template, type)) assert.equal(Properties[name], undefined, id);
    }
    assert.deepEqual(resourcesOf(template, 'AWS::KMS::Alias'), []);
  });

  it('stands in the output Adopt, as the prop wants it', () => {
    const parts: unknown[] = template.toJSON().Outputs.Adopt.Value['Fn::Join'][1];
    const text = parts.map((part) => (typeof part === 'string' ? part : 'X')).join('');
    const { clientSecretArns, signingKeySecretArns, ...others } = JSON.parse(text);
    assert.deepEqual(Object.keys(others), ['tableName', 'storageKeyArn', 'dataKeyArn', 'lifeboatBucketName']);
    assert.deepEqual(Object.keys(clientSecretArns), secretNames);
    assert.deepEqual(Object.keys(signingKeySecretArns), ['crm-pem']);
    const references = parts.filter((part) => typeof part !== 'string').map((part) => JSON.stringify(part));
    for (const type of kept) {
      for (const [id] of resourcesOf(template, type))
        assert.ok(
          references.some((one) => one.includes(`"${id}"`)),
          id,
        );
    }
  });
});

describe('a stack that takes up another’s', () => {
  const template = templateWith({ env, adopt: before, clientSecretPrefix: 'Old/' });

  it('makes none of them anew', () => {
    for (const type of kept) assert.deepEqual(resourcesOf(template, type), [], type);
  });

  it('tells its functions of them', () => {
    const variables = Object.assign(
      {},
      ...functionNames.map((name) => functionOf(template, name)[1].Properties.Environment.Variables),
    );
    assert.equal(variables.TABLE_NAME, 'Old-Table');
    assert.equal(variables.DATA_KEY_ID, before.dataKeyArn);
    assert.equal(variables.LIFEBOAT_BUCKET, 'old-lifeboat');
    assert.equal(variables.CLIENT_SECRET_PREFIX, 'Old/');
  });

  it('gives each role what it has in a stack of its own, on these', () => {
    const own = templateWith({ env });
    for (const name of functionNames) {
      const actionsOf = (of: typeof own) =>
        JSON.stringify(statementsOf(of, name).map(({ Action, Condition }) => [Action, Object.keys(Condition ?? {})]));
      assert.equal(actionsOf(template), actionsOf(own), name);
    }
    const text = JSON.stringify(functionNames.map((name) => statementsOf(template, name)));
    for (const part of [
      ':table/Old-Table',
      ':table/Old-Table/index/due',
      before.storageKeyArn,
      before.dataKeyArn,
      ':::old-lifeboat/c/*',
    ]) {
      assert.ok(text.includes(part), part);
    }
    for (const arn of [...Object.values(before.clientSecretArns), ...Object.values(before.signingKeySecretArns)]) {
      assert.ok(text.includes(arn), arn);
    }
  });

  it('puts its queues, alerts and logs under the key that there is', () => {
    assert.ok(
      resourcesOf(template, 'AWS::Logs::LogGroup').every(([, one]) => one.Properties.KmsKeyId === before.storageKeyArn),
    );
    assert.ok(
      resourcesOf(template, 'AWS::SQS::Queue').every(
        ([, one]) => one.Properties.KmsMasterKeyId === before.storageKeyArn,
      ),
    );
    assert.equal(onlyResource(template, 'AWS::SNS::Topic')[1].Properties.KmsMasterKeyId, before.storageKeyArn);
  });

  it('gives the lifeboat its policy back, as the same resource', () => {
    const [id, policy] = onlyResource(template, 'AWS::S3::BucketPolicy');
    assert.equal(policy.Properties.Bucket, 'old-lifeboat');
    const [ownId, ownPolicy] = onlyResource(templateWith({ env }), 'AWS::S3::BucketPolicy');
    assert.equal(id, ownId);
    const plain = ({ Effect, Action, Condition, Principal }: Record<string, unknown>) => ({
      Effect,
      Action,
      Condition,
      Principal,
    });
    assert.deepEqual(
      policy.Properties.PolicyDocument.Statement.map(plain),
      ownPolicy.Properties.PolicyDocument.Statement.map(plain),
    );
  });

  it('takes names that are known at deployment only, of parameters say', () => {
    const stack = new Stack(emptyApp(), 'Theirs');
    const parameter = (id: string) => new CfnParameter(stack, id).valueAsString;
    new Grantkeeper(stack, 'Grants', {
      config: exampleConfig,
      allowExecuteApiUrl: true,
      adopt: {
        tableName: parameter('TableName'),
        storageKeyArn: parameter('StorageKeyArn'),
        dataKeyArn: parameter('DataKeyArn'),
        lifeboatBucketName: parameter('LifeboatBucketName'),
      },
    });
    const { Variables } = functionOf(Template.fromStack(stack), 'callback')[1].Properties.Environment;
    assert.deepEqual(Variables.LIFEBOAT_BUCKET, { Ref: 'LifeboatBucketName' });
    assert.deepEqual(Variables.TABLE_NAME, { Ref: 'TableName' });
  });

  it('makes a secret for an app that came later', () => {
    const { crm: _later, ...others } = before.clientSecretArns;
    const some = templateWith({ env, adopt: { ...before, clientSecretArns: others }, clientSecretPrefix: 'Old/' });
    assert.equal(onlyResource(some, 'AWS::SecretsManager::Secret')[1].Properties.Name, 'Old/crm/client-secret');
  });

  it('says in its own output Adopt what it took up', () => {
    const value = template.toJSON().Outputs.Adopt.Value;
    assert.deepEqual(JSON.parse(value), before);
  });
});

describe('a table that is taken up without its lifeboat', () => {
  const { lifeboatBucketName: _bucket, ...without } = before;
  const warningsOf = (adopt: AdoptProps) =>
    Annotations.fromStack(stackWith({ env, adopt, clientSecretPrefix: 'Old/' })).findWarning(
      '*',
      Match.stringLikeRegexp('lifeboat'),
    );

  it('is warned of', () => {
    assert.equal(warningsOf(without).length, 1);
  });

  it('is not with it, nor where no table is taken up', () => {
    assert.deepEqual(warningsOf(before), []);
    assert.deepEqual(warningsOf({ dataKeyArn: before.dataKeyArn }), []);
  });
});

describe('what cannot be taken up', () => {
  const refused: readonly (readonly [string, AdoptProps, RegExp])[] = [
    [
      'a table without its keys',
      { tableName: 'Old-Table' },
      /storageKeyArn: must be given with tableName[\s\S]*dataKeyArn: must/,
    ],
    [
      'the output as it stands, for text says nothing to anybody',
      JSON.stringify(before) as AdoptProps,
      /adopt: must be an object of tableName, .*got a string/,
    ],
    ['a name that nothing reads', { tablename: 'Old-Table' } as AdoptProps, /adopt\.tablename: is not known/],
    ['nothing where something was looked for', null as unknown as AdoptProps, /adopt: must be an object.*got null/],
    [
      'a table by its ARN',
      { ...before, tableName: 'arn:aws:dynamodb:x:1:table/t' },
      /tableName: must be a table’s name/,
    ],
    [
      'a key by its alias',
      { ...before, dataKeyArn: 'alias/data' },
      /dataKeyArn: must be the ARN of a key, no alias; got/,
    ],
    ['a bucket by its ARN', { lifeboatBucketName: 'arn:aws:s3:::old' }, /lifeboatBucketName: must be a bucket’s name/],
    [
      'a secret of another name',
      { clientSecretArns: { crm: secretArn('Old/other/client-secret') } },
      /clientSecretArns\.crm: must be the secret Old\/crm\/client-secret.*clientSecretPrefix/,
    ],
    [
      'a key of another region, which opens nothing here',
      { ...before, dataKeyArn: before.dataKeyArn.replace('eu-central-1', 'us-east-1') },
      /dataKeyArn: must be of the region eu-central-1, where the stack is; got arn:aws:kms:us-east-1/,
    ],
    [
      'a secret of another account, for one is asked for by name in this',
      { clientSecretArns: { crm: secretArn('Old/crm/client-secret').replace('111122223333', '999999999999') } },
      /clientSecretArns\.crm: must be of the account 111122223333/,
    ],
    [
      'half a secret’s ARN',
      { signingKeySecretArns: { 'crm-pem': 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:Old/crm-pem' } },
      /signingKeySecretArns\.crm-pem: must be the whole ARN/,
    ],
    [
      'an app’s secret that it has none of',
      { clientSecretArns: { mobile: secretArn('Old/mobile/client-secret') } },
      /clientSecretArns\.mobile: .*has no/,
    ],
    [
      'an app that there is none of',
      { signingKeySecretArns: { crn: secretArn('Old/crn/signing-key') } },
      /signingKeySecretArns\.crn: .*has no/,
    ],
  ];
  for (const [what, adopt, message] of refused) {
    it(`is refused at synth: ${what}`, () => {
      assert.throws(() => stackWith({ env, adopt, clientSecretPrefix: 'Old/' }), message);
    });
  }

  it('is refused where the stack’s place is not known, and they do not lie together', () => {
    const make = (dataKeyArn: string) => stackWith({ adopt: { ...keysAndTable, dataKeyArn } });
    const { tableName, storageKeyArn } = before;
    const keysAndTable = { tableName, storageKeyArn };
    assert.throws(() => make(before.dataKeyArn.replace('eu-central-1', 'us-east-1')), /dataKeyArn: .*as the first/);
    // Keys may have an account of their own.
    assert.ok(make(before.dataKeyArn.replace('111122223333', '999999999999')));
  });
});
