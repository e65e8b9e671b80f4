/**
 * Turns a change of an item into an update expression of its top-level attributes, so that a release never rewrites
 * what it does not know.
 */
import { isDeepStrictEqual } from 'node:util';

export type Attributes = Readonly<Record<string, unknown>>;

export interface Changes {
  readonly set: Attributes;
  readonly remove: readonly string[];
}

/**
 * What makes `before` into `after`. An attribute that `after` has as `undefined` is removed; one that it lacks is
 * removed only if it is `known`, for it may be another release's.
 */
export function changesBetween(before: Attributes, after: Attributes, known: ReadonlySet<string>): Changes {
  const changed = Object.entries(after).filter(
    ([name, value]) => value !== undefined && !isDeepStrictEqual(value, before[name]),
  );
  const gone = Object.keys(before).filter(
    (name) =>
      before[name] !== undefined && after[name] === undefined && (Object.hasOwn(after, name) || known.has(name)),
  );
  return { set: Object.fromEntries(changed), remove: gone };
}

/** Adds attributes that are written whatever they were: set, or removed where they are `undefined`. */
export function withAttributes({ set, remove }: Changes, attributes: Attributes): Changes {
  const entries = Object.entries(attributes);
  const absent = entries.filter(([, value]) => value === undefined).map(([name]) => name);
  return {
    set: { ...set, ...Object.fromEntries(entries.filter(([, value]) => value !== undefined)) },
    remove: [...new Set([...remove, ...absent])],
  };
}

/**
 * The expression of some changes, on the condition that the stored revision is still `seen`. Names are always
 * placeholders, for `status` and others are reserved words.
 */
export function updateExpression({ set, remove }: Changes, seen: number) {
  const names: Record<string, string> = { '#revision': 'revision' };
  const values: Record<string, unknown> = { ':seen': seen };
  const setClauses = Object.entries(set).map(([name, value], index) => {
    names[`#s${index}`] = name;
    values[`:s${index}`] = value;
    return `#s${index} = :s${index}`;
  });
  const removeClauses = remove.map((name, index) => {
    names[`#r${index}`] = name;
    return `#r${index}`;
  });
  const clauses = [
    ...(setClauses.length === 0 ? [] : [`SET ${setClauses.join(', ')}`]),
    ...(removeClauses.length === 0 ? [] : [`REMOVE ${removeClauses.join(', ')}`]),
  ];
  return {
    UpdateExpression: clauses.join(' '),
    ConditionExpression: '#revision = :seen',
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
}
