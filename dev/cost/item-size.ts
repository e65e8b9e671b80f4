/**
 * What DynamoDB takes an item for: its size in bytes, and the units that reading and writing it costs.
 *
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html,
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type IndexDefinition, tableDefinition } from '../../functions/adapters/dynamodb/table.ts';

/** As DynamoDB's JSON has it. */
export type Item = Readonly<Record<string, AttributeValue>>;

export function sizeOf(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueSize(value), 0);
}

function valueSize(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberSize(value.N);
  if (value.BOOL !== undefined || value.NULL !== undefined) return 1;
  if (value.M !== undefined) {
    return (
      3 + Object.entries(value.M).reduce((sum, [name, one]) => sum + 1 + Buffer.byteLength(name) + valueSize(one), 0)
    );
  }
  if (value.L !== undefined) return 3 + value.L.reduce((sum, one) => sum + 1 + valueSize(one), 0);
  throw new TypeError(`Our items hold no ${Object.keys(value).join()}.`);
}

/** About a byte for each two significant digits, and one. */
function numberSize(text: string): number {
  const digits = text.replace(/[-.]/g, '').replace(/^0+|0+$/g, '').length;
  return Math.ceil(digits / 2) + 1 + (text.startsWith('-') ? 1 : 0);
}

/** Each begun 4 KB; half where the read is eventually consistent. Of nothing: one. */
export function readUnits(bytes: number, consistent: boolean): number {
  return Math.max(1, Math.ceil(bytes / 4_096)) * (consistent ? 1 : 0.5);
}

/** Each begun kilobyte of the larger of both. */
export function writeUnits(before: Item | undefined, after: Item | undefined): number {
  return kilobytes(Math.max(before ? sizeOf(before) : 0, after ? sizeOf(after) : 0));
}

/** What the write costs in the indexes: an entry that comes, goes or changes costs one write, one that moves two. */
export function indexWriteUnits(before: Item | undefined, after: Item | undefined): number {
  const indexes = Object.values(tableDefinition.indexes);
  return indexes.reduce((sum, index) => sum + entryUnits(entryOf(index, before), entryOf(index, after), index), 0);
}

/** What stands in the index for an item: nothing where it lacks a key. */
function entryOf(index: IndexDefinition, item: Item | undefined): Item | undefined {
  const keys = [index.partitionKey.name, index.sortKey.name];
  if (item === undefined || keys.some((name) => item[name] === undefined)) return undefined;
  const names = [...new Set(['pk', 'sk', ...keys, ...index.nonKeyAttributes])];
  return Object.fromEntries(names.flatMap((name) => (item[name] === undefined ? [] : [[name, item[name]]])));
}

function entryUnits(before: Item | undefined, after: Item | undefined, index: IndexDefinition): number {
  if (before === undefined && after === undefined) return 0;
  if (before === undefined || after === undefined) return writeUnits(before, after);
  const moved = [index.partitionKey.name, index.sortKey.name].some((name) => text(before[name]) !== text(after[name]));
  if (moved) return writeUnits(before, undefined) + writeUnits(undefined, after);
  return text(before) === text(after) ? 0 : writeUnits(before, after);
}

function kilobytes(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / 1_024));
}

function text(value: unknown): string {
  return JSON.stringify(value);
}
