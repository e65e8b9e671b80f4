/**
 * The customer-managed key under which everything at rest lies: table, queues, topic, client secrets and logs.
 *
 * Nobody uses it directly: each role may use it only through the service that holds the data (`kms:ViaService`), so a
 * leaked role cannot decrypt with it what it did not read from that service. Tokens lie under a second key besides:
 * `data-key.ts`.
 */
import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

export interface StorageKeyProps {
  /** Keep the key when the stack is deleted: without it, what else is retained would be unreadable. @default true */
  readonly retain?: boolean;
  /** The ARN of one that is there already, made by this construct before. @default - a new one */
  readonly adopted?: string;
}

export class StorageKey extends Construct {
  readonly key: IKey;

  constructor(scope: Construct, id: string, props: StorageKeyProps = {}) {
    super(scope, id);
    if (props.adopted !== undefined) {
      // Its policy stays what it was: the services that it lets in are let in for the whole account, so for this stack too.
      this.key = Key.fromKeyArn(this, 'Key', props.adopted);
      return;
    }
    this.key = new Key(this, 'Key', {
      description: 'Grantkeeper: table, queues, alerts, client secrets and logs at rest',
      enableKeyRotation: true,
      removalPolicy: (props.retain ?? true) ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      pendingWindow: Duration.days(30),
    });
    this.allowLogs();
    this.allowAlarms();
  }

  /**
   * Lets `grantee` read items of a table under this key, or write them too: DynamoDB asks on behalf of its caller.
   *
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
   */
  allowTable(grantee: IGrantable, access: 'read' | 'write'): void {
    const writing = ['kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];
    this.allowThrough(grantee, 'dynamodb', ['kms:Decrypt', 'kms:DescribeKey', ...(access === 'write' ? writing : [])]);
  }

  /** SQS and SNS make a data key per batch of messages, and open it again when it is in their cache no more. */
  allowSending(grantee: IGrantable, service: 'sqs' | 'sns'): void {
    this.allowThrough(grantee, service, ['kms:Decrypt', 'kms:GenerateDataKey']);
  }

  allowReading(grantee: IGrantable, service: 'sqs'): void {
    this.allowThrough(grantee, service, ['kms:Decrypt']);
  }

  /**
   * Secrets Manager names the secret to KMS, so that the key opens these and no other.
   *
   * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
   */
  allowReadingSecrets(grantee: IGrantable, secretArns: readonly string[]): void {
    const ofSecrets = { 'kms:EncryptionContext:SecretARN': [...secretArns] };
    this.allowThrough(grantee, 'secretsmanager', ['kms:Decrypt'], ofSecrets);
  }

  private allowThrough(
    grantee: IGrantable,
    service: string,
    actions: string[],
    context: Readonly<Record<string, string[]>> = {},
  ): void {
    const { region, urlSuffix } = Stack.of(this);
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions,
        resources: [this.key.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `${service}.${region}.${urlSuffix}`, ...context } },
      }),
    );
  }

  /** CloudWatch Logs encrypts as itself, and only log groups of this account and region. */
  private allowLogs(): void {
    const stack = Stack.of(this);
    const logGroups = stack.formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    this.key.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
        actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
        resources: ['*'],
        conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': logGroups } },
      }),
    );
  }

  /** Without this, an alarm that goes off cannot publish to an encrypted topic, and nobody hears of it. */
  private allowAlarms(): void {
    this.key.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
  }
}
