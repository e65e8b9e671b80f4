/**
 * Cursors: opaque to callers, and never trusted when they come back. Each says which question it continues, so that
 * one of another filter is refused instead of answering something else.
 */
import * as z from 'zod/mini';
import { orgIdPattern, userIdPattern } from '../../core/ids.ts';
import { type ConnectionFilter, InvalidCursorError } from '../../core/ports.ts';
import { dutyHolderOf, type ItemKey } from './keys.ts';

const maxCursorLength = 1024;

const listCursor = z.strictObject({
  of: z.literal('list'),
  app: z.string(),
  orgId: z.optional(z.string()),
  status: z.optional(z.string()),
  after: z.string(),
});

const dueCursor = z.strictObject({
  of: z.enum(['due', 'duty']),
  shard: z.int(),
  at: z.number(),
  pk: z.string().check(z.minLength(3), z.maxLength(256)),
  sk: z.string().check(z.minLength(1), z.maxLength(16)),
});

/** The last row that was seen of a due or duty index, whoever holds it: also of a kind that only a later release knows. */
export interface DuePosition extends ItemKey {
  readonly at: number;
}

/** @param after `<orgId>#<userId>` of the last connection that was looked at */
export function formatListCursor({ app, orgId, status }: ConnectionFilter, after: string): string {
  return encode({ of: 'list', app, orgId, status, after });
}

/** Where the list goes on: `<orgId>#<userId>`. */
export function parseListCursor(text: string, filter: ConnectionFilter): string {
  const cursor = decode(text, listCursor);
  if (cursor.app !== filter.app || cursor.orgId !== filter.orgId || cursor.status !== filter.status) {
    throw new InvalidCursorError('the cursor belongs to a list with another filter; begin that list without a cursor');
  }
  const [orgId = '', userId = '', ...rest] = cursor.after.split('#');
  const foreign = filter.orgId !== undefined && orgId !== filter.orgId;
  if (!orgIdPattern.test(orgId) || !userIdPattern.test(userId) || rest.length > 0 || foreign) throw notOurs();
  return cursor.after;
}

export function formatDueCursor(of: 'due' | 'duty', shard: number, { at, pk, sk }: DuePosition): string {
  return encode({ of, shard, at, pk, sk });
}

export function parseDueCursor(text: string, of: 'due' | 'duty', shard: number): DuePosition {
  const cursor = decode(text, dueCursor);
  const stranger = of === 'due' && dutyHolderOf(cursor.pk)?.holder !== 'connection';
  if (cursor.of !== of || cursor.shard !== shard || stranger) throw notOurs();
  return { at: cursor.at, pk: cursor.pk, sk: cursor.sk };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode<Schema extends z.ZodMiniType>(text: string, schema: Schema): z.output<Schema> {
  if (text.length > maxCursorLength || !/^[A-Za-z0-9_-]+$/.test(text)) throw notOurs();
  const parsed = schema.safeParse(json(Buffer.from(text, 'base64url').toString()));
  if (!parsed.success) throw notOurs();
  return parsed.data;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notOurs(): InvalidCursorError {
  return new InvalidCursorError('the cursor is not one that this list gave out; begin again without a cursor');
}
