/** The kinds of values that props have, for configurations that run without their types. Which prop has which: its reader. */
import { Token } from 'aws-cdk-lib';
import { ConfigurationError } from '../functions/core/errors.ts';

export type Kind = readonly [fits: (value: unknown) => boolean, what: string];

/** What a prop of another name has is not looked at: `known-props.ts` is for that. */
export type Kinds<T> = Readonly<Partial<Record<keyof T & string, Kind>>>;

export const flag: Kind = [(value) => typeof value === 'boolean', 'true or false, without quotes'];
export const text: Kind = [(value) => typeof value === 'string', 'text'];
export const list: Kind = [(value) => Array.isArray(value) || Token.isUnresolved(value), 'a list, […]'];
export const texts: Kind = [
  (value) => isPlain(value) && Object.values(value).every(isText),
  "texts by name, { crm: '…' }",
];

/** An object of the library, which `sign` tells, and a text never is: an ARN or an id, as people have them at hand. */
export function made(sign: string, what: string): Kind {
  return [(value) => typeof value === 'object' && value !== null && sign in value, what];
}

/**
 * @param at begins the paths, `egress.` say
 * @throws ConfigurationError naming each value that is there and of another kind
 */
export function requireKinds<T extends object>(at: string, values: T, kinds: Kinds<T>): void {
  const problems = Object.entries<Kind | undefined>(kinds).flatMap(([name, kind]) => {
    const value: unknown = values[name as keyof T];
    if (kind === undefined || value === undefined || kind[0](value)) return [];
    return [{ path: `${at}${name}`, message: `must be ${kind[1]}; got ${shown(value)}` }];
  });
  if (problems.length > 0) throw new ConfigurationError('the deployment', problems);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object may be a construct, which holds the whole tree. */
function shown(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'an object' : (JSON.stringify(value) ?? typeof value);
}
