/**
 * What a new stack takes up of one that went, or of a restore: the table, the keys under which it is readable, the
 * lifeboat, the secrets. They are referred to, not managed: what an adopted resource is like (protection, backups) stays
 * the deployer's. Output `Adopt` of every stack is this, ready to be copied.
 *
 * Source: docs/deploying.md, "What survives"; docs/decisions/0015-taking-up-what-survived.md
 */
import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { tableNamePattern } from '../functions/adapters/dynamodb/table-name.ts';
import { ConfigurationError, type ConfigurationProblem } from '../functions/core/errors.ts';
import { elsewhere, type Place } from './adopted-place.ts';
import type { ClientSecrets } from './client-secrets.ts';
import type { DataKey } from './data-key.ts';
import { requireKinds, text, texts } from './kinds.ts';
import { type PropNames, requireKnownProps } from './known-props.ts';
import type { LifeboatBucket } from './lifeboat-bucket.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { StorageKey } from './storage-key.ts';
import type { GrantTable } from './table.ts';

export interface AdoptProps {
  /** Wants both keys with it: without them, nobody reads it. */
  readonly tableName?: string;
  /** The key under which the table and the secrets lie. Its policy is not touched: it must be one that Grantkeeper made. */
  readonly storageKeyArn?: string;
  /** The key that wraps the data keys of the tokens. */
  readonly dataKeyArn?: string;
  /** Tokens may lie in it that the table does not have yet: it belongs to the table. @default - a bucket of the stack's */
  readonly lifeboatBucketName?: string;
  /** By app: the whole ARN, with the six characters at its end. Apps that are missing get a new secret. */
  readonly clientSecretArns?: Readonly<Record<string, string>>;
  /** By app with `signingKey: 'pem'`. Keys in KMS go by their aliases, and need no word. */
  readonly signingKeySecretArns?: Readonly<Record<string, string>>;
}

const adoptProps: PropNames<AdoptProps> = {
  tableName: true,
  storageKeyArn: true,
  dataKeyArn: true,
  lifeboatBucketName: true,
  clientSecretArns: true,
  signingKeySecretArns: true,
};

/** @throws ConfigurationError naming what is missing, of another form, elsewhere, or not known */
export function requireAdoptable(adopt: AdoptProps, place: Place): void {
  requireKnownProps('the deployment', 'adopt', adopt, adoptProps);
  requireKinds('adopt.', adopt, { tableName: text, clientSecretArns: texts, signingKeySecretArns: texts });
  const problems = [...missingKeys(adopt), ...wrongForms(adopt), ...elsewhere(adopt, place)];
  if (problems.length > 0) throw refusal(problems);
}

/**
 * An attempt that its table still has open is looked for in the lifeboat before its token is sent again. In an empty one
 * nothing is found: with rotation on, the older token would end the grant. Only a warning, for a bucket may be lost.
 */
export function warnOfLifeboat(scope: Construct, { tableName, lifeboatBucketName }: AdoptProps): void {
  if (tableName === undefined || lifeboatBucketName !== undefined) return;
  Annotations.of(scope).addWarningV2(
    'grantkeeper:adopted-without-lifeboat',
    'adopt has tableName and no lifeboatBucketName: answers of Salesforce that lie in the earlier lifeboat are not found, ' +
      'and sending the tokens before them may end their grants. Name the bucket, unless it is this stack’s own or lost.',
  );
}

function missingKeys({ tableName, storageKeyArn, dataKeyArn }: AdoptProps) {
  if (tableName === undefined) return [];
  const missing = Object.entries({ storageKeyArn, dataKeyArn }).filter(([, arn]) => arn === undefined);
  return missing.map(([path]) => ({
    path,
    message: 'must be given with tableName: the table, or the tokens in it, can be read with no other key',
  }));
}

function wrongForms({ tableName, storageKeyArn, dataKeyArn, lifeboatBucketName }: AdoptProps) {
  const forms = [
    ['tableName', tableName, tableNamePattern, 'a table’s name, no ARN'],
    ['storageKeyArn', storageKeyArn, keyArn, 'the ARN of a key, no alias'],
    ['dataKeyArn', dataKeyArn, keyArn, 'the ARN of a key, no alias'],
    ['lifeboatBucketName', lifeboatBucketName, /^[a-z0-9][a-z0-9.-]{2,62}$/, 'a bucket’s name, no ARN'],
  ] as const;
  return forms.flatMap(([path, value, form, what]) =>
    value === undefined || Token.isUnresolved(value) || form.test(value)
      ? []
      : [{ path, message: `must be ${what}; got ${value}` }],
  );
}

const keyArn = /^arn:[^:]+:kms:[^:]+:\d{12}:key\/[A-Za-z0-9-]+$/;

/**
 * The functions ask for a secret by its name, so it must have the one that this stack's prefix gives it.
 *
 * @throws ConfigurationError where it has another, or the ARN lacks its end
 */
export function requireSecretName(path: string, arn: string, name: string): void {
  if (Token.isUnresolved(arn) || Token.isUnresolved(name)) return;
  const found = /^arn:[^:]+:secretsmanager:[^:]+:\d{12}:secret:(.+)-[A-Za-z0-9]{6}$/.exec(arn)?.[1];
  if (found === name) return;
  const message =
    found === undefined
      ? `must be the whole ARN of a secret, with the six characters at its end; got ${arn}`
      : `must be the secret ${name}, by which the functions ask for it; got ${found}. Set clientSecretPrefix to what it was`;
  throw refusal([{ path, message }]);
}

/** @throws ConfigurationError where a secret is named for an app that has none: a word that would do nothing */
export function requireSecretOwners(
  path: string,
  adopted: Readonly<Record<string, string>>,
  apps: readonly string[],
): void {
  const problems = Object.keys(adopted)
    .filter((app) => !apps.includes(app))
    .map((app) => ({ path: `${path}.${app}`, message: `the configuration has no app ${app} with such a secret` }));
  if (problems.length > 0) throw refusal(problems);
}

function refusal(problems: readonly ConfigurationProblem[]): ConfigurationError {
  const inAdopt = problems.map(({ path, message }) => ({ path: `adopt.${path}`, message }));
  return new ConfigurationError('the deployment', inAdopt);
}

export interface Adoptable {
  readonly table: GrantTable;
  readonly storageKey: StorageKey;
  readonly dataKey: DataKey;
  readonly lifeboat: LifeboatBucket;
  readonly clientSecrets: ClientSecrets;
  readonly signingKeys: SigningKeys;
}

/** `AdoptProps` of these parts, as JSON. */
export function adoptableOf(scope: Construct, parts: Adoptable): string {
  const adopt: AdoptProps = {
    tableName: parts.table.table.tableName,
    storageKeyArn: parts.storageKey.key.keyArn,
    dataKeyArn: parts.dataKey.key.keyArn,
    lifeboatBucketName: parts.lifeboat.bucket.bucketName,
    clientSecretArns: arnsOf(parts.clientSecrets.secrets),
    signingKeySecretArns: arnsOf(parts.signingKeys.secrets),
  };
  return Stack.of(scope).toJsonString(adopt);
}

function arnsOf(secrets: ReadonlyMap<string, ISecret>): Record<string, string> {
  return Object.fromEntries([...secrets].map(([app, { secretArn }]) => [app, secretArn]));
}
