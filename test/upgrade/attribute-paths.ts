/**
 * The names of all that a fixture holds, by kind of item, message or object: `C.grant.refreshToken`,
 * `lifeboat.refresh.made.rotated`. Keys of maps whose keys are data (duties by id) are written `*`.
 */
import type { Fixture } from '../../dev/upgrade/fixture.ts';
import type { Release } from '../../dev/upgrade/release.ts';

export function pathsOf({ table, lifeboat, refreshQueue, configurationQueue, invocations, alerts }: Fixture) {
  const paths = new Set<string>();
  for (const { pk, sk, ...item } of table) {
    const kind = `${String(pk?.S).split('#')[0]}/${String(sk?.S).split('#')[0]}`;
    for (const [name, value] of Object.entries(item)) walkTyped(`${kind}.${name}`, value, paths);
  }
  for (const { text } of lifeboat) {
    const entry = JSON.parse(text);
    walk(`lifeboat.${entry.kind}`, entry, paths);
  }
  for (const text of refreshQueue) walk('refreshes', JSON.parse(text), paths);
  for (const text of configurationQueue) walk('configurations', JSON.parse(text), paths);
  for (const { name, event } of invocations) walk(`invocation.${name}`, event, paths);
  for (const alert of alerts) walk('alert', alert, paths);
  return paths;
}

/** What a schema of items says: each line a path and what is said of it. */
export interface SchemaLines {
  /** `.grant.issuedAt: number` */
  readonly names: readonly string[];
  /** `.grant.issuedAt`: an item without it is not read. */
  readonly required: readonly string[];
  /** `.status: active`: what an item with another is not read for. */
  readonly values: readonly string[];
}

/** The schemas of a release's items by name. */
export function schemasOf(release: Release): (readonly [name: string, lines: SchemaLines])[] {
  const names = Object.keys(release).filter((name) => name.endsWith('Schema'));
  return names.map((name) => {
    const lines = [...schemaLines('', release[name as keyof Release])];
    const of = (kind: keyof SchemaLines) => lines.flatMap((line) => (line[0] === kind ? [line[1]] : []));
    return [name, { names: of('names'), required: of('required'), values: of('values') }];
  });
}

/** What a release reads that does not have what the one before wrote, or that writes what that one does not read. */
export function breaksBetween(before: SchemaLines, after: SchemaLines): string[] {
  const knew = (path: string) =>
    before.names.some((name) => name.startsWith(`${path}.`) || name.startsWith(`${path}: `));
  const parentOf = (path: string) => path.slice(0, path.lastIndexOf('.'));
  const limited = (line: string) => before.values.some((value) => value.split(': ')[0] === line.split(': ')[0]);
  return [
    ...before.names.filter((name) => !after.names.includes(name)).map((name) => `${name} is named no more`),
    ...after.required
      .filter((path) => !before.required.includes(path) && knew(parentOf(path)))
      .map((path) => `${path} is required now`),
    ...after.values
      .filter((value) => !before.values.includes(value) && limited(value))
      .map((value) => `${value} is a value that the release before does not read`),
  ];
}

interface AnySchema {
  readonly _zod: {
    readonly def: {
      readonly type: string;
      readonly shape?: object;
      readonly innerType?: unknown;
      readonly element?: unknown;
      readonly valueType?: unknown;
      readonly entries?: object;
      readonly values?: readonly unknown[];
    };
  };
}

function* schemaLines(path: string, schema: unknown): Iterable<readonly [keyof SchemaLines, string]> {
  const { type, shape, innerType, element, valueType, entries, values } = (schema as AnySchema)._zod.def;
  const inner = innerType ?? element ?? valueType;
  if (shape !== undefined) {
    for (const [name, one] of Object.entries(shape)) {
      if ((one as AnySchema)._zod.def.type !== 'optional') yield ['required', `${path}.${name}`];
      yield* schemaLines(`${path}.${name}`, one);
    }
  } else if (inner !== undefined) yield* schemaLines(path, inner);
  else {
    yield ['names', `${path}: ${type}`];
    for (const value of values ?? Object.values(entries ?? {})) yield ['values', `${path}: ${value}`];
  }
}

/** In DynamoDB's own notation: `{"S": "…"}`. The type counts. */
function walkTyped(path: string, value: Readonly<Record<string, unknown>>, paths: Set<string>): void {
  const [type = '', inner] = Object.entries(value)[0] ?? [];
  if (type === 'M') {
    for (const [name, one] of Object.entries(inner as Record<string, Readonly<Record<string, unknown>>>)) {
      walkTyped(`${path}.${path.endsWith('.duties') ? '*' : name}`, one, paths);
    }
  } else if (type === 'L') {
    for (const one of inner as Readonly<Record<string, unknown>>[]) walkTyped(`${path}[]`, one, paths);
  } else paths.add(`${path}: ${type}`);
}

function walk(path: string, value: unknown, paths: Set<string>): void {
  if (Array.isArray(value)) {
    for (const one of value) walk(`${path}[]`, one, paths);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, one] of Object.entries(value)) walk(`${path}.${name}`, one, paths);
  } else paths.add(`${path}: ${typeof value}`);
}
