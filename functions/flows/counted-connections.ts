/** The connections of an org, or the first ones of an app: as many as are counted, and no more. */
import type { Connection } from '../core/connection.ts';
import type { ConnectionFilter, Store } from '../core/ports.ts';

const pageSize = 100;
/** Of an org: two thousand connections. */
const orgPagesAtMost = 20;
/** Of an app: a sample of a thousand, in the order of their orgs. */
const samplePagesAtMost = 10;

export function connectionsOfOrg(store: Store, app: string, orgId: string): Promise<readonly Connection[]> {
  return pagesOf(store, { app, orgId }, orgPagesAtMost);
}

export function sampleOfApp(store: Store, app: string): Promise<readonly Connection[]> {
  return pagesOf(store, { app }, samplePagesAtMost);
}

async function pagesOf(store: Store, filter: ConnectionFilter, pagesAtMost: number): Promise<readonly Connection[]> {
  const found: Connection[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < pagesAtMost; pages += 1) {
    const page = await store.listConnections(filter, pageSize, cursor);
    found.push(...page.items);
    cursor = page.cursor;
    if (cursor === undefined) break;
  }
  return found;
}
