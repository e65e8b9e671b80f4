/** Each thing that the threat model calls stopped names a test that is there, by its title; what is not stopped is said. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { functionNames } from '../../lib/functions.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/threat-model.md'), 'utf8');

interface Claim {
  readonly file: string;
  readonly title: string;
}

const claims: readonly Claim[] = [...page.matchAll(/`(test\/[^`]+\.test\.ts) › ([^`]+)`/g)].map(
  ([, file = '', title = '']) => ({ file, title }),
);

/** Titles as they are written; what is computed in one may be anything. */
function titlesOf(source: string): readonly RegExp[] {
  const written = source.matchAll(
    /\b(?:it|test|describe)(?:\.\w+)?\(\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g,
  );
  return [...written].map(([, single, double, template]) => {
    const text = (single ?? double ?? template ?? '').replaceAll(/\\(.)/g, '$1');
    const parts = template === undefined ? [text] : text.split(/\$\{(?:[^{}]|\{[^{}]*\})*\}/);
    return new RegExp(`^${parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`);
  });
}

function isThere({ file, title }: Claim): boolean {
  if (!existsSync(join(root, file))) return false;
  return titlesOf(readFileSync(join(root, file), 'utf8')).some((known) => known.test(title));
}

/** Tables of the chapters on attackers: what is wanted, what stops it, the test. */
const chapters = page
  .split(/^## /m)
  .slice(1)
  .map((text) => ({ name: text.split('\n')[0] ?? '', text }))
  .filter(({ text }) => /\| shown by \|/.test(text));

describe('the threat model', () => {
  it('names tests that exist, with those titles', () => {
    assert.ok(claims.length > 70, `${claims.length}`);
    assert.deepEqual(
      claims.filter((claim) => !isThere(claim)).map(({ file, title }) => `${file} › ${title}`),
      [],
    );
  });

  it('would not be taken in by a title that is not there, or no title at all', () => {
    const [{ file } = { file: '' }] = claims;
    assert.equal(isThere({ file, title: 'stops everything' }), false);
    assert.equal(isThere({ file: 'test/nowhere.test.ts', title: 'x' }), false);
    const any = titlesOf('it(`$' + '{name} is held`, () => {}); it("a (b)", x)');
    assert.deepEqual(
      [
        any.some((one) => one.test('token is held')),
        any.some((one) => one.test('token is not')),
        any.some((one) => one.test('a (b)')),
      ],
      [true, false, true],
    );
  });

  it('is about every attacker, and says of each what stops it and what does not', () => {
    const expected = [
      'A tenant',
      'A page in the browser',
      'Somebody who mails connect links',
      'A reader of the table',
      'A reader of the logs',
      'A reader of one Lambda',
      'A reader of a backup',
      'Who hears alerts',
      'Salesforce',
      'Supply chain',
    ];
    for (const attacker of expected) {
      assert.ok(
        chapters.some(({ name }) => name.startsWith(attacker)),
        attacker,
      );
    }
    for (const { name, text } of chapters) assert.match(text, /^Not stopped: \S/m, name);
  });

  it('has a test in each row of what is stopped', () => {
    for (const { name, text } of chapters) {
      const rows = text.split('\n').filter((line) => /^\| (?!would like|role of|---)/.test(line));
      assert.ok(rows.length >= 4, name);
      for (const row of rows) assert.match(row, /`test\/[^`]+ › [^`]+` \|$/, row);
    }
  });

  it('is about the role of each Lambda', () => {
    const roles = chapters.find(({ name }) => name.startsWith('A reader of one Lambda'))?.text ?? '';
    const rows = [...roles.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name = '']) => name);
    assert.deepEqual(rows.toSorted(), [...functionNames].toSorted());
  });
});
