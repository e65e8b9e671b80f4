/**
 * One secret in Secrets Manager for each app that has a client secret. It is created with a placeholder, for a client
 * secret belongs in no template: until the deployer sets it, `callback` and `refresh` answer with an error that names
 * the command. A later deployment leaves the value alone, for the template's does not change.
 */
import { RemovalPolicy, SecretValue, Token } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { unsetClientSecret } from '../functions/adapters/secrets-manager-client-secrets.ts';
import type { AppConfig } from '../functions/core/config.ts';
import type { Flow } from '../functions/core/connection.ts';
import { ConfigurationError } from '../functions/core/errors.ts';
import { hasClientSecret } from '../functions/core/secret-age.ts';
import { acknowledgeManualRotation } from './acknowledgements.ts';
import { requireSecretName, requireSecretOwners } from './adopt.ts';
import { keptOnceMade } from './removal.ts';
import type { StorageKey } from './storage-key.ts';

export interface ClientSecretsProps {
  readonly apps: Readonly<Record<string, AppConfig>>;
  readonly storageKey: StorageKey;
  /** Begins each secret's name: `<prefix><app>/client-secret`. */
  readonly prefix: string;
  /** Keep the secrets when the stack is deleted. @default true */
  readonly retain?: boolean;
  /** By app: the ARN of the secret that is there already. @default - all are made */
  readonly adopted?: Readonly<Record<string, string>>;
}

export class ClientSecrets extends Construct {
  readonly prefix: string;
  /** By app; apps without a client secret have none. */
  readonly secrets: ReadonlyMap<string, ISecret>;
  /** The secrets' names, by app. */
  readonly names: ReadonlyMap<string, string>;
  private readonly storageKey: StorageKey;
  private readonly apps: Readonly<Record<string, AppConfig>>;

  constructor(scope: Construct, id: string, props: ClientSecretsProps) {
    super(scope, id);
    requirePrefix(props.prefix);
    this.prefix = props.prefix;
    this.storageKey = props.storageKey;
    this.apps = props.apps;
    const apps = Object.keys(props.apps).filter((app) => hasClientSecret(props.apps[app]));
    requireSecretOwners('clientSecretArns', props.adopted ?? {}, apps);
    this.names = new Map(apps.map((app) => [app, `${props.prefix}${app}/client-secret`]));
    this.secrets = new Map([...this.names].map(([app, name]) => [app, this.secretOf(app, name, props)]));
  }

  /** @param flows of whose apps the secrets are */
  allowReading(grantee: IGrantable, flows: readonly Flow[]): void {
    const secrets = [...this.secrets].filter(([app]) => flows.some((flow) => flow === this.apps[app]?.flow));
    if (secrets.length === 0) return;
    const arns = secrets.map(([, secret]) => secret.secretArn);
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        resources: arns,
      }),
    );
    this.storageKey.allowReadingSecrets(grantee, arns);
  }

  /** When the values were put there, and not what they are. */
  allowReadingAges(grantee: IGrantable): void {
    if (this.secrets.size === 0) return;
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['secretsmanager:ListSecretVersionIds'],
        resources: [...this.secrets.values()].map((secret) => secret.secretArn),
      }),
    );
  }

  private secretOf(app: string, secretName: string, props: ClientSecretsProps): ISecret {
    const adopted = props.adopted?.[app];
    if (adopted !== undefined) {
      requireSecretName(`clientSecretArns.${app}`, adopted, secretName);
      return Secret.fromSecretCompleteArn(this, app, adopted);
    }
    const secret = new Secret(this, app, {
      secretName,
      description: `Grantkeeper: client secret (consumer secret) of the app ${app} at Salesforce`,
      encryptionKey: props.storageKey.key,
      secretStringValue: SecretValue.unsafePlainText(unsetClientSecret),
      removalPolicy: (props.retain ?? true) ? keptOnceMade : RemovalPolicy.DESTROY,
    });
    acknowledgeManualRotation(secret);
    return secret;
  }
}

const prefixPattern = /^[A-Za-z0-9/_+=.@-]{0,256}$/;

function requirePrefix(prefix: string): void {
  if (Token.isUnresolved(prefix) || prefixPattern.test(prefix)) return;
  const message = `must match ${prefixPattern.source}, for Secrets Manager takes no other names; got ${prefix}`;
  throw new ConfigurationError('the deployment', [{ path: 'clientSecretPrefix', message }]);
}
