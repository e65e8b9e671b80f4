import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { repeated } from '../../../dev/deploy-test/emulator-gaps.ts';

const key = 'arn:aws:kms:us-east-1:000000000000:key/*';
const secretId = 'Grantkeeper/crm/client-secret';
const repeatedOf = (statement: Omit<Parameters<typeof repeated>[0], 'Effect'>, Effect = 'Allow') =>
  repeated({ Effect, ...statement }, secretId);

describe('what the emulator cannot judge', () => {
  it('is an alias of KMS: its ARN is the resource there, and no key is', () => {
    const Condition = { StringEquals: { 'kms:RequestAlias': ['alias/G/a/signing-1', 'alias/G/a/signing-2'] } };
    assert.deepEqual(repeatedOf({ Action: ['kms:DescribeKey', 'kms:Sign'], Resource: key, Condition }), [
      {
        Effect: 'Allow',
        Action: ['kms:DescribeKey', 'kms:Sign'],
        Resource: [
          'arn:aws:kms:us-east-1:000000000000:alias/G/a/signing-1',
          'arn:aws:kms:us-east-1:000000000000:alias/G/a/signing-2',
        ],
      },
    ]);
  });

  const unjudged: Record<string, Record<string, string[]>>[] = [
    { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': ['alias/G/a/signing-1'] } },
    { StringEquals: { 'kms:EncryptionContext:purpose': ['access'] } },
    { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['C#*'] } },
  ];
  for (const Condition of unjudged) {
    it(`is the condition ${JSON.stringify(Condition)}: it is left out, and nothing else`, () => {
      assert.deepEqual(repeatedOf({ Action: 'kms:ListResourceTags', Resource: key, Condition }), [
        { Effect: 'Allow', Action: 'kms:ListResourceTags', Resource: key },
      ]);
    });
  }

  it('is the name of a secret where its ARN is due', () => {
    const [statement, ...more] = repeatedOf({ Action: 'secretsmanager:GetSecretValue', Resource: secretId });
    assert.equal(statement?.Resource, `arn:aws:secretsmanager:us-east-1:000000000000:secret:${secretId}-??????`);
    assert.deepEqual(more, []);
  });
});

describe('what the emulator can judge', () => {
  const via = { StringEquals: { 'kms:ViaService': 'sqs.us-east-1.amazonaws.com' } };
  it('is not repeated', () => {
    assert.deepEqual(repeatedOf({ Action: 'kms:Sign', Resource: key, Condition: via }), []);
    assert.deepEqual(repeatedOf({ Action: 'kms:Sign', Resource: key }), []);
    assert.deepEqual(repeatedOf({ Action: 'secretsmanager:GetSecretValue', Resource: 'Grantkeeper/other' }), []);
  });

  it('is not what is denied, whatever it depends on', () => {
    const Condition = { StringEquals: { 'kms:RequestAlias': ['alias/G/a/signing-1'] } };
    assert.deepEqual(repeatedOf({ Action: 'kms:Sign', Resource: key, Condition }, 'Deny'), []);
  });
});
