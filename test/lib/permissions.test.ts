import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FunctionName } from '../../functions/core/routes.ts';
import { functionNames } from '../../lib/functions.ts';
import { templateWith } from './synthesized.ts';
import {
  actionsOf,
  allowing,
  functionOf,
  mentions,
  onlyResource,
  resourcesOf,
  type Statement,
  statementsOf,
} from './template-reading.ts';

const template = templateWith();
const [tableId] = onlyResource(template, 'AWS::DynamoDB::Table');

describe('every role', () => {
  const statements: Statement[] = resourcesOf(template, 'AWS::IAM::Policy').flatMap(
    ([, { Properties }]) => Properties.PolicyDocument.Statement,
  );

  it('names each action and each resource, no wildcard in either, but for the keys of the lifeboat’s entries', () => {
    const [bucketId] = onlyResource(template, 'AWS::S3::Bucket');
    const entries = JSON.stringify({ 'Fn::Join': ['', [{ 'Fn::GetAtt': [bucketId, 'Arn'] }, '/c/*']] });
    assert.ok(statements.length > 20);
    assert.deepEqual(
      statements.flatMap(actionsOf).filter((action) => action.includes('*')),
      [],
    );
    assert.deepEqual(
      statements
        .map(({ Resource }) => JSON.stringify(Resource))
        .filter((text) => text.includes('*') && text !== entries),
      [],
    );
  });

  it('has no managed policy, whose content is not ours', () => {
    for (const [, role] of resourcesOf(template, 'AWS::IAM::Role')) {
      assert.equal(role.Properties.ManagedPolicyArns, undefined);
    }
  });

  it('is one function’s alone', () => {
    const roles = functionNames.map((name) => JSON.stringify(functionOf(template, name)[1].Properties.Role));
    assert.equal(new Set(roles).size, 7);
  });

  it('writes to its own log group only', () => {
    for (const name of functionNames) {
      const [, { Properties }] = functionOf(template, name);
      const [statement, ...more] = allowing(statementsOf(template, name), 'logs:PutLogEvents');
      assert.ok(statement);
      assert.deepEqual(more, []);
      assert.deepEqual(statement.Resource, { 'Fn::GetAtt': [Properties.LoggingConfig.LogGroup.Ref, 'Arn'] });
    }
  });
});

describe('who may do what', () => {
  it('lets callback and refresh read client secrets, and nobody else', () => {
    assert.deepEqual(holdersOf('secretsmanager:GetSecretValue'), ['callback', 'refresh']);
  });

  it('lets token invoke refresh, and nobody anything else', () => {
    const [refreshId] = functionOf(template, 'refresh');
    assert.deepEqual(holdersOf('lambda:InvokeFunction'), ['token']);
    const [statement] = allowing(statementsOf(template, 'token'), 'lambda:InvokeFunction');
    assert.deepEqual(statement?.Resource, { 'Fn::GetAtt': [refreshId, 'Arn'] });
  });

  it('lets schedule-refreshes send to the queue, and refresh consume it', () => {
    assert.deepEqual(holdersOf('sqs:SendMessage'), ['schedule-refreshes']);
    assert.deepEqual(holdersOf('sqs:ReceiveMessage'), ['refresh']);
    assert.deepEqual(holdersOf('sqs:DeleteMessage'), ['refresh']);
  });

  it('lets refresh and maintain publish alerts', () => {
    assert.deepEqual(holdersOf('sns:Publish'), ['refresh', 'maintain']);
  });

  const tableActions: Readonly<Record<FunctionName, readonly string[]>> = {
    connect: ['DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'],
    callback: ['DeleteItem', 'GetItem', 'PutItem', 'UpdateItem'],
    'schedule-refreshes': [],
    refresh: ['GetItem', 'PutItem', 'UpdateItem'],
    token: ['GetItem', 'Query', 'UpdateItem'],
    connections: ['BatchGetItem', 'GetItem', 'Query', 'UpdateItem'],
    maintain: ['DeleteItem', 'GetItem', 'PutItem', 'UpdateItem'],
  };
  const tableArn = { 'Fn::GetAtt': [tableId, 'Arn'] };

  for (const name of functionNames) {
    it(`lets ${name} do [${tableActions[name]}] with items of the table`, () => {
      const actions = statementsOf(template, name)
        .filter(({ Resource }) => JSON.stringify(Resource) === JSON.stringify(tableArn))
        .flatMap(actionsOf)
        .toSorted();
      assert.deepEqual(
        actions,
        tableActions[name].map((action) => `dynamodb:${action}`),
      );
    });
  }

  const readersOfIndexes: readonly (readonly [string, readonly FunctionName[]])[] = [
    ['due', ['schedule-refreshes', 'maintain']],
    ['list', ['connections']],
    ['duty', ['maintain']],
  ];

  for (const [index, readers] of readersOfIndexes) {
    it(`lets ${readers} query the index ${index}, and nobody else`, () => {
      const found = functionNames.filter((name) =>
        statementsOf(template, name).some(
          (statement) =>
            [statement.Resource]
              .flat()
              .some(
                (one) => JSON.stringify(one) === JSON.stringify({ 'Fn::Join': ['', [tableArn, `/index/${index}`]] }),
              ) && JSON.stringify(actionsOf(statement)) === '["dynamodb:Query"]',
        ),
      );
      assert.deepEqual(found, readers);
    });
  }

  it('lets nobody touch the table by any other statement', () => {
    const resources = functionNames
      .flatMap((name) => statementsOf(template, name))
      .filter(({ Resource }) => mentions(Resource, tableId))
      .flatMap(({ Resource }) => [Resource].flat().map((one) => JSON.stringify(one)));
    assert.equal(new Set(resources).size, 4);
  });
});

describe('the environment', () => {
  const expected: Readonly<Record<FunctionName, readonly string[]>> = {
    connect: ['PUBLIC_URL', 'TABLE_NAME'],
    callback: ['CLIENT_SECRET_PREFIX', 'DATA_KEY_ID', 'LIFEBOAT_BUCKET', 'PUBLIC_URL', 'TABLE_NAME'],
    'schedule-refreshes': ['REFRESH_QUEUE_URL', 'TABLE_NAME'],
    refresh: ['ALERT_TOPIC_ARN', 'CLIENT_SECRET_PREFIX', 'DATA_KEY_ID', 'LIFEBOAT_BUCKET', 'TABLE_NAME'],
    token: ['DATA_KEY_ID', 'REFRESH_FUNCTION_NAME', 'TABLE_NAME'],
    connections: ['TABLE_NAME'],
    maintain: ['ALERT_TOPIC_ARN', 'DATA_KEY_ID', 'LIFEBOAT_BUCKET', 'TABLE_NAME'],
  };
  const everyone = ['NODE_OPTIONS', 'POWERTOOLS_METRICS_NAMESPACE', 'POWERTOOLS_SERVICE_NAME'];

  for (const name of functionNames) {
    it(`of ${name} names what it may use: ${expected[name].join(', ')}`, () => {
      const [, { Properties }] = functionOf(template, name);
      const names = Object.keys(Properties.Environment.Variables).filter((variable) => !everyone.includes(variable));
      assert.deepEqual(names.toSorted(), expected[name]);
    });
  }
});

function holdersOf(action: string): FunctionName[] {
  return functionNames.filter((name) => allowing(statementsOf(template, name), action).length > 0);
}
