import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { FunctionName } from '../../functions/core/routes.ts';
import { functionNames } from '../../lib/functions.ts';
import { type ItemKind, kindPrefixes, tableRights } from '../../lib/table-rights.ts';
import { emptyApp, stackWith, templateWith } from './synthesized.ts';
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

  it('names each action and each resource, no wildcard but for the lifeboat’s entries and the keys known by alias', () => {
    const [bucketId] = onlyResource(template, 'AWS::S3::Bucket');
    const entries = JSON.stringify({ 'Fn::Join': ['', [{ 'Fn::GetAtt': [bucketId, 'Arn'] }, '/c/*']] });
    assert.ok(statements.length > 20);
    const byAlias = ({ Condition = {} }: Statement) =>
      Object.values(Condition).some((keys) => 'kms:RequestAlias' in keys || 'kms:ResourceAliases' in keys);
    assert.deepEqual(
      statements.flatMap(actionsOf).filter((action) => action.includes('*')),
      [],
    );
    assert.deepEqual(
      statements
        .filter((statement) => !byAlias(statement))
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
    assert.equal(new Set(roles).size, 9);
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
  it('lets those who ask Salesforce for tokens read secrets, and maintain, and nobody else', () => {
    assert.deepEqual(holdersOf('secretsmanager:GetSecretValue'), ['callback', 'refresh', 'jwt-bearer', 'maintain']);
  });

  const invoked: Readonly<Partial<Record<FunctionName, FunctionName>>> = {
    connect: 'maintain',
    callback: 'maintain',
    configure: 'token',
    token: 'refresh',
    maintain: 'refresh',
  };

  for (const name of functionNames) {
    it(`lets ${name} invoke ${invoked[name] ?? 'nothing'}, and nothing else`, () => {
      const resources = allowing(statementsOf(template, name), 'lambda:InvokeFunction').map(({ Resource }) => Resource);
      const other = invoked[name];
      assert.deepEqual(resources, other === undefined ? [] : [arnOf(functionOf(template, other)[0])]);
    });
  }

  it('lets configure invoke the deployer’s own function as well, where there is one', () => {
    const app = emptyApp();
    const configurationFunction = LambdaFunction.fromFunctionName(new Stack(app, 'Theirs'), 'Step', 'theirs');
    const stack = stackWith({ app, configurationFunction });
    const other = Template.fromStack(stack);
    const [first, second, ...more] = allowing(statementsOf(other, 'configure'), 'lambda:InvokeFunction').flatMap(
      ({ Resource }) => [Resource].flat(),
    );
    assert.deepEqual(first, arnOf(functionOf(other, 'token')[0]));
    assert.match(JSON.stringify(second), /:function:theirs"/);
    assert.deepEqual(more, []);
    const { CONFIGURATION_FUNCTION_NAME } = functionOf(other, 'configure')[1].Properties.Environment.Variables;
    assert.deepEqual(CONFIGURATION_FUNCTION_NAME, second);
    for (const name of functionNames.filter((one) => one !== 'configure')) {
      assert.ok(!JSON.stringify(functionOf(other, name)[1]).includes('theirs'), name);
      assert.ok(!JSON.stringify(statementsOf(other, name)).includes('theirs'), name);
    }
  });

  const senders: Readonly<Record<string, readonly FunctionName[]>> = {
    RefreshQueue: ['schedule-refreshes'],
    ConfigurationQueue: ['connect', 'callback', 'jwt-bearer', 'connections', 'maintain'],
  };
  const consumers: Readonly<Record<string, FunctionName>> = {
    RefreshQueue: 'refresh',
    ConfigurationQueue: 'configure',
  };

  for (const part of ['RefreshQueue', 'ConfigurationQueue']) {
    it(`lets ${senders[part]} send to the ${part} and ${consumers[part]} consume it, and nobody else`, () => {
      const found = resourcesOf(template, 'AWS::SQS::Queue').find(
        ([id]) => id.includes(part) && !id.includes('DeadLetters'),
      );
      const arn = arnOf(found?.[0] ?? '');
      const may = (action: string) =>
        functionNames.filter((name) =>
          allowing(statementsOf(template, name), action).some(
            ({ Resource }) => JSON.stringify(Resource) === JSON.stringify(arn),
          ),
        );
      assert.deepEqual(may('sqs:SendMessage').toSorted(), senders[part]?.toSorted());
      for (const action of ['sqs:ReceiveMessage', 'sqs:DeleteMessage'])
        assert.deepEqual(may(action), [consumers[part]]);
    });
  }

  it('lets nobody send to or take from a dead-letter queue', () => {
    const ids = resourcesOf(template, 'AWS::SQS::Queue').map(([id]) => id);
    const deadLetters = ids.filter((id) => id.includes('DeadLetters'));
    assert.equal(deadLetters.length, 2);
    const statements = functionNames.flatMap((name) => statementsOf(template, name));
    for (const id of deadLetters) assert.ok(!statements.some(({ Resource }) => mentions(Resource, id)));
  });

  it('lets refresh and maintain publish alerts', () => {
    assert.deepEqual(holdersOf('sns:Publish'), ['refresh', 'maintain']);
  });

  const tableArn = { 'Fn::GetAtt': [tableId, 'Arn'] };

  for (const name of functionNames) {
    it(`lets ${name} do with items of the table what its rights say, by kind and attribute, and nothing else`, () => {
      const found = statementsOf(template, name)
        .filter(({ Resource }) => JSON.stringify(Resource) === JSON.stringify(tableArn))
        .filter((statement) => JSON.stringify(actionsOf(statement)) !== '["dynamodb:DescribeTable"]')
        .flatMap((statement) => actionsOf(statement).map((action) => rightOf(action, statement)));
      const expected = tableRights[name].flatMap(({ actions, kinds, attributes }) =>
        actions.map((action) =>
          JSON.stringify([`dynamodb:${action}`, kinds.map(prefixOf).toSorted(), attributes?.toSorted()]),
        ),
      );
      assert.deepEqual(found.toSorted(), expected.toSorted());
    });
  }

  const readersOfIndexes: readonly (readonly [string, readonly FunctionName[]])[] = [
    ['due', ['schedule-refreshes', 'connections', 'maintain']],
    ['list', ['refresh', 'connections', 'maintain']],
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
    connect: ['APP_CALLERS', 'CONFIGURATION_QUEUE_URL', 'MAINTAIN_FUNCTION_NAME', 'PUBLIC_URL', 'TABLE_NAME'],
    callback: [
      'CLIENT_SECRET_PREFIX',
      'CONFIGURATION_QUEUE_URL',
      'DATA_KEY_ID',
      'LIFEBOAT_BUCKET',
      'MAINTAIN_FUNCTION_NAME',
      'PUBLIC_URL',
      'TABLE_NAME',
    ],
    configure: ['TABLE_NAME', 'TOKEN_FUNCTION_NAME'],
    'schedule-refreshes': ['REFRESH_QUEUE_URL', 'TABLE_NAME'],
    refresh: [
      'ALERT_TOPIC_ARN',
      'CLIENT_SECRET_PREFIX',
      'DATA_KEY_ID',
      'LIFEBOAT_BUCKET',
      'SIGNING_KEY_PREFIX',
      'TABLE_NAME',
    ],
    'jwt-bearer': [
      'APP_CALLERS',
      'CLIENT_SECRET_PREFIX',
      'CONFIGURATION_QUEUE_URL',
      'DATA_KEY_ID',
      'SIGNING_KEY_PREFIX',
      'TABLE_NAME',
    ],
    token: ['DATA_KEY_ID', 'REFRESH_FUNCTION_NAME', 'TABLE_NAME'],
    connections: ['APP_CALLERS', 'CONFIGURATION_QUEUE_URL', 'TABLE_NAME'],
    maintain: [
      'ALERT_TOPIC_ARN',
      'CLIENT_SECRET_PREFIX',
      'CONFIGURATION_QUEUE_URL',
      'DATA_KEY_ID',
      'LIFEBOAT_BUCKET',
      'REFRESH_FUNCTION_NAME',
      'SIGNING_KEY_PREFIX',
      'TABLE_NAME',
    ],
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

/** An action, whose items, which attributes: and no condition besides. */
function rightOf(action: string, { Condition = {} }: Statement): string {
  const { 'ForAllValues:StringLike': like = {}, 'ForAllValues:StringEquals': equal = {}, Null, ...more } = Condition;
  assert.deepEqual(more, {});
  const { 'dynamodb:LeadingKeys': leadingKeys } = like as Record<string, string | string[]>;
  const { 'dynamodb:Attributes': attributes } = equal as Record<string, string | string[]>;
  // ForAllValues is true of no values at all.
  const named = { 'dynamodb:LeadingKeys': 'false', ...(attributes && { 'dynamodb:Attributes': 'false' }) };
  assert.deepEqual(Null, named);
  assert.ok(leadingKeys, `${action} is for items of named kinds`);
  return JSON.stringify([action, [leadingKeys].flat().toSorted(), attributes && [attributes].flat().toSorted()]);
}

function prefixOf(kind: ItemKind): string {
  return `${kindPrefixes[kind]}*`;
}

function arnOf(logicalId: string) {
  return { 'Fn::GetAtt': [logicalId, 'Arn'] };
}

function holdersOf(action: string): FunctionName[] {
  return functionNames.filter((name) => allowing(statementsOf(template, name), action).length > 0);
}
