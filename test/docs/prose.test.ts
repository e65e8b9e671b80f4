import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import packageJson from '../../package.json' with { type: 'json' };

const root = join(import.meta.dirname, '../..');
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/**/*.md', { cwd: root })];

describe('the prose', () => {
  for (const page of pages) {
    it(`of ${page} links only to files that exist`, () => {
      const dangling = linksOf(read(page)).filter((link) => !existsSync(join(root, dirname(page), link)));
      assert.deepEqual(dangling, []);
    });

    it(`of ${page} names only npm scripts that exist`, () => {
      const unknown = scriptsOf(read(page)).filter((script) => !Object.hasOwn(packageJson.scripts, script));
      assert.deepEqual(unknown, []);
    });
  }

  it('opens the README with one sentence, a diagram and the two commands', () => {
    const readme = read('README.md');
    const [title, sentence, diagram] = readme.split(/\n{2,}/);
    assert.match(title ?? '', /^# Grantkeeper$/);
    assert.match(sentence ?? '', /^Grantkeeper is [^.]+\.$/);
    assert.match(diagram ?? '', /^```mermaid/);
    assert.match(readme, /^npm ci && npm start\b/m);
    assert.match(readme, /^npm ci && npm test\b/m);
  });
});

describe('what the prose tests look for', () => {
  it('is a relative link, without its fragment', () => {
    const text = '[a](docs/a.md#part) [b](https://example.com) [c](#here) `[d](x.md)`';
    assert.deepEqual(linksOf(text), ['docs/a.md']);
  });

  it('is a script behind npm or npm run', () => {
    assert.deepEqual(scriptsOf('`npm run a:b`, npm start -- --port 1, npm ci, npm test'), ['a:b', 'start', 'test']);
  });
});

function read(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

function linksOf(markdown: string): string[] {
  const prose = markdown.replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target.split('#')[0] ?? '')
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}

function scriptsOf(markdown: string): string[] {
  return [...markdown.matchAll(/\bnpm (?:run ([a-z][a-z0-9:]*)|(start|test)\b)/g)].map(
    ([, run, bare]) => run ?? bare ?? '',
  );
}
