/** Where an entry of the lifeboat lies: `c/<connection>/<attempt>`, each percent-encoded, so that no id can leave its place. */
import type { LifeboatEntry } from '../core/lifeboat.ts';
import { InvalidCursorError } from '../core/ports.ts';

export type LifeboatId = Pick<LifeboatEntry, 'connectionId' | 'attemptId'>;

/** Of all keys: what the roles' policies name. */
export const lifeboatPrefix = 'c/';

export function lifeboatKey({ connectionId, attemptId }: LifeboatId): string {
  return `${prefixOf(connectionId)}${encodeURIComponent(attemptId)}`;
}

/** Of a connection's keys; the slash at its end keeps out a connection whose id begins alike. */
export function prefixOf(connectionId: string): string {
  return `${lifeboatPrefix}${encodeURIComponent(connectionId)}/`;
}

export function cursorAfter(key: string): string {
  return Buffer.from(key).toString('base64url');
}

const maxCursorLength = 2048;

/** @throws InvalidCursorError for a cursor that `cursorAfter` did not make */
export function keyAfter(cursor: string): string {
  const key = cursor.length > maxCursorLength ? '' : Buffer.from(cursor, 'base64url').toString();
  if (key.startsWith(lifeboatPrefix) && cursorAfter(key) === cursor) return key;
  throw new InvalidCursorError('the cursor is not one that the lifeboat gave out; begin again without a cursor');
}
