import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal, User } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { functionNames } from '../../lib/functions.ts';
import { emptyApp, stackWith, templateWith } from './synthesized.ts';
import { actionsOf, mentions, onlyResource, resourcesOf, type Statement, statementsOf } from './template-reading.ts';

/** Every prop that gives a role something, or makes one; and roles of a deployer's own in the stack. */
function fullTemplate(): Template {
  const app = emptyApp();
  const configurationFunction = LambdaFunction.fromFunctionName(new Stack(app, 'Theirs'), 'Step', 'theirs');
  const alerts = {
    emails: ['ops@example.com'],
    https: ['https://hooks.example.com/x'],
    slack: { workspaceId: 'T0123456789', channelId: 'C0123456789' },
  };
  const stack = stackWith({ app, configurationFunction, egress: {}, alerts, concurrency: 'reserved' });
  const service = new Role(stack, 'Service', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
  stack.grantkeeper.grantRead(service);
  stack.grantkeeper.grantConnect(service, 'crm');
  stack.grantkeeper.grantAdmin(new User(stack, 'Admin'));
  return Template.fromStack(stack);
}

interface Exception {
  readonly why: string;
  readonly actions: readonly string[];
  /** The resource as the template has it. */
  readonly resource: RegExp;
  /** What holds it in all the same. */
  readonly condition?: RegExp;
}

/** Wildcards for which AWS has no narrower word. Nothing else may have one. */
const exceptions: readonly Exception[] = [
  {
    why: 'an entry’s key names its connection and attempt: no policy can know it before',
    actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
    resource: /LifeboatBucket.*"\/c\/\*"/,
  },
  {
    why: 'IAM takes no alias as a key’s resource, and signing keys are made outside of the stack: held to aliases',
    actions: ['kms:Sign', 'kms:DescribeKey', 'kms:ListResourceTags'],
    resource: /:kms:.*:key\/\*/,
    condition: /"kms:(?:RequestAlias|ResourceAliases)":\["alias\//,
  },
  {
    why: 'a caller is let to routes, whose paths hold ids',
    actions: ['execute-api:Invoke'],
    resource: /:execute-api:.*HttpApi.*\/\$default\/(?:GET|POST|PUT|DELETE)\/[a-z]/,
  },
  {
    why: 'EC2 describes all or nothing; the function’s code is denied it',
    actions: ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'],
    resource: /^"\*"$/,
  },
  {
    why: 'Lambda makes interfaces under ids that nobody knows before; the function’s code is denied it',
    actions: [
      'ec2:AssignPrivateIpAddresses',
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:UnassignPrivateIpAddresses',
    ],
    resource: /:ec2:.*:\*\/\*/,
  },
];

function excepted(statement: Statement, resource: string): Exception | undefined {
  return exceptions.find(
    (one) =>
      one.resource.test(resource) &&
      (one.condition?.test(JSON.stringify(statement.Condition)) ?? true) &&
      actionsOf(statement).every((action) => one.actions.includes(action)),
  );
}

/** The wildcards of a statement that nothing excepts; all but something is one too. */
function wildcardsOf(statement: Statement): string[] {
  if (statement.Effect === 'Deny') return [];
  const but = Object.keys(statement).filter((key) => key.startsWith('Not'));
  if (but.length > 0) return but;
  const inActions = actionsOf(statement).filter((action) => /[*?]/.test(action));
  const inResources = [statement.Resource]
    .flat()
    .map((resource) => JSON.stringify(resource))
    .filter((resource) => /[*?]/.test(resource) && excepted(statement, resource) === undefined);
  return [...inActions, ...inResources];
}

describe('the role of every Lambda', () => {
  const template = fullTemplate();
  const statements = functionNames.flatMap((name) => statementsOf(template, name));

  for (const name of functionNames) {
    it(`${name} has no wildcard in an action or a resource but where AWS has no narrower word`, () => {
      const own = statementsOf(template, name);
      assert.ok(own.length >= 2);
      assert.deepEqual(own.flatMap(wildcardsOf), []);
    });
  }

  it('has no policy beside those that are looked at: of a role of its own, made here, by name', () => {
    const looked = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::Role', 'AWS::IAM::User'];
    const iam = Object.values(template.toJSON().Resources as Record<string, { Type: string }>)
      .map(({ Type }) => Type)
      .filter((type) => type.startsWith('AWS::IAM::'));
    assert.deepEqual(
      iam.filter((type) => !looked.includes(type)),
      [],
    );
    for (const [id, { Properties }] of [
      ...resourcesOf(template, 'AWS::IAM::Role'),
      ...resourcesOf(template, 'AWS::IAM::User'),
    ])
      assert.equal(Properties?.ManagedPolicyArns, undefined, id);
  });

  it('is as narrow as that of a schedule, a channel, a flow log, and as what a caller is granted', () => {
    const others = [...resourcesOf(template, 'AWS::IAM::Policy'), ...resourcesOf(template, 'AWS::IAM::ManagedPolicy')];
    const all: Statement[] = [
      ...others.flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement),
      ...resourcesOf(template, 'AWS::IAM::Role').flatMap(([, { Properties }]) => inlineOf(Properties)),
      ...resourcesOf(template, 'AWS::IAM::User').flatMap(([, { Properties }]) => inlineOf(Properties)),
    ];
    assert.ok(all.length > statements.length + 4, `${all.length} of which ${statements.length} are the functions’`);
    assert.deepEqual(all.flatMap(wildcardsOf), []);
  });

  it('needs each exception that there is', () => {
    const granted = resourcesOf(template, 'AWS::IAM::Policy').flatMap(
      ([, { Properties }]): Statement[] => Properties.PolicyDocument.Statement,
    );
    for (const exception of exceptions) {
      const used = granted.some((statement) =>
        [statement.Resource].flat().some((one) => excepted(statement, JSON.stringify(one)) === exception),
      );
      assert.ok(used, exception.why);
    }
  });

  it('would be found out with a wildcard of any sort', () => {
    const table = { 'Fn::GetAtt': ['Table', 'Arn'] };
    const found = (statement: Partial<Statement>) =>
      wildcardsOf({ Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: table, ...statement }).length;
    assert.equal(found({}), 0);
    assert.equal(found({ Action: 'dynamodb:*' }), 1);
    assert.equal(found({ Action: ['dynamodb:GetItem', 'dynamodb:Batch?etItem'] }), 1);
    assert.equal(found({ Resource: '*' }), 1);
    assert.equal(found({ Resource: { 'Fn::Join': ['', [table, '/index/*']] } }), 1);
    const anyKey = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':kms:x:1:key/*']] };
    assert.equal(found({ Action: 'kms:Sign', Resource: anyKey }), 1);
    assert.equal(found({ Action: 'ec2:RunInstances', Resource: '*' }), 1);
    assert.equal(wildcardsOf({ Effect: 'Allow', NotAction: 'iam:*', Resource: table } as never).length, 1);
    assert.equal(wildcardsOf({ Effect: 'Allow', Action: 'dynamodb:GetItem', NotResource: table } as never).length, 1);
    const anyRoute = { 'Fn::Join': ['', ['arn:aws:execute-api:x:1:', { Ref: 'HttpApi' }, '/*']] };
    assert.equal(found({ Action: 'execute-api:Invoke', Resource: anyRoute }), 1);
  });

  it('may use a key of KMS under conditions only, each of the kind that fits the key', () => {
    const [storageKeyId] = onlyResource(template, 'AWS::KMS::Key', 'StorageKey');
    const [dataKeyId] = onlyResource(template, 'AWS::KMS::Key', 'DataKey');
    const kms = statements.filter((one) => actionsOf(one).some((action) => action.startsWith('kms:')));
    assert.ok(kms.length > 20);
    for (const { Resource, Condition = {} } of kms) {
      const { StringEquals = {}, Null = {}, ...others } = Condition as Record<string, Record<string, unknown>>;
      if (mentions(Resource, dataKeyId)) {
        assert.deepEqual(Object.keys(StringEquals), ['kms:EncryptionContext:purpose']);
        assert.deepEqual(Null, { 'kms:EncryptionContext:scope': 'false' });
      } else if (mentions(Resource, storageKeyId)) {
        // The service that holds the data asks, never the function; of secrets, only for the function's own.
        const via = JSON.stringify(StringEquals['kms:ViaService']);
        assert.match(via, /"(?:dynamodb|sqs|sns|secretsmanager)\./);
        assert.equal('kms:EncryptionContext:SecretARN' in StringEquals, via.includes('secretsmanager.'));
      } else {
        assert.match(JSON.stringify({ StringEquals, ...others }), /"kms:(?:RequestAlias|ResourceAliases)"/);
      }
    }
  });

  it('opens of the secrets those that it may read, by name', () => {
    for (const name of functionNames) {
      const own = statementsOf(template, name);
      const read = own
        .filter((one) => actionsOf(one).includes('secretsmanager:GetSecretValue'))
        .flatMap(({ Resource }) => Resource);
      const opened = own.flatMap(({ Condition = {} }) =>
        [Condition.StringEquals?.['kms:EncryptionContext:SecretARN'] ?? []].flat(),
      );
      const texts = (all: unknown[]) => [...new Set(all.flat().map((one) => JSON.stringify(one)))].toSorted();
      assert.deepEqual(texts(opened), texts(read), name);
    }
  });

  it('is the same however much of it is made anew, but for what the VPC needs', () => {
    const plain = templateWith();
    for (const name of functionNames) {
      const without = statementsOf(template, name)
        .flatMap(actionsOf)
        .filter((action) => !action.startsWith('ec2:'));
      assert.deepEqual(
        [...new Set(without)].toSorted(),
        [...new Set(statementsOf(plain, name).flatMap(actionsOf))].toSorted(),
      );
    }
  });
});

function inlineOf(properties?: { Policies?: { PolicyDocument: { Statement: Statement[] } }[] }): Statement[] {
  return (properties?.Policies ?? []).flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}
