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

/** The schemas of a release's items by name, each with the paths that it names. */
export function schemasOf(release: Release): (readonly [name: string, paths: readonly string[]])[] {
  const names = Object.keys(release).filter((name) => name.endsWith('Schema'));
  return names.map((name) => [name, [...schemaPaths('', release[name as keyof Release])]]);
}

interface AnySchema {
  readonly _zod: { readonly def: { shape?: object; innerType?: unknown; element?: unknown; valueType?: unknown } };
}

function* schemaPaths(path: string, schema: unknown): Iterable<string> {
  const { shape, innerType, element, valueType } = (schema as AnySchema)._zod.def;
  const inner = innerType ?? element ?? valueType;
  if (shape !== undefined) {
    for (const [name, one] of Object.entries(shape)) yield* schemaPaths(`${path}.${name}`, one);
  } else if (inner !== undefined) yield* schemaPaths(path, inner);
  else yield path;
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
