/**
 * The key that wraps the data keys under which tokens are sealed. Who may unwrap what is decided here, by the
 * encryption context `purpose`: only `refresh` and `maintain` open refresh tokens, only `token` and `refresh` access tokens,
 * and `callback` makes keys but opens none (promise 8; the keys that it makes are wrapped into its item).
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-encryption-context
 */
import { Duration, RemovalPolicy, Tags } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, type IGrantable, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { KeyPurpose } from '../functions/core/ports.ts';

export interface DataKeyProps {
  /** Keep the key when the stack is deleted: without it, no token in a backup opens. @default true */
  readonly retain?: boolean;
  /** The ARN of one that is there already. @default - a new one */
  readonly adopted?: string;
}

/**
 * What a role must bear to open anything with the key: a policy elsewhere in the account that allows `kms:Decrypt` of
 * every key is not enough. By a tag and not by the roles' names, so that the key can be adopted by the next stack.
 */
export const openerTag = { key: 'grantkeeper:data-keys', value: 'open' } as const;

export class DataKey extends Construct {
  readonly key: IKey;

  constructor(scope: Construct, id: string, props: DataKeyProps = {}) {
    super(scope, id);
    this.key = props.adopted === undefined ? this.madeKey(props) : Key.fromKeyArn(this, 'Key', props.adopted);
  }

  private madeKey({ retain = true }: DataKeyProps): Key {
    const key = new Key(this, 'Key', {
      description: 'Grantkeeper: wraps the data keys that seal tokens',
      enableKeyRotation: true,
      removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      pendingWindow: Duration.days(30),
    });
    key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'OpenedByTaggedRolesOnly',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['kms:Decrypt', 'kms:ReEncryptFrom'],
        resources: ['*'],
        conditions: { StringNotEquals: { [`aws:PrincipalTag/${openerTag.key}`]: openerTag.value } },
      }),
    );
    return key;
  }

  /** New data keys of these purposes, for any org or session. */
  allowGenerating(grantee: IGrantable, purposes: readonly KeyPurpose[]): void {
    this.allow(grantee, 'kms:GenerateDataKey', purposes);
  }

  /** Opens wrapped data keys of these purposes, of any org or session. */
  allowUnwrapping(role: Role, purposes: readonly KeyPurpose[]): void {
    this.allow(role, 'kms:Decrypt', purposes);
    Tags.of(role).add(openerTag.key, openerTag.value);
    // Else an upgrade could shut the key before the roles have their tag. Not the whole role: its policy names the key.
    const own = role.node.defaultChild;
    if (own !== undefined) this.key.node.addDependency(own);
  }

  private allow(grantee: IGrantable, action: string, purposes: readonly KeyPurpose[]): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: [action],
        resources: [this.key.keyArn],
        conditions: {
          StringEquals: { 'kms:EncryptionContext:purpose': [...purposes] },
          // A key without an org or session would open everywhere: it must have a scope.
          Null: { 'kms:EncryptionContext:scope': 'false' },
        },
      }),
    );
  }
}
