import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AccountPrincipal, Group, type IGrantable, Role, ServicePrincipal, User } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { createAppCallers } from '../../functions/core/app-callers.ts';
import { serviceRoutes } from '../../functions/core/routes.ts';
import { Grantkeeper } from '../../lib/grantkeeper.ts';
import type { GrantkeeperStack } from '../../lib/grantkeeper-stack.ts';
import { emptyApp, exampleConfig, stackWith } from './synthesized.ts';
import { allowing, functionOf, mentions, onlyResource, resourcesOf, statementsOfRole } from './template-reading.ts';

/** Whose paths do not all name the app. */
const limitedFunctions = ['connect', 'jwt-bearer', 'connections'] as const;
const assumedBy = new ServicePrincipal('ecs-tasks.amazonaws.com');
const inRegion = { env: { account: '111122223333', region: 'eu-central-1' } };

type Give = (grantkeeper: Grantkeeper, role: Role) => void;

/** The routes that a role may call after `give`, as `GET/connections/*`, and what the functions know of it. */
function granted(give: Give) {
  const stack = stackWith();
  const role = new Role(stack, 'Caller', { assumedBy });
  give(stack.grantkeeper, role);
  const template = Template.fromStack(stack);
  const [roleId] = onlyResource(template, 'AWS::IAM::Role', 'Caller');
  const calls = allowing(statementsOfRole(template, roleId), 'execute-api:Invoke')
    .flatMap(({ Resource }) => [Resource].flat())
    .map((arn) => (arn as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1].at(-1))
    .map((end) => String(end).replace('/$default/', ''));
  return { calls: calls.toSorted(), callers: appCallersOf(stack, template), roleId, template };
}

/** `APP_CALLERS` with its references filled in as a deployment would: account 111122223333, logical ids as names. */
function appCallersOf(stack: Stack, template = Template.fromStack(stack)): string {
  const [connect, ...others] = limitedFunctions.map(
    (name) => functionOf(template, name)[1].Properties.Environment.Variables.APP_CALLERS,
  );
  for (const other of others) assert.deepEqual(other, connect);
  if (typeof connect === 'string') return connect;
  const [separator, parts] = connect['Fn::Join'];
  return parts
    .map((part: string | { Ref: string }) => {
      if (typeof part === 'string') return part;
      return part.Ref === 'AWS::AccountId' ? '111122223333' : part.Ref;
    })
    .join(separator);
}

const sessionOf = (role: string) => ({
  accountId: '111122223333',
  userArn: `arn:aws:sts::111122223333:assumed-role/${role}/session`,
});

const reads = [
  'GET/connections',
  'GET/connections/*',
  'GET/connections/*/token',
  'GET/health',
  'GET/integrations/*/*',
  'POST/connections/*/token',
];
const connects = [
  'GET/connect-sessions/*',
  'POST/connect-sessions',
  'POST/connect-sessions/*/claim',
  'POST/connections',
  'PUT/integrations/*/*/configuration',
];
const deletes = ['DELETE/connections/*', 'DELETE/integrations/*/*'];
const everything = [...reads, ...connects, ...deletes].toSorted();

describe('a grant for all apps', () => {
  const grants: readonly (readonly [string, Give, readonly string[]])[] = [
    ['grantRead', (grantkeeper, role) => grantkeeper.grantRead(role), reads],
    ['grantConnect', (grantkeeper, role) => grantkeeper.grantConnect(role), connects],
    ['grantAdmin', (grantkeeper, role) => grantkeeper.grantAdmin(role), everything],
    ['grantCallApi', (grantkeeper, role) => grantkeeper.grantCallApi(role), everything],
  ];
  for (const [name, give, calls] of grants) {
    it(`by ${name} lets a role call ${calls.length} routes and no other, and holds it to no app`, () => {
      const found = granted(give);
      assert.deepEqual(found.calls, calls.toSorted());
      assert.equal(found.callers, '[]');
    });
  }

  it('reaches each service route by one of the three, and no route of the browser', () => {
    assert.equal(everything.length, serviceRoutes.length);
    assert.deepEqual(
      everything,
      serviceRoutes.map(({ method, path }) => `${method}${path.replaceAll(/\{[^}]+\}/g, '*')}`).toSorted(),
    );
  });

  it('may be given to what has no name, whose requests nothing has to tell', () => {
    const stack = stackWith();
    stack.grantkeeper.grantRead(new Group(stack, 'Group'));
    assert.equal(appCallersOf(stack), '[]');
  });
});

