/**
 * The bucket of the second store: answers of Salesforce that DynamoDB refused to take lie here until `maintain` has
 * stored them. Empty but for outages of DynamoDB.
 *
 * Encrypted by S3 itself and not with our key, on purpose: what is put here must get in while KMS fails too, and its
 * tokens are sealed already. Without versions, for a token that was removed is to be gone. No lifecycle removes an
 * object, for one that lies here may be the only copy of a live grant.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { lifeboatPrefix } from '../functions/adapters/lifeboat-key.ts';
import { acknowledgeLifeboatKeys, acknowledgeNoAccessLog } from './acknowledgements.ts';

export interface LifeboatBucketProps {
  /** Keep the bucket when the stack is deleted. Where not, only an empty one can be deleted. @default true */
  readonly retain?: boolean;
}

export type LifeboatAction = 'GetObject' | 'PutObject' | 'DeleteObject';

export class LifeboatBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { retain = true }: LifeboatBucketProps = {}) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      versioned: false,
      autoDeleteObjects: false,
      lifecycleRules: [{ id: 'incomplete-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    acknowledgeNoAccessLog(this.bucket);
  }

  /** Lets `role` do `actions` with the entries. */
  allowEntries(role: Role, actions: readonly LifeboatAction[]): void {
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: actions.map((action) => `s3:${action}`),
        resources: [this.bucket.arnForObjects(`${lifeboatPrefix}*`)],
      }),
    );
    acknowledgeLifeboatKeys(role, this.bucket, lifeboatPrefix);
  }

  /** Lets `grantee` list the entries. Without it S3 answers 403, not 404, for one that was removed meanwhile. */
  allowListing(grantee: IGrantable): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [this.bucket.bucketArn],
        conditions: { StringLike: { 's3:prefix': `${lifeboatPrefix}*` } },
      }),
    );
  }
}
