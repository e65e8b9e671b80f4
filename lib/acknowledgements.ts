/**
 * Findings of cdk-nag's AwsSolutions that we accept, each with its reason. Any other finding fails `npm run synth`.
 *
 * The acknowledgements lie on single constructs, never on the stack: a new resource with the same fault is a finding.
 */
import { Stack, Token, Validations } from 'aws-cdk-lib';
import type { CfnBucket, IBucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';

/** Routes that a browser follows: nobody can sign them, and each has its own proof instead. */
export function acknowledgePublicRoute(route: IConstruct): void {
  Validations.of(route).acknowledge({
    id: 'AwsSolutions-APIG4',
    reason:
      'A customer’s browser follows this route and cannot sign with IAM. What authorizes it is in the request: the ' +
      'single-use link secret, or the single-use state bound to the browser by its __Host- cookie. The stage throttles it.',
  });
}

/** Client secrets are issued by Salesforce: nothing of ours can make the next one. */
export function acknowledgeManualRotation(secret: IConstruct): void {
  Validations.of(secret).acknowledge({
    id: 'AwsSolutions-SMG4',
    reason:
      'Salesforce issues this value (the consumer secret of an external client app); no rotation function could make ' +
      'a new one. An administrator stages the next secret at Salesforce and puts it here.',
  });
}

/** Private keys in PEM: made by our command line, whose certificate somebody must upload to Salesforce. */
export function acknowledgeManualKeyRotation(secret: IConstruct): void {
  Validations.of(secret).acknowledge({
    id: 'AwsSolutions-SMG4',
    reason:
      'The next key is of no use before its certificate is uploaded to Salesforce, which a person does in its Setup: ' +
      'a rotation function would only break the app. docs/runbooks/rotate-signing-key.md is the way.',
  });
}

/** Keys that sign assertions: they are made outside of the stack, and a policy knows their aliases only. */
export function acknowledgeKeysByAlias(role: IConstruct): void {
  Validations.of(role).acknowledge({
    id: `AwsSolutions-IAM5[Resource::arn:${ownPlace(role, 'kms')}:key/*]`,
    reason:
      'IAM takes no alias as the resource of a key, and the keys outlive the stack, so that their ids are not known to ' +
      'it. Each of these statements is for named actions, under the condition that the key is one of the aliases of ' +
      'this stack’s apps (kms:RequestAlias, kms:ResourceAliases).',
  });
}

/** Functions in a VPC: Lambda makes their network interfaces in the name of their role. */
export function acknowledgeNetworkInterfaces(role: IConstruct): void {
  const reason =
    'Lambda makes and removes the network interfaces of a function in a VPC with the function’s role, under ids that ' +
    'nobody knows before; EC2 takes the describing actions on all resources only. The function’s own code is denied all ' +
    'of them (lambda:SourceFunctionArn).';
  Validations.of(role).acknowledge({ id: 'AwsSolutions-IAM5[Resource::*]', reason });
  const ofAccount = `arn:${ownPlace(role, 'ec2')}:*/*`;
  Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${ofAccount}]`, reason });
}

/** As the finding names it: of a stack whose account and region are known, by those. */
function ownPlace(scope: IConstruct, service: string): string {
  const { partition, region, account } = Stack.of(scope);
  const part = (value: string) => asFound(scope, value);
  return `${part(partition)}:${service}:${part(region)}:${part(account)}`;
}

/** A finding shows what is known at deployment only as the name of what it refers to. */
function asFound(scope: IConstruct, value: string): string {
  if (!Token.isUnresolved(value)) return value;
  const resolved = Stack.of(scope).resolve(value);
  return typeof resolved?.Ref === 'string' ? `<${resolved.Ref}>` : '<unknown>';
}

/** A dead-letter queue itself, of a topic's subscriptions: the rule looks for those of queues only. */
export function acknowledgeDeadLetters(queue: IConstruct): void {
  Validations.of(queue).acknowledge({
    id: 'AwsSolutions-SQS3',
    reason:
      'This is the dead-letter queue: the subscriptions of the topic of alerts name it in their redrive policies. What ' +
      'lies there is alarmed on.',
  });
}

/** The lifeboat: empty but for outages, and reached by three roles of this stack alone. */
export function acknowledgeNoAccessLog(bucket: IConstruct): void {
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason:
      'Server access logs come late and best effort, and would need a second bucket that somebody must read. Three ' +
      'roles of this stack alone reach the bucket, and the tokens in it are sealed. Who must audit it turns on ' +
      ' CloudTrail data events for it, which name the principal.',
  });
}

/** The entries below one prefix of one bucket: their keys are not known before they are made. */
export function acknowledgeLifeboatKeys(role: IConstruct, bucket: IBucket, prefix: string): void {
  const own = bucket.node.defaultChild as CfnBucket | undefined;
  // An adopted one is no resource of the stack: the finding has its name.
  const arn =
    own?.cfnResourceType === 'AWS::S3::Bucket' ? `<${Stack.of(bucket).getLogicalId(own)}.Arn>` : adoptedArn(bucket);
  Validations.of(role).acknowledge({
    id: `AwsSolutions-IAM5[Resource::${arn}/${prefix}*]`,
    reason:
      'An object’s key names its connection and attempt, so no policy can name it beforehand. The statement is for ' +
      'single objects of this bucket and prefix, and for named actions only.',
  });
}

function adoptedArn(bucket: IBucket): string {
  return `arn:${asFound(bucket, Stack.of(bucket).partition)}:s3:::${asFound(bucket, bucket.bucketName)}`;
}
