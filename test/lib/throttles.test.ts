import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { routes } from '../../functions/core/routes.ts';
import { templateWith } from './synthesized.ts';
import { onlyResource, resourcesOf } from './template-reading.ts';

function settingsWith(props: Parameters<typeof templateWith>[0]) {
  const [, stage] = onlyResource(templateWith(props), 'AWS::ApiGatewayV2::Stage');
  return stage.Properties.RouteSettings as Record<string, object>;
}

const throttle = (rate: number, burst: number) => ({ ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst });

describe('the throttle of each route', () => {
  const template = templateWith();
  const [, stage] = onlyResource(template, 'AWS::ApiGatewayV2::Stage');
  const settings = stage.Properties.RouteSettings;

  it('is its own, of every route that the API has', () => {
    const keys = resourcesOf(template, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties.RouteKey);
    assert.deepEqual(Object.keys(settings).toSorted(), keys.toSorted());
    for (const { method, path } of routes) assert.deepEqual(settings[`${method} ${path}`], throttle(100, 200));
  });

  it('is small where a method is wrong and only an error is answered', () => {
    const others = Object.keys(settings).filter((key) => key.startsWith('ANY '));
    assert.ok(others.length > 8);
    for (const key of others) assert.deepEqual(settings[key], throttle(10, 20), key);
  });

  it('is set once the routes are there', () => {
    const { DependsOn = [] } = stage as { DependsOn?: string[] };
    const missing = resourcesOf(template, 'AWS::ApiGatewayV2::Route').filter(([id]) => !DependsOn.includes(id));
    assert.deepEqual(missing, []);
  });

  it('may differ: reads held back, and callbacks as they were', () => {
    const some = settingsWith({ throttles: { read: { requestsPerSecond: 20, burst: 30 } } });
    for (const key of ['GET /connections/{id}/token', 'POST /connections/{id}/token', 'GET /connections']) {
      assert.deepEqual(some[key], throttle(20, 30));
    }
    for (const key of [
      'GET /oauth/callback',
      'GET /connect/{secret}',
      'POST /connect-sessions',
      'DELETE /connections/{id}',
    ]) {
      assert.deepEqual(some[key], throttle(100, 200));
    }
  });

  it('may differ for browsers, sessions and deletions too', () => {
    const some = settingsWith({
      throttles: {
        browser: { requestsPerSecond: 1, burst: 2 },
        connect: { requestsPerSecond: 3, burst: 4 },
        admin: { requestsPerSecond: 5, burst: 6 },
      },
    });
    assert.deepEqual(some['GET /oauth/callback'], throttle(1, 2));
    assert.deepEqual(some['POST /connect-sessions'], throttle(3, 4));
    assert.deepEqual(some['DELETE /connections/{id}'], throttle(5, 6));
    assert.deepEqual(some['GET /connections/{id}/token'], throttle(100, 200));
  });

  it('is refused at synth for a kind that there is not: it would limit nothing', () => {
    const throttles = { reads: { requestsPerSecond: 1, burst: 1 } } as object;
    assert.throws(
      () => templateWith({ throttles }),
      /throttles\.reads: is not known; known are read, connect, admin, browser/,
    );
  });

  for (const [what, throttles, message] of [
    ['a number', 100, /throttles: must be an object of read, .*; got a number/],
    [
      'a number for a kind',
      { read: 100 },
      /throttles\.read: must be an object of requestsPerSecond, burst; got a number/,
    ],
    [
      'a word that nothing reads',
      { read: { requestsPerSecond: 1, burst: 1, limit: 1 } },
      /throttles\.read\.limit: is not/,
    ],
  ] as const) {
    it(`is refused at synth where it is ${what}, as the deployer's mistake and no fault of ours`, () => {
      const synthesized = () => templateWith({ throttles: throttles as object });
      assert.throws(synthesized, { name: 'ConfigurationError', message });
    });
  }

  for (const [what, wrong, message] of [
    ['no request', { requestsPerSecond: 0, burst: 1 }, /throttles\.read\.requestsPerSecond: must be above 0.*got 0/],
    ['more than an account has', { requestsPerSecond: 10_001, burst: 1 }, /at most 10000; got 10001/],
    ['no burst', { requestsPerSecond: 1, burst: 0 }, /throttles\.read\.burst: must be 1 to 5000; got 0/],
    ['half a request', { requestsPerSecond: 1, burst: 1.5 }, /got 1\.5/],
  ] as const) {
    it(`is refused at synth where it is ${what}`, () => {
      assert.throws(() => templateWith({ throttles: { read: wrong } }), message);
    });
  }
});
