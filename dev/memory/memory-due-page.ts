/** A page of what is due, the longest overdue first: the twin of the sparse indexes. */
import { checkLimit, maxDueLimit } from '../../functions/adapters/dynamodb/bounds.ts';
import { type DuePosition, formatDueCursor, parseDueCursor } from '../../functions/adapters/dynamodb/cursor.ts';
import { dutyHolderKey, dutyHolderOf } from '../../functions/adapters/dynamodb/keys.ts';
import { type DueDuty, InvalidCursorError, type Page } from '../../functions/core/ports.ts';
import { byCodeUnit } from './by-code-unit.ts';

/** A row of a due or duty index. */
export interface Due<T> {
  readonly at: number;
  readonly holder: DueDuty['holder'];
  readonly id: string;
  readonly value: T;
}

export function duePage<T>(
  of: 'due' | 'duty',
  all: readonly Due<T>[],
  { shard, now, limit, cursor }: { shard: number; now: number; limit: number; cursor: string | undefined },
): Page<T> {
  checkLimit(limit, maxDueLimit);
  const from = cursor === undefined ? undefined : placeOf(parseDueCursor(cursor, of, shard));
  const due = all.filter((row) => row.at <= now && (from === undefined || byInstant(row, from) > 0)).sort(byInstant);
  const page = due.slice(0, limit);
  const last = page.at(-1);
  const items = page.map(({ value }) => value);
  return due.length === page.length || last === undefined
    ? { items }
    : { items, cursor: formatDueCursor(of, shard, { at: last.at, ...dutyHolderKey(last) }) };
}

function placeOf({ at, pk }: DuePosition): Placed {
  const holder = dutyHolderOf(pk);
  if (holder === undefined) throw new InvalidCursorError('a twin in memory holds no rows of other releases');
  return { at, ...holder };
}

type Placed = Omit<Due<unknown>, 'value'>;

function byInstant(a: Placed, b: Placed): number {
  return a.at - b.at || byCodeUnit(a.holder, b.holder) || byCodeUnit(a.id, b.id);
}
