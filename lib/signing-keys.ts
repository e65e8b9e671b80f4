/**
 * Who may sign assertions for the apps with flow `jwt_bearer`.
 *
 * Keys of KMS are made outside of the stack, by `npx grantkeeper signing-key <app>`: their certificates are known to
 * Salesforce, so they outlive it, and none is made that nobody uploads. A policy names them by their aliases.
 * An app with `signingKey: 'pem'` gets a secret with a placeholder, which the same command fills.
 *
 * Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html (kms:RequestAlias,
 * kms:ResourceAliases)
 */
import { RemovalPolicy, SecretValue, Stack, Token } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { unsetClientSecret } from '../functions/adapters/secrets-manager-client-secrets.ts';
import {
  makeKeyCommand,
  pemSecretName,
  signingKeyAlias,
  signingKeyIds,
} from '../functions/adapters/signing-key-names.ts';
import type { AppConfig } from '../functions/core/config.ts';
import { ConfigurationError } from '../functions/core/errors.ts';
import { acknowledgeKeysByAlias, acknowledgeManualKeyRotation } from './acknowledgements.ts';
import { requireSecretName, requireSecretOwners } from './adopt.ts';
import { keptOnceMade } from './removal.ts';
import type { StorageKey } from './storage-key.ts';

export interface SigningKeysProps {
  readonly apps: Readonly<Record<string, AppConfig>>;
  readonly storageKey: StorageKey;
  /** Begins the names of keys and secrets: `functions/adapters/signing-key-names.ts`. */
  readonly prefix: string;
  /** Keep the secrets when the stack is deleted. @default true */
  readonly retain?: boolean;
  /** By app: the ARN of the PEM's secret that is there already. @default - all are made */
  readonly adopted?: Readonly<Record<string, string>>;
}

export class SigningKeys extends Construct {
  readonly prefix: string;
  /** By app with flow `jwt_bearer`: what makes its key, and the certificate to upload. */
  readonly commands: ReadonlyMap<string, string>;
  private readonly aliases: readonly string[];
  /** By app with `signingKey: 'pem'`. */
  readonly secrets: ReadonlyMap<string, ISecret>;
  private readonly storageKey: StorageKey;

  constructor(scope: Construct, id: string, props: SigningKeysProps) {
    super(scope, id);
    const { apps, prefix, storageKey } = props;
    const signing = Object.keys(apps).filter((app) => apps[app]?.flow === 'jwt_bearer');
    const inKms = signing.filter((app) => apps[app]?.signingKey === 'kms');
    const inPem = signing.filter((app) => apps[app]?.signingKey === 'pem');
    requireSecretOwners('signingKeySecretArns', props.adopted ?? {}, inPem);
    if (inKms.length > 0) requireAliasPrefix(prefix);
    this.prefix = prefix;
    this.storageKey = storageKey;
    this.commands = new Map(signing.map((app) => [app, makeKeyCommand(app, prefix)]));
    this.aliases = inKms.flatMap((app) => signingKeyIds.map((keyId) => signingKeyAlias(prefix, app, keyId)));
    this.secrets = new Map(inPem.map((app) => [app, this.secretOf(app, props)]));
  }

  allowSigning(role: Role): void {
    this.allowByAlias(role, ['kms:DescribeKey', 'kms:Sign'], 'asked for');
    this.allowReadingSecrets(role);
  }

  /** KMS tells tags by a key's id only; the secrets hold end and key together. */
  allowReadingCertificateEnds(role: Role): void {
    this.allowByAlias(role, ['kms:DescribeKey'], 'asked for');
    this.allowByAlias(role, ['kms:ListResourceTags'], 'has');
    this.allowReadingSecrets(role);
  }

  private allowByAlias(role: Role, actions: string[], which: keyof typeof aliasConditions): void {
    if (this.aliases.length === 0) return;
    const [operator, key] = aliasConditions[which];
    const keys = Stack.of(this).formatArn({ service: 'kms', resource: 'key', resourceName: '*' });
    const conditions = { [operator]: { [key]: [...this.aliases] } };
    role.addToPrincipalPolicy(new PolicyStatement({ actions, resources: [keys], conditions }));
    acknowledgeKeysByAlias(role);
  }

  private allowReadingSecrets(role: Role): void {
    if (this.secrets.size === 0) return;
    const resources = [...this.secrets.values()].map((secret) => secret.secretArn);
    role.addToPrincipalPolicy(new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources }));
    this.storageKey.allowReadingSecrets(role, resources);
  }

  private secretOf(app: string, { prefix, storageKey, retain = true, adopted = {} }: SigningKeysProps): ISecret {
    const arn = adopted[app];
    if (arn !== undefined) {
      requireSecretName(`signingKeySecretArns.${app}`, arn, pemSecretName(prefix, app));
      return Secret.fromSecretCompleteArn(this, app, arn);
    }
    const secret = new Secret(this, app, {
      secretName: pemSecretName(prefix, app),
      description: `Grantkeeper: private keys that sign for the app ${app}; filled by ${makeKeyCommand(app, prefix)}`,
      encryptionKey: storageKey.key,
      secretStringValue: SecretValue.unsafePlainText(unsetClientSecret),
      removalPolicy: retain ? keptOnceMade : RemovalPolicy.DESTROY,
    });
    acknowledgeManualKeyRotation(secret);
    return secret;
  }
}

/** The alias that a request names, or any that the key has where a request cannot name one. */
const aliasConditions = {
  'asked for': ['StringEquals', 'kms:RequestAlias'],
  has: ['ForAnyValue:StringEquals', 'kms:ResourceAliases'],
} as const;

const aliasPrefixPattern = /^(?!aws\/)[A-Za-z0-9/_-]{0,180}$/;

function requireAliasPrefix(prefix: string): void {
  if (Token.isUnresolved(prefix) || aliasPrefixPattern.test(prefix)) return;
  const message =
    `must match ${aliasPrefixPattern.source} where an app signs with KMS, whose aliases have no other names; got ${prefix}. ` +
    "Choose another, or sign with a PEM (signingKey: 'pem')";
  throw new ConfigurationError('the deployment', [{ path: 'clientSecretPrefix', message }]);
}
