import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import packageJson from '../../package.json' with { type: 'json' };
import { playedAws } from '../functions/adapters/played-aws.ts';
import { doctorServer, illHealth, wellHealth } from './doctor-server.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'grantkeeper-npx-'));
after(() => rmSync(folder, { recursive: true }));
const config = join(folder, 'config.json');
writeFileSync(config, JSON.stringify({ apps: { 'crm-jwt': { clientId: 'client', flow: 'jwt_bearer' } } }));

interface Run {
  file?: string;
  /** @default nothing of AWS */
  env?: Record<string, string>;
}

/** The file that npx runs, with nobody's AWS account. */
async function run(args: string[], { file = join(root, packageJson.bin.grantkeeper), env = {} }: Run = {}) {
  const child = spawn(process.execPath, [file, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', ...env },
    timeout: 15_000,
  });
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { stdout, stderr, status };
}

describe('npx grantkeeper', () => {
  it('says what there is, to whoever asks and to whoever mistypes', async () => {
    const help = await run(['--help']);
    assert.equal(help.status, 0);
    assert.match(help.stdout, /^Usage: npx grantkeeper COMMAND \[options\]/);
    assert.match((await run(['doctor', '--help'])).stdout, /^Usage: npx grantkeeper doctor /);
    assert.match(
      (await run(['doctor', '--bogus'])).stderr,
      /^Unknown option '--bogus'\.\n\nUsage: npx grantkeeper doctor /,
    );
    const mistyped = await run(['signing-keys', 'crm-jwt']);
    assert.equal(mistyped.status, 1);
    assert.equal(mistyped.stdout, '');
    assert.match(mistyped.stderr, /^There is no command "signing-keys"\.\n\nUsage: /);
  });

  it('says in one line what is wrong with the configuration', async () => {
    const bad = join(folder, 'bad.json');
    writeFileSync(bad, '{"apps":{"crm-jwt":{"clientId":"two words"}}}');
    const { status, stderr } = await run(['signing-key', 'crm-jwt', '--config', bad]);
    assert.equal(status, 1);
    assert.match(stderr, /is not valid:\n {2}apps\.crm-jwt\.clientId: [^\n]+\n$/);
  });

  it('reaches AWS where the environment says, and tells what AWS refuses', async (test) => {
    const { config: aws, calls } = await playedAws(test, () => ({
      status: 400,
      body: { __type: 'AccessDeniedException', message: 'You may not do that.' },
    }));
    const env = {
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_REGION: aws.region,
      AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
    };
    const { status, stderr } = await run(['signing-key', 'crm-jwt', '--config', config], { env });
    assert.equal(status, 1);
    assert.equal(stderr, 'AccessDeniedException: You may not do that.\n');
    assert.equal(calls[0]?.action, 'TrentService.DescribeKey');
  });

  it('examines the place that is named, by --url before GRANTKEEPER_URL, and tells by its exit code', async (test) => {
    const well = await doctorServer(test, (_, response) => response.end(JSON.stringify(wellHealth)));
    const ill = await doctorServer(test, (_, response) => response.end(JSON.stringify(illHealth())));
    const env = { GRANTKEEPER_URL: ill };
    const needed = await run(['doctor'], { env });
    assert.deepEqual([needed.status, needed.stdout.split('\n')[0]], [1, 'NEEDS A PERSON: 3 things to do.']);
    const fine = await run(['doctor', '--url', well, '--json'], { env });
    assert.deepEqual([fine.status, JSON.parse(fine.stdout), fine.stderr], [0, wellHealth, '']);
    const nowhere = await run(['doctor', '--url', 'http://127.0.0.1:1']);
    assert.deepEqual([nowhere.status, nowhere.stdout], [2, '']);
    assert.match(nowhere.stderr, /^http:\/\/127\.0\.0\.1:1\/health could not be reached/);
    const unsigned = await run(['doctor', '--url', 'https://abc.execute-api.eu-west-1.amazonaws.com']);
    assert.equal(unsigned.status, 2);
    assert.match(unsigned.stderr, /Could not load credentials[^\n]*Sign in to AWS/);
    assert.equal((await run(['doctor', 'crm'])).status, 2);
  });

  it('names the variable that is missing', async () => {
    const { status, stderr } = await run(['signing-key', 'crm-jwt', '--config', config]);
    assert.equal(status, 1);
    assert.match(stderr, /AWS_REGION/);
  });
});

describe('npx grantkeeper on an older Node.js', () => {
  /** A copy of the launcher that takes this Node.js for an older one, in a tree with the given other Node.js. */
  function olderTree(tree: string, other?: string): string {
    const path = join(folder, tree);
    for (const part of ['cli', 'dev', 'node_modules/.bin']) mkdirSync(join(path, part), { recursive: true });
    copyFileSync(join(root, 'cli/grantkeeper.mjs'), join(path, 'cli/grantkeeper.mjs'));
    copyFileSync(join(root, 'dev/require-node-24.mjs'), join(path, 'dev/require-node-24.mjs'));
    writeFileSync(join(path, 'older.mjs'), olderVersion);
    if (other === 'itself') symlinkSync(process.execPath, join(path, 'node_modules/.bin/node'));
    else if (other !== undefined) {
      writeFileSync(join(path, 'node_modules/.bin/node'), other);
      chmodSync(join(path, 'node_modules/.bin/node'), 0o755);
    }
    return path;
  }
  const olderVersion = `Object.defineProperty(process.versions, 'node', { value: '20.0.0' });`;
  const older = (tree: string) =>
    run(['signing-key', 'crm', '--rotate'], {
      file: join(tree, 'cli/grantkeeper.mjs'),
      env: { NODE_OPTIONS: `--import=${join(tree, 'older.mjs')}` },
    });

  it('hands its arguments over to the one that npm brought, and its exit code back', async () => {
    const { status, stdout } = await older(olderTree('with', '#!/bin/sh\nshift\necho "ran with $*"\nexit 7\n'));
    assert.equal(stdout, 'ran with signing-key crm --rotate\n');
    assert.equal(status, 7);
  });

  it('says which it needs where there is no other, and never starts itself again', async () => {
    for (const [tree, other] of [
      ['without', undefined],
      ['same', 'itself'],
    ] as const) {
      const { status, stderr } = await older(olderTree(tree, other));
      assert.equal(status, 1);
      assert.match(stderr, /needs Node\.js 24 or newer/);
    }
  });
});
