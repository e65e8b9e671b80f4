/** Connections page by page: of one app, or of several, one after the other. */
import type { Connection } from '../core/connection.ts';
import { type ConnectionFilter, InvalidCursorError, type Page, type Ports } from '../core/ports.ts';

/** @param known apps, of which connections are listed where the filter names none */
export async function listConnections(
  ports: Pick<Ports, 'store'>,
  filter: Partial<ConnectionFilter>,
  limit: number,
  cursor: string | undefined,
  known: readonly string[],
): Promise<Page<Connection>> {
  const apps = filter.app === undefined ? known.toSorted() : [filter.app];
  if (apps.length === 0) return { items: [] };
  const place = cursor === undefined ? { app: apps[0], inner: undefined } : parseCursor(cursor);
  const first = apps.indexOf(place.app ?? '');
  if (first < 0) throw new InvalidCursorError('The cursor names an app that this list does not have.');
  const items: Connection[] = [];
  let inner = place.inner;
  for (const [index, app] of apps.slice(first).entries()) {
    const page = await ports.store.listConnections({ ...filter, app }, limit - items.length, inner);
    items.push(...page.items);
    if (page.cursor !== undefined) return { items, cursor: cursorText(app, page.cursor) };
    inner = undefined;
    const next = apps[first + index + 1];
    if (items.length >= limit && next !== undefined) return { items, cursor: cursorText(next, undefined) };
  }
  return { items };
}

/** The store's cursors are base64url, app names hold no dot. */
function cursorText(app: string, inner: string | undefined): string {
  return `${app}.${inner ?? ''}`;
}

function parseCursor(cursor: string): { app: string | undefined; inner: string | undefined } {
  const [app, inner] = cursor.split('.', 2);
  return { app, inner: inner || undefined };
}
