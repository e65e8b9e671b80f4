import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { groupsOf } from '../../../dev/test-run/groups.ts';

describe('which test files share a process', () => {
  const files = [
    ...Array.from({ length: 11 }, (_, at) => `flows/flow-${at}.test.ts`),
    'docs/a.test.ts',
    'docs/deep/b.test.ts',
    'new-folder/c.test.ts',
  ];

  it('every file runs, once, in a folder that nobody named too', () => {
    assert.deepEqual(groupsOf(files).flat().sort(), [...files].sort());
  });

  it('a slow folder is cut into groups of about the same number of files, before the others', () => {
    const groups = groupsOf(files);
    assert.deepEqual(
      groups.slice(0, 3).map((group) => group.length),
      [4, 4, 3],
    );
    assert.ok(
      groups
        .slice(0, 3)
        .flat()
        .every((file) => file.startsWith('flows/')),
    );
  });

  it('any other folder is one group, whatever its depth', () => {
    assert.ok(groupsOf(files).some((group) => group.join() === 'docs/a.test.ts,docs/deep/b.test.ts'));
  });

  it('no files are no groups', () => {
    assert.deepEqual(groupsOf([]), []);
  });
});
