import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Stack } from 'aws-cdk-lib';
import { ConfigurationError } from '../../functions/core/errors.ts';
import { readDeployment } from '../../lib/deployment.ts';
import { emptyApp } from './synthesized.ts';

const directory = mkdtempSync(join(tmpdir(), 'grantkeeper-deployment-'));
after(() => rmSync(directory, { recursive: true }));

function fileWith(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

describe('the deployment of a configuration file', () => {
  const stack = new Stack(emptyApp(), 'Theirs');

  it('is what its function says of the stack', async () => {
    const path = fileWith('some.ts', 'export const deployment = (stack) => ({ clientSecretPrefix: stack.stackName });');
    assert.deepEqual((await readDeployment(path))(stack), { clientSecretPrefix: 'Theirs' });
  });

  it('is empty without one, and in JSON', async () => {
    assert.deepEqual((await readDeployment(fileWith('none.ts', 'export default {};')))(stack), {});
    assert.deepEqual((await readDeployment(fileWith('some.json', '{"deployment":{}}')))(stack), {});
  });

  it('of this repository is a trial’s', async () => {
    const path = join(import.meta.dirname, '../../grantkeeper.config.ts');
    assert.deepEqual((await readDeployment(path))(stack), { allowExecuteApiUrl: true });
  });

  it('is refused where it names a prop that there is not: it would be one that is not set', async () => {
    const path = fileWith('misspelt.ts', "export const deployment = () => ({ concurency: 'reserved', egress: {} });");
    const deployment = await readDeployment(path);
    assert.throws(
      () => deployment(stack),
      (error) => error instanceof ConfigurationError && /deployment\.concurency: is no prop/.test(error.message),
    );
  });

  it('is refused where it is no function', async () => {
    const path = fileWith('object.ts', 'export const deployment = { allowExecuteApiUrl: true };');
    await assert.rejects(readDeployment(path), (error) => {
      return error instanceof ConfigurationError && /deployment: must be a function of the stack/.test(error.message);
    });
  });
});
