/**
 * Keeps a release for the upgrade tests of the next: `node dev/upgrade/freeze-release.ts <commit>` bundles that commit's
 * handlers and adapters into `test/upgrade/previous/<commit>.mjs`. Its own code only: packages are those of this tree.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { releaseFiles } from './release.ts';

const root = resolve(import.meta.dirname, '../..');
const short = 7;

const [given] = process.argv.slice(2);
if (given === undefined) throw new Error('Name the commit to freeze: node dev/upgrade/freeze-release.ts <commit>');
const commit = git('rev-parse', '--verify', `${given}^{commit}`).trim();
const name = commit.slice(0, short);
const tree = mkdtempSync(join(tmpdir(), 'grantkeeper-freeze-'));
try {
  const archive = join(tree, 'functions.tar');
  git('archive', '--output', archive, commit, 'functions');
  execFileSync('tar', ['-xf', archive, '-C', tree]);
  const lines = Object.entries(releaseFiles)
    .filter(([exported, file]) => exportsIn(join(tree, file)).includes(exported))
    .map(([exported, file]) => `export { ${exported} } from './${file}';`);
  writeFileSync(join(tree, 'release.ts'), lines.join('\n'));
  const outfile = join(root, `test/upgrade/previous/${name}.mjs`);
  await build({
    entryPoints: [join(tree, 'release.ts')],
    absWorkingDir: tree,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    packages: 'external',
    minifySyntax: true,
    legalComments: 'none',
    banner: { js: `// The release of commit ${commit}, built by dev/upgrade/freeze-release.ts. Not to be edited.` },
    outfile,
  });
  console.log(`test/upgrade/previous/${name}.mjs holds ${lines.length} exports of ${commit}.`);
} finally {
  rmSync(tree, { recursive: true, force: true });
}

function exportsIn(file: string): string[] {
  if (!existsSync(file)) return [];
  const found = readFileSync(file, 'utf8').matchAll(/^export (?:async function|function|const|class) (\w+)/gm);
  return [...found].map(([, exported = '']) => exported);
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' });
}
