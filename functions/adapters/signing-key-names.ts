/**
 * Where an app's signing keys lie, in KMS and in Secrets Manager. Adapters, construct and `npx grantkeeper signing-key` must
 * agree on it; this file imports none of their libraries.
 */

/** An app has one key, and a second one while the first is being replaced. */
export const signingKeyIds = ['1', '2'] as const;
export type SigningKeyId = (typeof signingKeyIds)[number];

/** Of a KMS key. @param prefix e.g. `Grantkeeper/`, as for client secrets */
export function signingKeyAlias(prefix: string, app: string, id: SigningKeyId): string {
  return `alias/${prefix}${app}/signing-${id}`;
}

/** Of the secret in Secrets Manager that holds an app's keys as PEM. */
export function pemSecretName(prefix: string, app: string): string {
  return `${prefix}${app}/signing-key`;
}

/** Tag of a KMS key: the end of the certificate last made for it, RFC 3339. */
export const certificateEndsTag = 'grantkeeper:certificate-ends';

/** Of a stack that has its default name. */
export const defaultSigningKeyPrefix = 'Grantkeeper/';

/** What to run where an app has no key. */
export function makeKeyCommand(app: string, prefix: string = defaultSigningKeyPrefix): string {
  const command = `npx grantkeeper signing-key ${app}`;
  return prefix === defaultSigningKeyPrefix ? command : `${command} --stack-prefix ${prefix}`;
}
