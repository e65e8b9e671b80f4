/**
 * A log group of ours: encrypted, and gone after a while. Logs hold no secret (promise 8), but they name orgs and
 * users, so they are neither kept for ever nor left under a key of AWS's.
 */
import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { StorageKey } from './storage-key.ts';

export interface EncryptedLogGroupProps {
  readonly storageKey: StorageKey;
  /** @default RetentionDays.ONE_MONTH */
  readonly logRetention?: RetentionDays;
  /** Keep what was logged when the stack is deleted. @default true */
  readonly retain?: boolean;
}

export class EncryptedLogGroup extends LogGroup {
  constructor(scope: Construct, id: string, props: EncryptedLogGroupProps) {
    super(scope, id, {
      encryptionKey: props.storageKey.key,
      retention: props.logRetention ?? RetentionDays.ONE_MONTH,
      removalPolicy: (props.retain ?? true) ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }
}
