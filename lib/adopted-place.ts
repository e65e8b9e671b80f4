/**
 * Whether what is to be taken up lies where the stack is. A table, a bucket and a secret are asked for by name in the
 * stack's own account and region: one of another place is another one, or none. A key may be of another account, where
 * keys have an account of their own; but KMS opens nothing across regions.
 */
import { type Stack, Token } from 'aws-cdk-lib';
import type { ConfigurationProblem } from '../functions/core/errors.ts';
import type { AdoptProps } from './adopt.ts';

/** Tokens where it is not known yet where the stack goes. */
export type Place = Pick<Stack, 'region' | 'account'>;

type Named = readonly (readonly [path: string, arn: string | undefined])[];

export function elsewhere(adopt: AdoptProps, { region, account }: Place): ConfigurationProblem[] {
  const keys: Named = [
    ['storageKeyArn', adopt.storageKeyArn],
    ['dataKeyArn', adopt.dataKeyArn],
  ];
  const secrets: Named = (['clientSecretArns', 'signingKeySecretArns'] as const).flatMap((path) =>
    Object.entries(adopt[path] ?? {}).map(([app, arn]) => [`${path}.${app}`, arn] as const),
  );
  return [...strangers([...keys, ...secrets], 'region', region), ...strangers(secrets, 'account', account)];
}

const positions = { region: 3, account: 4 } as const;

function strangers(named: Named, what: keyof typeof positions, ofStack: string): ConfigurationProblem[] {
  const placeOf = (arn: string | undefined) =>
    typeof arn !== 'string' || Token.isUnresolved(arn) ? undefined : arn.split(':')[positions[what]];
  const known = !Token.isUnresolved(ofStack);
  // Where the stack's place is not known, what is taken up must at least lie together.
  const expected = known ? ofStack : named.map(([, arn]) => placeOf(arn)).find((place) => place !== undefined);
  const why = known ? 'where the stack is' : 'as the first of them is';
  return named
    .filter(([, arn]) => (placeOf(arn) ?? expected) !== expected)
    .map(([path, arn]) => ({ path, message: `must be of the ${what} ${expected}, ${why}; got ${arn}` }));
}
