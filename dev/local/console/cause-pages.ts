/** The pages of `docs/causes/`, as the console serves them: the text that is written there. */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { adminPage } from '../../../functions/core/diagnosis/refused-by-org.ts';
import { errorTable } from '../../../functions/core/error-table.ts';
import { causeOf } from '../../../functions/core/settle-refusal.ts';
import type { ServedFile } from '../served-file.ts';

const folder = new URL('../../../docs/causes/', import.meta.url);
const pages: ReadonlySet<string> = new Set(readdirSync(folder).filter((name) => /^[a-z_]+\.md$/.test(name)));
const prefix = '/local/causes/';

/** The page of a cause, as its path in the repository. `undefined`: it has none, as those that only we can cause. */
export function causePage(cause: string): string | undefined {
  if (pages.has(`${cause}.md`)) return `docs/causes/${cause}.md`;
  return refusals.has(cause) ? adminPage : undefined;
}

/** Where the console serves a page. */
export function addressOfPage(page: string): string {
  return prefix + page.slice(page.lastIndexOf('/') + 1);
}

/** The file at a path, or `undefined` where there is none. */
export async function causeFile(path: string): Promise<ServedFile | undefined> {
  const name = path.startsWith(prefix) ? path.slice(prefix.length) : '';
  if (!pages.has(name)) return undefined;
  return { type: 'text/plain; charset=utf-8', body: await readFile(new URL(name, folder)) };
}

/** What Salesforce calls the reasons for which an org keeps a connection out: they share a page. */
const refusals = new Set(errorTable.map(({ error, description = '' }) => causeOf({ error, description })));
