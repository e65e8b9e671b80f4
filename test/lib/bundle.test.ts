import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { parseConfig } from '../../functions/core/config.ts';
import { GrantkeeperStack } from '../../lib/grantkeeper-stack.ts';
import { emptyApp, exampleConfig } from './synthesized.ts';

/** What Lambda and the construct set; some of it is asked for at cold start. */
const deployedEnvironment = {
  AWS_REGION: 'eu-central-1',
  AWS_LAMBDA_FUNCTION_NAME: 'any',
  TABLE_NAME: 'any',
  LIFEBOAT_BUCKET: 'any',
  REFRESH_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/123456789012/any.fifo',
  REFRESH_FUNCTION_NAME: 'any',
  CONFIGURATION_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/123456789012/any',
  MAINTAIN_FUNCTION_NAME: 'any',
  TOKEN_FUNCTION_NAME: 'any',
  APP_CALLERS: '[]',
  ALERT_TOPIC_ARN: 'arn:aws:sns:eu-central-1:123456789012:any',
  DATA_KEY_ID: 'any',
  CLIENT_SECRET_PREFIX: 'any/',
  SIGNING_KEY_PREFIX: 'any/',
  PUBLIC_URL: 'https://grants.example.com',
};

/** All nine are bundled for real, once: what is uploaded is what is looked at. */
describe('the bundles', () => {
  let bundles: string[] = [];

  before(() => {
    const app = emptyApp({ bundling: true });
    new GrantkeeperStack(app, 'Grantkeeper', { config: exampleConfig, allowExecuteApiUrl: true });
    const { directory } = app.synth();
    bundles = readdirSync(directory)
      .filter((name) => name.startsWith('asset.') && existsSync(join(directory, name, 'index.mjs')))
      .map((name) => join(directory, name));
  });

  it('are nine, each an ES module with a source map, under 2 MB', () => {
    assert.equal(bundles.length, 9);
    for (const bundle of bundles) {
      assert.ok(existsSync(join(bundle, 'index.mjs.map')));
      assert.ok(statSync(join(bundle, 'index.mjs')).size < 2 * 1024 * 1024);
    }
  });

  it('have the validated configuration, defaults and all, beside them', () => {
    for (const bundle of bundles) {
      const content = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));
      assert.deepEqual(content, parseConfig(exampleConfig, 'test'));
    }
  });

  it('export a handler once loaded, from a directory that has no node_modules above it', async () => {
    Object.assign(process.env, deployedEnvironment);
    for (const bundle of bundles) {
      const module = await import(pathToFileURL(join(bundle, 'index.mjs')).href);
      assert.equal(typeof module.handler, 'function');
    }
  });
});