describe('a grant for one app', () => {
  it('names that app in the paths that hold it, with a dot behind it', () => {
    const { calls } = granted((grantkeeper, role) => grantkeeper.grantAdmin(role, 'crm'));
    assert.deepEqual(calls, everything.map((call) => call.replace('/connections/*', '/connections/crm.*')).toSorted());
    assert.deepEqual(
      calls.filter((call) => call.includes('crm')),
      [
        'DELETE/connections/crm.*',
        'GET/connections/crm.*',
        'GET/connections/crm.*/token',
        'POST/connections/crm.*/token',
      ],
    );
  });

  it('is told to connect, jwt-bearer and connections, by the role’s name, for each capability', () => {
    const { callers, roleId } = granted((grantkeeper, role) => {
      grantkeeper.grantRead(role, 'crm');
      grantkeeper.grantConnect(role, 'crm-eu');
    });
    assert.deepEqual(JSON.parse(callers), [
      { account: '111122223333', role: roleId, apps: { read: ['crm'], connect: ['crm-eu'] } },
    ]);
    const appCallers = createAppCallers(callers);
    assert.deepEqual(appCallers.allowedApps(sessionOf(roleId), 'read'), new Set(['crm']));
    assert.equal(appCallers.allowedApps(sessionOf('Other'), 'read'), 'all');
  });

  it('adds up with another, and is given once however often', () => {
    const { callers } = granted((grantkeeper, role) => {
      grantkeeper.grantRead(role, 'crm');
      grantkeeper.grantRead(role, 'mobile');
      grantkeeper.grantRead(role, 'crm');
    });
    assert.deepEqual(JSON.parse(callers)[0].apps, { read: ['crm', 'mobile'] });
  });

  for (const order of ['before', 'after'] as const) {
    it(`limits nothing where a grant for all apps is given ${order} it, but other capabilities`, () => {
      const { callers } = granted((grantkeeper, role) => {
        if (order === 'before') grantkeeper.grantRead(role);
        grantkeeper.grantAdmin(role, 'crm');
        if (order === 'after') grantkeeper.grantRead(role);
      });
      assert.deepEqual(JSON.parse(callers)[0].apps, { connect: ['crm'], admin: ['crm'] });
    });
  }

  it('lets the role in only once all three functions know of it', () => {
    const { roleId, template } = granted((grantkeeper, role) => grantkeeper.grantConnect(role, 'crm'));
    const policies = resourcesOf(template, 'AWS::IAM::Policy').filter(([, policy]) =>
      mentions(policy.Properties.Roles, roleId),
    );
    const [[, policy] = assert.fail('the role has no policy'), ...more] = policies;
    assert.deepEqual(more, []);
    const { DependsOn } = policy as { DependsOn?: string[] };
    const expected = limitedFunctions.map((name) => functionOf(template, name)[0]);
    assert.deepEqual([...(DependsOn ?? [])].toSorted(), expected.toSorted());
  });

  it('makes the policy wait, and a grant for all apps does not', () => {
    const { template } = granted((grantkeeper, role) => grantkeeper.grantConnect(role));
    const [, policy] = onlyResource(template, 'AWS::IAM::Policy', 'Caller');
    assert.equal((policy as { DependsOn?: string[] }).DependsOn, undefined);
  });

  it('may be given to the very function that is the configuration step and knows the API’s address', () => {
    const stack = new Stack(emptyApp(), 'Theirs');
    const step = new LambdaFunction(stack, 'Step', {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = () => {}'),
    });
    const grantkeeper = new Grantkeeper(stack, 'Grants', {
      config: exampleConfig,
      allowExecuteApiUrl: true,
      configurationFunction: step,
    });
    step.addEnvironment('GRANTKEEPER_URL', grantkeeper.apiUrl);
    grantkeeper.grantAdmin(step, 'crm');
    // Refuses a template whose resources wait for each other in a circle.
    const template = Template.fromStack(stack);
    const [roleId] = onlyResource(template, 'AWS::IAM::Role', 'StepServiceRole');
    assert.equal(JSON.parse(appCallersOf(stack, template))[0].role, roleId);
  });

  it('may be given to a user, and to a role or user known by its ARN', () => {
    const { grantkeeper, stack } = inStack();
    const user = new User(stack, 'Robot', { userName: 'robot', path: '/machines/' });
    const role = Role.fromRoleArn(stack, 'Sales', 'arn:aws:iam::111122223333:role/teams/sales/Sales');
    const other = User.fromUserArn(stack, 'Other', 'arn:aws:iam::111122223333:user/machines/other');
    for (const grantee of [user, role, other]) grantkeeper.grantRead(grantee, 'crm');
    assert.deepEqual(
      JSON.parse(appCallersOf(stack)).map(({ account, apps, ...name }: Record<string, unknown>) => name),
      [{ user: 'robot' }, { role: 'Sales' }, { user: 'other' }],
    );
  });

  it('may be given to a role of another stack that has a name', () => {
    const { grantkeeper, stack } = inStack();
    const elsewhere = new Stack(stack.node.root as never, 'Elsewhere', inRegion);
    grantkeeper.grantRead(new Role(elsewhere, 'Role', { assumedBy, roleName: 'elsewhere' }), 'crm');
    assert.deepEqual(JSON.parse(appCallersOf(stack)), [
      { account: '111122223333', role: 'elsewhere', apps: { read: ['crm'] } },
    ]);
  });
});

describe('a grant for one app that could not be kept', () => {
  const refused: readonly (readonly [string, (stack: GrantkeeperStack) => IGrantable, RegExp])[] = [
    ['a group', (stack) => new Group(stack, 'Group'), /Group is neither.*leave the app out/],
    ['an account', () => new AccountPrincipal('111122223333'), /needs a role or a user/],
    [
      'a role of another stack without a name',
      (stack) => new Role(new Stack(stack.node.root as never, 'Elsewhere', inRegion), 'Role', { assumedBy }),
      /Elsewhere\/Role, of another stack, would make the two stacks depend on each other.*roleName/,
    ],
  ];
  for (const [what, granteeOf, message] of refused) {
    it(`is refused at synth for ${what}, and nothing is granted`, () => {
      const { grantkeeper, stack } = inStack();
      assert.throws(() => grantkeeper.grantRead(granteeOf(stack), 'crm'), message);
      assert.equal(appCallersOf(stack), '[]');
    });
  }

  it('is refused for an app that the configuration has not', () => {
    const { grantkeeper, stack } = inStack();
    const role = new Role(stack, 'Role', { assumedBy });
    for (const app of ['cmr', '', '*']) {
      assert.throws(
        () => grantkeeper.grantRead(role, app),
        /must be one of .*: crm, crm-eu, mobile, crm-jwt, crm-pem, crm-service; got/,
      );
    }
  });
});

function inStack(): { stack: GrantkeeperStack; grantkeeper: Grantkeeper } {
  const stack = stackWith({ app: emptyApp(), ...inRegion });
  return { stack, grantkeeper: stack.grantkeeper };
}
