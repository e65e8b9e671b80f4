/** What was measured last, as it is kept in the tree: the page is made of it, and a test measures anew and compares. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Kept } from './page.ts';

const file = new URL('measured.json', import.meta.url);

export function readKept(): Kept {
  return JSON.parse(readFileSync(file, 'utf8')) as Kept;
}

export function keep(kept: Kept): void {
  writeFileSync(file, `${JSON.stringify(kept, undefined, 2)}\n`);
}
