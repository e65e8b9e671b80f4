import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ConfigurationError } from '../../functions/core/errors.ts';
import { readConfigurationFile } from '../../lib/configuration-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'grantkeeper-configuration-'));
after(() => rmSync(directory, { recursive: true }));

function fileWith(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

async function refusal(path: string): Promise<string> {
  const error = await readConfigurationFile(path).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ConfigurationError, `expected a ConfigurationError, got ${error}`);
  return error.message;
}

describe('a configuration file', () => {
  it('may be TypeScript with a default export', async () => {
    const path = fileWith('good.ts', `export default { apps: { crm: { clientId: 'c' as string } } };`);
    assert.equal((await readConfigurationFile(path)).apps.crm?.clientId, 'c');
  });

  it('may be JSON, and gets the defaults that it leaves out', async () => {
    const path = fileWith('good.json', '{"apps":{"crm":{"clientId":"c"}}}');
    assert.equal((await readConfigurationFile(path)).thresholds.apiBurst, 200);
  });

  it('of this repository is a valid example with the app crm', async () => {
    const path = join(import.meta.dirname, '../../grantkeeper.config.ts');
    assert.deepEqual(Object.keys((await readConfigurationFile(path)).apps), ['crm']);
  });

  it('that is not valid is named, with the path of each mistake', async () => {
    const path = fileWith(
      'bad.json',
      '{"apps":{"crm":{"clientId":"c","loginUrl":"https://evil-salesforce.com"}},"app":1}',
    );
    const message = await refusal(path);
    assert.ok(message.startsWith(`${path} is not valid:`));
    assert.match(
      await refusal(fileWith('bad2.json', '{"apps":{"crm":{"clientId":"c"}},"app":1}')),
      /\(root\): unknown key app/,
    );
  });

  it('that is missing, broken, without a default export or of another kind is refused, with the reason', async () => {
    assert.match(await refusal(join(directory, 'none.json')), /\(file\): cannot be read: ENOENT/);
    assert.match(await refusal(join(directory, 'none.ts')), /\(file\): cannot be read: Cannot find module/);
    assert.match(await refusal(fileWith('broken.json', '{')), /\(file\): cannot be read: .*JSON/);
    assert.match(await refusal(fileWith('throws.mjs', 'throw new Error("no such region")')), /no such region/);
    assert.match(await refusal(fileWith('empty.mjs', 'export const config = {};')), /has no default export/);
    assert.match(await refusal(fileWith('config.yaml', 'apps: {}')), /must end in \.json, .*; got \.yaml/);
    assert.match(await refusal(fileWith('config', '')), /got no extension/);
  });
});
