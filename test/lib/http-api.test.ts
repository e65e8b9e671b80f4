import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type FunctionName, routes } from '../../functions/core/routes.ts';
import { exampleConfig, stackWith, templateWith } from './synthesized.ts';
import { allowing, functionOf, mentions, onlyResource, resourcesOf, statementsOfRole } from './template-reading.ts';

const template = templateWith();
const routeKeys = resourcesOf(template, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties);
const [, stage] = onlyResource(template, 'AWS::ApiGatewayV2::Stage');

describe('the routes', () => {
  for (const route of routes) {
    it(`${route.method} ${route.path} is ${route.audience}’s and goes to ${route.function}`, () => {
      const found = routeKeys.find(({ RouteKey }) => RouteKey === `${route.method} ${route.path}`);
      assert.equal(found?.AuthorizationType, route.audience === 'service' ? 'AWS_IAM' : 'NONE');
      assertGoesTo(found.Target, route.function);
    });
  }

  for (const path of new Set(routes.map((route) => route.path))) {
    const [first = assert.fail()] = routes.filter((route) => route.path === path);

    it(`any other method of ${path} goes the way of ${first.method}, so that ${first.function} answers it`, () => {
      const found = routeKeys.find(({ RouteKey }) => RouteKey === `ANY ${path}`);
      assert.equal(found?.AuthorizationType, first.audience === 'service' ? 'AWS_IAM' : 'NONE');
      assertGoesTo(found.Target, first.function);
    });
  }

  it('of one path may be of several functions, and none goes to another’s', () => {
    const targetOf = (key: string) => routeKeys.find(({ RouteKey }) => RouteKey === key)?.Target;
    assertGoesTo(targetOf('POST /connections'), 'jwt-bearer');
    assert.deepEqual(targetOf('ANY /connections'), targetOf('GET /connections'));
    assert.notDeepEqual(targetOf('POST /connections'), targetOf('GET /connections'));
  });

  it('without a signature are those of the browser, and no other', () => {
    const open = routeKeys.filter(({ AuthorizationType }) => AuthorizationType !== 'AWS_IAM');
    assert.deepEqual(open.map(({ RouteKey }) => RouteKey).toSorted(), [
      'ANY /connect/{secret}',
      'ANY /oauth/callback',
      'GET /connect/{secret}',
      'GET /oauth/callback',
    ]);
  });

  it('are these and no more: there is no catch-all', () => {
    assert.equal(routeKeys.length, routes.length + new Set(routes.map(({ path }) => path)).size);
  });

  it('reach only the functions that answer them', () => {
    const invoked = resourcesOf(template, 'AWS::Lambda::Permission').map(([, { Properties }]) => Properties);
    assert.ok(invoked.every(({ Principal }) => Principal === 'apigateway.amazonaws.com'));
    const targets = new Set(invoked.map(({ FunctionName: name }) => name['Fn::GetAtt'][0]));
    const expected = new Set(routes.map((route) => functionOf(template, route.function)[0]));
    assert.deepEqual(targets, expected);
  });
});

describe('the stage', () => {
  it('is throttled to 100 requests a second and bursts of 200 by default', () => {
    assert.deepEqual(stage.Properties.DefaultRouteSettings, { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 });
  });

  for (const [apiRequestsPerSecond, apiBurst] of [
    [1, 1],
    [10_000, 10_000],
  ] as const) {
    it(`is throttled to ${apiRequestsPerSecond} and ${apiBurst} where the configuration says so`, () => {
      const config = { ...exampleConfig, thresholds: { apiRequestsPerSecond, apiBurst } };
      const [, other] = onlyResource(templateWith({ config }), 'AWS::ApiGatewayV2::Stage');
      assert.deepEqual(other.Properties.DefaultRouteSettings, {
        ThrottlingRateLimit: apiRequestsPerSecond,
        ThrottlingBurstLimit: apiBurst,
      });
    });
  }

  it('serves at the root and deploys by itself', () => {
    assert.equal(stage.Properties.StageName, '$default');
    assert.equal(stage.Properties.AutoDeploy, true);
  });

  it('logs the route, never its path, query or headers, which hold secrets, states and codes', () => {
    const format: Record<string, string> = JSON.parse(stage.Properties.AccessLogSettings.Format);
    assert.deepEqual(Object.values(format).toSorted(), [
      '$context.identity.sourceIp',
      '$context.integration.error',
      '$context.requestId',
      '$context.requestTime',
      '$context.responseLatency',
      '$context.routeKey',
      '$context.status',
    ]);
  });
});

describe('a service of the deployer’s', () => {
  it('may call the service routes when granted, and no browser route', () => {
    const stack = stackWith();
    const role = new Role(stack, 'Caller', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    stack.grantkeeper.grantCallApi(role);
    const granted = Template.fromStack(stack);
    const [roleId] = onlyResource(granted, 'AWS::IAM::Role', 'Caller');
    const [statement] = allowing(statementsOfRole(granted, roleId), 'execute-api:Invoke');
    const text = JSON.stringify(statement?.Resource);
    assert.match(text, /\/\$default\/POST\/connect-sessions"/);
    assert.match(text, /\/\$default\/GET\/connections\/\*\/token"/);
    assert.doesNotMatch(text, /oauth\/callback|\/connect\//);
  });
});

function assertGoesTo(target: unknown, name: FunctionName): void {
  const [functionId] = functionOf(template, name);
  const integration = resourcesOf(template, 'AWS::ApiGatewayV2::Integration').find(([id]) => mentions(target, id));
  assert.ok(mentions(integration?.[1].Properties.IntegrationUri, functionId));
}
