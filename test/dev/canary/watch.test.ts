import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { mark } from '../../../dev/canary/canary.ts';
import { scanFolder } from '../../../dev/canary/scan-folder.ts';

const program = join(import.meta.dirname, '../../../dev/canary/watch.ts');

/** Runs a script under the watch; what it is to print comes by its environment. */
function watched(script: string, ...options: string[]): { status: number | null; stderr: string; stdout: string } {
  const args = [program, ...options, process.execPath, '-e', script];
  return spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, SECRET: `token ${mark}abc` } });
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'canary-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a command under the watch', () => {
  it('passes its output on, and ends as it ends', () => {
    const good = watched('console.log("all is well"); console.error("aside")');
    assert.deepEqual([good.status, good.stdout, good.stderr], [0, 'all is well\n', 'aside\n']);
    assert.equal(watched('process.exitCode = 7').status, 7);
  });

  for (const stream of ['stdout', 'stderr']) {
    it(`fails where it prints a secret on ${stream}`, () => {
      const { status, stderr } = watched(`process.${stream}.write("here: " + process.env.SECRET)`);
      assert.equal(status, 3);
      assert.match(stderr, new RegExp(`A secret got out\\. ${stream}: .*here: token \\[canary`));
    });
  }

  it('fails where a secret is cut in half by two writes', () => {
    const halves =
      'const s = process.env.SECRET; process.stdout.write(s.slice(0, 9), () => setTimeout(() => process.stdout.write(s.slice(9)), 20))';
    assert.equal(watched(halves).status, 3);
  });

  it('fails where a secret lies in a folder that it left', () => {
    writeFileSync(join(folder, 'a.txt'), 'nothing');
    assert.equal(watched('', '--folder', folder).status, 0);
    writeFileSync(join(folder, 'b.txt'), mark);
    const { status, stderr } = watched('', '--folder', folder);
    assert.equal(status, 3);
    assert.match(stderr, /b\.txt: /);
  });
});

describe('the search of a folder', () => {
  it('finds a secret in files of folders within, in bytes, and in what is packed', () => {
    mkdirSync(join(folder, 'deep', 'down'), { recursive: true });
    writeFileSync(join(folder, 'deep', 'down', 'plain.json'), `{"token":"${mark}"}`);
    writeFileSync(join(folder, 'bytes.bin'), Buffer.concat([Buffer.of(0, 255), Buffer.from(mark, 'base64url')]));
    writeFileSync(join(folder, 'packed.gz'), gzipSync(`a b c ${mark}`));
    writeFileSync(join(folder, 'good.json'), '{}');
    const { files, found } = scanFolder(folder);
    assert.equal(files, 4);
    assert.deepEqual(found.map(({ file }) => file.slice(folder.length + 1)).toSorted(), [
      'bytes.bin',
      'deep/down/plain.json',
      'packed.gz',
    ]);
  });

  it('is refused where there is nothing to search', () => {
    assert.throws(() => scanFolder(folder), /holds no file/);
    assert.throws(() => scanFolder(join(folder, 'gone')), /ENOENT/);
  });
});
