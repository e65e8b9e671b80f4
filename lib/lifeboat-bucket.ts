/**
 * The bucket of the second store: answers of Salesforce that DynamoDB refused to take lie here until `maintain` has
 * stored them. Empty but for outages of DynamoDB.
 *
 * Encrypted by S3 itself and not with our key, on purpose: what is put here must get in while KMS fails too, and its
 * tokens are sealed already. Without versions, for a token that was removed is to be gone. No lifecycle removes an
 * object, for one that lies here may be the only copy of a live grant.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, type IGrantable, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  BucketPolicy,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { lifeboatPrefix } from '../functions/adapters/lifeboat-key.ts';
import { acknowledgeLifeboatKeys, acknowledgeNoAccessLog } from './acknowledgements.ts';

export interface LifeboatBucketProps {
  /** Keep the bucket when the stack is deleted. Where not, only an empty one can be deleted. @default true */
  readonly retain?: boolean;
  /** The name of one that is there already. @default - a new one */
  readonly adopted?: string;
}

export type LifeboatAction = 'GetObject' | 'PutObject' | 'DeleteObject';

export class LifeboatBucket extends Construct {
  readonly bucket: IBucket;

  constructor(scope: Construct, id: string, { retain = true, adopted }: LifeboatBucketProps = {}) {
    super(scope, id);
    this.bucket = adopted === undefined ? this.madeBucket(retain) : this.adoptedBucket(adopted);
  }

  private madeBucket(retain: boolean): Bucket {
    const bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      versioned: false,
      autoDeleteObjects: false,
      lifecycleRules: [{ id: 'incomplete-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    acknowledgeNoAccessLog(bucket);
    return bucket;
  }

  /** Its policy went with the stack that made it. Made anew where it was, so that within one stack it is the same one. */
  private adoptedBucket(name: string): IBucket {
    const bucket = Bucket.fromBucketName(this, 'Bucket', name);
    const { document } = new BucketPolicy(bucket, 'Policy', { bucket });
    document.addStatements(
      new PolicyStatement({
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:*'],
        resources: [bucket.bucketArn, bucket.arnForObjects('*')],
        conditions: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
    return bucket;
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
