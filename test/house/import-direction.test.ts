import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { describe, it } from 'node:test';

const refused: [string, string][] = [
  ['functions/core/new.ts', '../flows/change.ts'],
  ['functions/core/new.ts', '../adapters/jose-sealer.ts'],
  ['functions/core/new.ts', '../handlers/token.ts'],
  ['functions/core/new.ts', '@aws-sdk/client-kms'],
  ['functions/core/new.ts', 'node:fs'],
  ['functions/flows/new.ts', '../adapters/jose-sealer.ts'],
  ['functions/flows/new.ts', '../runtime/http.ts'],
  ['functions/adapters/new.ts', '../flows/change.ts'],
  ['functions/adapters/dynamodb/new.ts', '../../handlers/token.ts'],
  ['functions/handlers/new.ts', '../adapters/jose-sealer.ts'],
  ['functions/handlers/new.ts', '../../dev/loopback-guard.ts'],
  ['functions/runtime/new.ts', '../handlers/token.ts'],
];

const taken: [string, string][] = [
  ['functions/flows/new.ts', '../core/claim.ts'],
  ['functions/adapters/new.ts', '../core/ports.ts'],
  ['functions/adapters/dynamodb/new.ts', '@aws-sdk/client-dynamodb'],
  ['functions/handlers/new.ts', '../flows/read-token.ts'],
  ['functions/runtime/new.ts', '../adapters/jose-sealer.ts'],
  ['functions/new.ts', './adapters/jose-sealer.ts'],
];

/** One file for each import, in a tree of its own under the house's configuration; answers which the linter refuses. */
function refusedOf(imports: readonly [string, string][]): [string, string][] {
  const root = mkdtempSync(join(tmpdir(), 'import-direction-'));
  try {
    cpSync('biome.json', join(root, 'biome.json'));
    const files = imports.map(([file, module], index) => {
      const path = file.replace('new.ts', `new-${index}.ts`);
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), `import * as imported from '${module}';\n\nexport const kept = imported;\n`);
      return path;
    });
    const biome = resolve('node_modules/.bin/biome');
    const options = ['--only=style/noRestrictedImports', '--vcs-enabled=false', '--max-diagnostics=none'];
    const { stdout } = spawnSync(biome, ['lint', ...options, '--reporter=github', '.'], {
      cwd: root,
      encoding: 'utf8',
    });
    return imports.filter((_, index) => stdout.includes(`/${files[index]},line=`));
  } finally {
    rmSync(root, { recursive: true });
  }
}

describe('the linter holds the direction core ← adapters ← functions', () => {
  it('refuses what runs against it', () => {
    assert.deepEqual(refusedOf(refused), refused);
  });

  it('takes what runs along it', () => {
    // With one of the others, which shows that the linter ran.
    assert.deepEqual(refusedOf([...taken, ...refused.slice(0, 1)]), refused.slice(0, 1));
  });
});
