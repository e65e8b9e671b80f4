import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  /** Comes in the archive of the package that it lies in, whose hash is that of both. */
  readonly inBundle?: boolean;
}

const root = join(import.meta.dirname, '../..');
const readJson = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'));
const manifest = readJson('package.json');
const locked: Record<string, Locked> = readJson('package-lock.json').packages;
const installed = Object.entries(locked).filter(([path]) => path !== '');

const named: Record<string, string> = {
  ...manifest.dependencies,
  ...manifest.devDependencies,
  ...manifest.optionalDependencies,
};

/** Its lock came without hashes of systems other than the one that it was made on; none of it is deployed. */
const linterOfOtherSystems = 'node_modules/@biomejs/cli-';

/** Why this one is not as sure as it should be. */
function faultOf({ version, resolved, integrity, inBundle = false }: Locked): string | undefined {
  if (version === undefined || !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)) return 'no exact version';
  if (resolved !== undefined && !resolved.startsWith('https://')) return 'not by https';
  return inBundle || /^sha512-/.test(integrity ?? '') ? undefined : 'no hash';
}

describe('the dependencies', () => {
  it('are named in exact versions, and locked with a hash each', () => {
    for (const [name, version] of Object.entries(named)) assert.match(version, /^\d+\.\d+\.\d+$/, name);
    assert.ok(installed.length > 100);
    for (const [path, one] of installed) {
      if (!path.startsWith(linterOfOtherSystems)) assert.equal(faultOf(one), undefined, path);
    }
    assert.equal(faultOf({ version: '^1.0.0' }), 'no exact version');
    assert.equal(faultOf({ version: '1.0.0' }), 'no hash');
  });

  it('run no script at install but those that were looked at', () => {
    const running = installed
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([path]) => path.split('node_modules/').at(-1) ?? '');
    const looked = Object.keys(manifest.allowScripts);
    // Optional and of other systems: never run here, and listed by npm for completeness.
    const native = ['classic-level', 'esbuild', 'fsevents', '@scarf/scarf'];
    assert.deepEqual(
      [...new Set(running)].filter((name) => !looked.includes(name) && !native.includes(name)),
      [],
    );
  });

  it('that are deployed are these, and no others', () => {
    const families = new Set(Object.keys(manifest.dependencies).map((name) => name.split('/')[0]));
    assert.deepEqual([...families].toSorted(), [
      '@aws-lambda-powertools',
      '@aws-sdk',
      '@middy',
      'jose',
      'oauth4webapi',
      'zod',
    ]);
  });
});
