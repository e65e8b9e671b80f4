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

  for (const flag of ['retain', 'allowExecuteApiUrl']) {
    it(`takes ${flag} as true or false, and no guess`, () => {
      const { status, stderr } = run({ [flag]: 'no' });
      assert.equal(status, 1);
      assert.equal(stderr, `-c ${flag} is not valid:\n  ${flag}: must be true or false; got no\n`);
    });
  }

  it('asks for a domain where nobody said that none is needed, and ends without a stack trace', () => {
    const config = join(directory, 'good.json');
    writeFileSync(config, '{"apps":{"crm":{"clientId":"c","claim":false}}}');
    const { status, stderr } = run({ config, allowExecuteApiUrl: 'false' });
    assert.equal(status, 1);
    assert.match(stderr, /^the deployment is not valid:\n {2}domainName: must be given.*allowExecuteApiUrl/);
    assert.equal(stderr.trimEnd().split('\n').length, 2);
  });
});
