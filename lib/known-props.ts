/**
 * Refuses props that nothing reads. A configuration is not compiled before it is synthesized, only its types are taken
 * off: `adopt` misspelt, or given as the text of the output, would deploy an empty table and say nothing.
 */
import { ConfigurationError, type ConfigurationProblem } from '../functions/core/errors.ts';

/** Each name once: a type that gains a prop does not compile until it stands here. */
export type PropNames<T> = Readonly<Record<keyof T, true>>;

/**
 * @param source of the error, and `path` in it
 * @throws ConfigurationError where `value` is no object of named props, or has one that is not known
 */
export function requireKnownProps<T>(source: string, path: string, value: T, known: PropNames<T>): void {
  const problems = problemsOf(path, value, Object.keys(known));
  if (problems.length > 0) throw new ConfigurationError(source, problems);
}

function problemsOf(path: string, value: unknown, known: readonly string[]): ConfigurationProblem[] {
  if (!isPlainObject(value))
    return [{ path, message: `must be an object of ${known.join(', ')}; got ${kindOf(value)}` }];
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => ({ path: join(path, key), message: `is not known; known are ${known.join(', ')}` }));
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value instanceof Promise) return 'a promise: the function must not be async';
  if (value === undefined) return 'nothing';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

function join(path: string, key: string): string {
  return path === '(root)' ? key : `${path}.${key}`;
}
