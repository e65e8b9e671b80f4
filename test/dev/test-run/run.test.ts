import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { describe, it } from 'node:test';

const runner = path.join(import.meta.dirname, '../../../dev/test-run/run.ts');

/** Without the mark of the run that we are in, by which Node.js would take it for a part of this one. */
function npmTest(...words: string[]) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return spawnSync(process.execPath, [runner, ...words], { encoding: 'utf8', env, timeout: 50_000 });
}

describe('npm test -- WORDS', () => {
  it('runs the files with the word in their path, in processes that are counted as one run', () => {
    const { status, stdout } = npmTest('test/house/', 'test-run/groups');
    assert.equal(status, 0, stdout);
    assert.match(stdout, /which test files share a process/);
    assert.equal(stdout.match(/tests \d+/g)?.length, 1);
    assert.doesNotMatch(stdout, /tests 0\b/);
  });

  it('fails where a test fails or a file cannot be loaded, names both, and runs the others, without a hook of theirs', (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'grantkeeper-test-run-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const test = (body: string) => `import { test } from 'node:test';\n${body}\n`;
    writeFileSync(path.join(folder, 'a.test.ts'), test("test('one that fails', () => { throw new Error('no'); });"));
    writeFileSync(path.join(folder, 'b.test.ts'), "import './nowhere.ts';\n");
    writeFileSync(path.join(folder, 'c.test.ts'), test("test('one that passes', () => {});"));
    const hook = "import { beforeEach } from 'node:test';\nbeforeEach(() => { throw new Error('of d alone'); });\n";
    writeFileSync(path.join(folder, 'd.test.ts'), hook);

    const { status, stdout } = npmTest('--from', folder);

    assert.equal(status, 1);
    for (const line of [/✖ one that fails/, /✖ test\/b\.test\.ts/, /nowhere\.ts/, /✔ one that passes/]) {
      assert.match(stdout, line);
    }
  });

  it('fails where no file has it, and says what a path looks like', () => {
    const { status, stderr } = npmTest('no-such-test');
    assert.equal(status, 1);
    assert.match(stderr, /no-such-test.*test\/flows\/races\.test\.ts/);
  });
});
