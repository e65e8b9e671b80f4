/**
 * All that a value would show if it were printed in any way: every string and name in it, what errors carry, bytes as
 * text and in base64. A `Secret` shows nothing.
 */
import { Secret } from '../../functions/core/secret.ts';

const maxDepth = 30;

export function textOf(value: unknown): string {
  const parts: string[] = [];
  collect(value, parts, new Set(), 0);
  return parts.join('\n');
}

function collect(value: unknown, parts: string[], seen: Set<unknown>, depth: number): void {
  if (typeof value === 'string') parts.push(value);
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  if (depth > maxDepth) throw new Error('A value is nested too deep to be searched.');
  seen.add(value);
  if (value instanceof Secret) return;
  if (ArrayBuffer.isView(value)) return void parts.push(...ofBytes(value));
  if (value instanceof URL || value instanceof URLSearchParams) return void parts.push(value.toString());
  if (value instanceof Error) parts.push(value.name, value.message, String(value.stack));
  if (value instanceof Error && 'cause' in value) collect(value.cause, parts, seen, depth + 1);
  if (value instanceof AggregateError) collect(value.errors, parts, seen, depth + 1);
  for (const [name, member] of entriesOf(value)) {
    collect(name, parts, seen, depth + 1);
    collect(member, parts, seen, depth + 1);
  }
}

function ofBytes(view: ArrayBufferView): string[] {
  const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  return [bytes.toString('latin1'), bytes.toString('base64')];
}

function entriesOf(value: object): Iterable<readonly [unknown, unknown]> {
  if (value instanceof Map || value instanceof Headers) return value.entries();
  if (value instanceof Set) return [...value].map((member) => ['', member] as const);
  return Object.entries(value);
}
