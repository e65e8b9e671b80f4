/** Each cause has a page, each page a cause, and both say the same. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { adminPage, identityPage } from '../../functions/core/diagnosis/refused-by-org.ts';
import { restoredPage } from '../../functions/core/diagnosis/restored-backup.ts';
import { rules } from '../../functions/core/diagnosis/rules.ts';
import { pageOf } from '../../functions/core/diagnosis.ts';
import { outageCause } from '../../functions/core/watch-remedies.ts';

const root = join(import.meta.dirname, '../..');
const read = (page: string) => readFileSync(join(root, page), 'utf8');
const pages = globSync('docs/causes/*.md', { cwd: root }).filter((page) => basename(page) !== 'README.md');
const causes = [
  ...rules.map(({ cause }) => cause),
  ...[adminPage, identityPage, restoredPage].map((page) => basename(page, '.md')),
  outageCause,
];
const sections = ['What happened', 'How we know', 'How sure', 'What to do', 'How to prevent it', 'Sources'];

describe('the pages of causes', () => {
  it('are one for each cause, and none besides', () => {
    assert.deepEqual(pages.toSorted(), causes.map(pageOf).toSorted());
  });

  it('are of rules whose files are named for their cause', () => {
    for (const { cause } of rules) {
      assert.ok(existsSync(join(root, 'functions/core/diagnosis', `${cause.replaceAll('_', '-')}.ts`)), cause);
    }
  });

  for (const page of pages) {
    it(`have all that a reader needs: ${basename(page)}`, () => {
      const text = read(page);
      const headings = [...text.matchAll(/^(#+) (.+)$/gm)].map(([, level = '', title = '']) => [level.length, title]);
      assert.deepEqual(headings, [[1, basename(page, '.md')], ...sections.map((title) => [2, title])]);
      const sources = text.slice(text.indexOf('## Sources'));
      for (const line of sources.match(/^- .+$/gm) ?? []) assert.match(line, /\*\*[CQRU]\*\*/, line);
      assert.match(sources, /^- /m);
    });
  }

  it('say how sure each rule can be: certain of one only, and never likely of what nothing tells', () => {
    const bold = (cause: string) => [...read(pageOf(cause)).matchAll(/^- \*\*(certain|likely|possible)\*\*/gm)];
    for (const { cause } of rules) {
      const said = new Set(bold(cause).map(([, confidence]) => confidence));
      assert.equal(said.has('certain'), cause === 'grant_limit', cause);
      assert.equal(said.has('likely'), cause !== 'revoked_or_unknown', cause);
    }
  });
});

describe('the index of causes', () => {
  const rows = [
    ...read('docs/causes/README.md').matchAll(/^\| \[(\w+)\]\((\w+)\.md\) \| (.+) \| (\w*) \| (\w+) \|$/gm),
  ];

  it('lists every page once', () => {
    assert.deepEqual(rows.map(([, name]) => name).toSorted(), causes.toSorted());
    for (const [, name, file] of rows) assert.equal(file, name);
  });

  it('has the rules in the order in which they are believed, with who acts first', () => {
    const told = rows.map(([, cause, , , , actor]) => ({ cause, actor })).slice(0, rules.length);
    assert.deepEqual(
      told,
      rules.map(({ cause, actor }) => ({ cause, actor })),
    );
  });

  it('says in each row what its page says first', () => {
    for (const [, name = ''] of rows) {
      const [, , sentence = ''] = read(pageOf(name)).split('\n');
      assert.match(sentence, /^[A-Z].+\.$/, name);
    }
  });
});
