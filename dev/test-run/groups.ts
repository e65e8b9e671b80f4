/**
 * Which test files share a process. Node.js would start one for each of the 350 files, and half of the run was their
 * start: the CDK, the AWS clients and the schemas loaded anew each time. Tests hold nothing across files, so they can
 * share; what must not be shared is the wait for the longest group, so slow folders are cut into smaller ones.
 */

/** How many files of a folder take ten to fifteen seconds in one process; a folder not named is one group. */
const filesAGroup: Readonly<Record<string, number>> = {
  diagnosis: 1,
  flows: 4,
  dev: 9,
  canary: 2,
  lib: 17,
  functions: 40,
};

/** `files`: paths from the folder of the tests, `flows/races.test.ts`. Slow folders come first; none is left out. */
export function groupsOf(files: readonly string[]): string[][] {
  const folders = Map.groupBy([...files].sort(), (file) => file.split('/')[0] ?? '');
  const slowFirst = [...new Set([...Object.keys(filesAGroup), ...folders.keys()])];
  return slowFirst.flatMap((folder) =>
    dealt(folders.get(folder) ?? [], filesAGroup[folder] ?? Number.POSITIVE_INFINITY),
  );
}

/** Like cards: neighbours in the alphabet, which are often slow for one reason, come into different groups. */
function dealt(files: readonly string[], most: number): string[][] {
  const count = Math.ceil(files.length / most) || (files.length > 0 ? 1 : 0);
  return Array.from({ length: count }, (_, group) => files.filter((_, at) => at % count === group));
}
