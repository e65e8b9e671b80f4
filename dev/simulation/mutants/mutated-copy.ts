/** A copy of what the simulation is made of, with one mutant's edits in it: the code itself is never touched. */
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Edit, Mutant } from './mutant.ts';

const copied = ['functions', 'lib', 'dev', 'package.json', 'tsconfig.json'];

/** Into an empty folder; answers why an edit does not fit, where one does not. */
export async function copyWith({ edits }: Mutant, root: string, folder: string): Promise<string | undefined> {
  for (const part of copied) await cp(join(root, part), join(folder, part), { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const edit of edits) {
    const path = join(folder, edit.file);
    const text = await readFile(path, 'utf8');
    const misfit = misfitOf(edit, text);
    if (misfit !== undefined) return misfit;
    await writeFile(
      path,
      text.replace(edit.find, () => edit.replace),
    );
  }
  return undefined;
}

/** @param text of the file that is edited */
export function misfitOf({ file, find }: Edit, text: string): string | undefined {
  const found = text.split(find).length - 1;
  return found === 1 ? undefined : `the edit of ${file} fits ${found} times, it must fit once: ${find.slice(0, 80)}`;
}
