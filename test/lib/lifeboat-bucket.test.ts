import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lifeboatKey } from '../../functions/adapters/lifeboat-key.ts';
import type { FunctionName } from '../../functions/core/routes.ts';
import { functionNames } from '../../lib/functions.ts';
import { templateWith } from './synthesized.ts';
import { actionsOf, functionOf, mentions, onlyResource, resourcesOf, statementsOf } from './template-reading.ts';

const template = templateWith();
const [bucketId, bucket] = onlyResource(template, 'AWS::S3::Bucket');

describe('the lifeboat’s bucket, by default', () => {
  it('is kept when its stack is deleted or it is replaced, and nothing empties it', () => {
    assert.equal(bucket.DeletionPolicy, 'Retain');
    assert.equal(bucket.UpdateReplacePolicy, 'Retain');
    assert.deepEqual(
      resourcesOf(template, 'Custom::S3AutoDeleteObjects').map(([logicalId]) => logicalId),
      [],
    );
  });

  it('is encrypted by S3 itself, so that it takes a token while KMS fails', () => {
    assert.deepEqual(bucket.Properties.BucketEncryption, {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    });
  });

  it('has no versions: what was removed is gone', () => {
    assert.equal(bucket.Properties.VersioningConfiguration, undefined);
  });

  it('is closed to the public, and no object has rules of its own', () => {
    assert.deepEqual(bucket.Properties.PublicAccessBlockConfiguration, {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    assert.deepEqual(bucket.Properties.OwnershipControls, { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] });
  });

  it('ends uploads that never became an object, and never removes an object by itself', () => {
    assert.deepEqual(bucket.Properties.LifecycleConfiguration.Rules, [
      { Id: 'incomplete-uploads', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
    ]);
  });

  it('refuses whatever comes without TLS, and lets nobody in by its own policy', () => {
    const [, policy] = onlyResource(template, 'AWS::S3::BucketPolicy');
    assert.deepEqual(policy.Properties.Bucket, { Ref: bucketId });
    const [statement, ...more] = policy.Properties.PolicyDocument.Statement;
    assert.deepEqual(more, []);
    assert.equal(statement.Effect, 'Deny');
    assert.equal(statement.Action, 's3:*');
    assert.deepEqual(statement.Condition, { Bool: { 'aws:SecureTransport': 'false' } });
    const arn = { 'Fn::GetAtt': [bucketId, 'Arn'] };
    assert.deepEqual(statement.Resource, [arn, { 'Fn::Join': ['', [arn, '/*']] }]);
  });
});

describe('the lifeboat’s bucket, where nothing is to be retained', () => {
  it('goes with its stack', () => {
    assert.equal(onlyResource(templateWith({ retain: false }), 'AWS::S3::Bucket')[1].DeletionPolicy, 'Delete');
  });
});

describe('who may reach the lifeboat', () => {
  const entryActions: Readonly<Partial<Record<FunctionName, readonly string[]>>> = {
    callback: ['s3:PutObject'],
    refresh: ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
    maintain: ['s3:DeleteObject', 's3:GetObject'],
  };
  const listers: readonly FunctionName[] = ['refresh', 'maintain'];
  const entries = { 'Fn::Join': ['', [{ 'Fn::GetAtt': [bucketId, 'Arn'] }, '/c/*']] };
  const statements = (name: FunctionName) =>
    statementsOf(template, name).filter((one) => actionsOf(one).some((action) => action.startsWith('s3:')));

  it('names the prefix under which entries lie', () => {
    assert.match(lifeboatKey({ connectionId: 'crm.org.user', attemptId: 'attempt' }), /^c\//);
  });

  for (const name of functionNames) {
    const may = entryActions[name] ?? [];
    it(`lets ${name} do [${may}] with entries`, () => {
      const found = statements(name).filter(({ Resource }) => JSON.stringify(Resource) === JSON.stringify(entries));
      assert.deepEqual(found.flatMap(actionsOf).toSorted(), may);
    });

    const lists = listers.includes(name);
    it(`lets ${name} list ${lists ? 'below the prefix of entries' : 'nothing'}`, () => {
      const found = statements(name).filter((one) => actionsOf(one).includes('s3:ListBucket'));
      assert.deepEqual(
        found.map(({ Resource, Condition }) => ({ Resource, Condition })),
        lists
          ? [{ Resource: { 'Fn::GetAtt': [bucketId, 'Arn'] }, Condition: { StringLike: { 's3:prefix': 'c/*' } } }]
          : [],
      );
    });

    it(`lets ${name} do nothing else with the bucket`, () => {
      const found = statementsOf(template, name).filter(({ Resource }) => mentions(Resource, bucketId));
      assert.equal(found.length, (may.length > 0 ? 1 : 0) + (lists ? 1 : 0));
    });
  }

  it('names the bucket to those three, and to nobody else', () => {
    for (const name of functionNames) {
      const { LIFEBOAT_BUCKET } = functionOf(template, name)[1].Properties.Environment.Variables;
      assert.deepEqual(LIFEBOAT_BUCKET, name in entryActions ? { Ref: bucketId } : undefined, name);
    }
  });
});
