import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

const root = join(import.meta.dirname, '../..');
const directory = mkdtempSync(join(tmpdir(), 'grantkeeper-bin-'));
after(() => rmSync(directory, { recursive: true }));

/** As the CDK's command line runs it, with its context. */
function run(context: Record<string, string>) {
  return spawnSync(process.execPath, [join(root, 'bin/grantkeeper.ts')], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, CDK_OUTDIR: join(directory, 'cdk.out'), CDK_CONTEXT_JSON: JSON.stringify(context) },
    timeout: 30_000,
  });
}

describe('the CDK app', () => {
  it('fails on a configuration that is not valid, saying the path and nothing more', () => {
    const config = join(directory, 'bad.json');
    writeFileSync(config, '{"apps":{"crm":{"clientId":"two words"}},"treshold":{}}');
    const { status, stderr, stdout } = run({ config });
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.equal(
      stderr,
      `${config} is not valid:\n` +
        '  apps.crm.clientId: must be a consumer key: 1 to 256 printable characters, no spaces\n' +
        '  (root): unknown key treshold\n',
    );
  });

  it('takes retain as true or false, and no guess', () => {
    const { status, stderr } = run({ retain: 'no' });
    assert.equal(status, 1);
    assert.equal(stderr, '-c retain is not valid:\n  retain: must be true or false; got no\n');
  });
});
