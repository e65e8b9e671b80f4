import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { refuseForeignEndpoint } from '../../../dev/deploy-test/guard.ts';

const foreign = [
  'https://dynamodb.us-east-1.amazonaws.com',
  'http://10.0.0.1:4566',
  'http://localhost.evil.example:4566',
  'http://127.0.0.1.evil.example',
  'http://127.0.0.1:4566@evil.example/',
  'http://0.0.0.0:4566',
  'ftp://127.0.0.1',
  'localhost:4566',
  'nonsense',
];
const loopback = ['http://127.0.0.1:4566', 'https://127.0.0.1', 'http://localhost:4566/', 'http://[::1]:4566', ''];

describe('the guard of the deploy test', () => {
  for (const address of foreign) {
    it(`refuses AWS_ENDPOINT_URL=${address}`, () => {
      assert.throws(() => refuseForeignEndpoint({ AWS_ENDPOINT_URL: address }), {
        code: 'foreign_endpoint',
        message: /AWS_ENDPOINT_URL is .* not an address on loopback.* unset AWS_ENDPOINT_URL/,
      });
    });
  }

  for (const address of loopback) {
    it(`lets AWS_ENDPOINT_URL=${address} pass`, () => {
      assert.doesNotThrow(() => refuseForeignEndpoint({ AWS_ENDPOINT_URL: address }));
    });
  }

  it('lets an environment without endpoints pass', () => {
    assert.doesNotThrow(() => refuseForeignEndpoint({ PATH: '/bin', AWS_PROFILE: 'production' }));
  });

  it('refuses the endpoint of a single service too', () => {
    assert.throws(
      () => refuseForeignEndpoint({ AWS_ENDPOINT_URL_DYNAMODB: 'https://dynamodb.eu-central-1.amazonaws.com' }),
      /AWS_ENDPOINT_URL_DYNAMODB/,
    );
  });

  it('does not show a password', () => {
    assert.throws(
      () => refuseForeignEndpoint({ AWS_ENDPOINT_URL: 'https://user:hunter2@evil.example' }),
      (error: Error) => !error.message.includes('hunter2'),
    );
  });

  it('stands before everything that npm run test:deploy starts', () => {
    const run = fileURLToPath(new URL('../../../dev/deploy-test/run.ts', import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [run], {
      env: { AWS_ENDPOINT_URL: 'https://sts.amazonaws.com' },
      encoding: 'utf8',
      timeout: 30_000,
    });
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /^AWS_ENDPOINT_URL is "https:\/\/sts\.amazonaws\.com"/);
  });
});
