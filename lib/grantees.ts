/**
 * Who was granted what, and for which apps. IAM holds a grantee to its routes; where the app is not in the path, the
 * functions do, by the list that is made here (`functions/core/app-callers.ts`, environment variable `APP_CALLERS`).
 */
import { Stack, Token } from 'aws-cdk-lib';
import { CfnRole, CfnUser, type IGrantable, type IPrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { LimitedCaller } from '../functions/core/app-callers.ts';
import { type Capability, capabilities } from '../functions/core/routes.ts';

type Named = Pick<LimitedCaller, 'account' | 'role' | 'user'>;

interface Grantee {
  readonly name: Named;
  /** By capability; `all` stays, whatever else is granted. */
  readonly apps: Map<Capability, 'all' | Set<string>>;
}

export class Grantees {
  private readonly scope: Construct;
  private readonly byKey = new Map<string, Grantee>();

  /** @param scope in the stack whose functions read the list */
  constructor(scope: Construct) {
    this.scope = scope;
  }

  /**
   * @param app absent: all of them
   * @throws Error where a grant for one app could not be enforced, for the grantee has no name that a request tells
   */
  add(grantee: IGrantable, granted: readonly Capability[], app: string | undefined): void {
    const name = app === undefined ? nameOf(grantee) : this.requiredNameOf(grantee);
    // Not to be told apart: nothing can limit it, and nothing does.
    if (name === undefined) return;
    const key = JSON.stringify(name);
    const found = this.byKey.get(key) ?? { name, apps: new Map() };
    this.byKey.set(key, found);
    for (const capability of granted) {
      const before = found.apps.get(capability) ?? new Set();
      found.apps.set(capability, before === 'all' || app === undefined ? 'all' : new Set([...before, app]));
    }
  }

  /** Those with a limit, as JSON; names may be tokens. */
  toJson(): string {
    const limited = [...this.byKey.values()].map(callerOf).filter(({ apps }) => Object.keys(apps).length > 0);
    return Stack.of(this.scope).toJsonString(limited);
  }

  private requiredNameOf(grantee: IGrantable): Named {
    const name = nameOf(grantee);
    const principal = grantee.grantPrincipal;
    const where = Construct.isConstruct(grantee) ? grantee.node.path : String(principal);
    if (name === undefined) {
      throw new Error(
        `A grant for one app needs a role or a user, for requests tell no other name; ${where} is neither. Grant it to ` +
          'the role that signs the requests, or leave the app out.',
      );
    }
    const foreign = Construct.isConstruct(principal) && Stack.of(principal) !== Stack.of(this.scope);
    if (foreign && Token.isUnresolved(name.role ?? name.user)) {
      throw new Error(
        `A grant for one app to ${where}, of another stack, would make the two stacks depend on each other, for the ` +
          'functions must know its name. Give it a roleName (userName), or import it by its ARN.',
      );
    }
    return name;
  }
}

function callerOf({ name, apps }: Grantee): LimitedCaller {
  const limits = capabilities.flatMap((capability) => {
    const limit = apps.get(capability);
    return limit === undefined || limit === 'all' ? [] : [[capability, [...limit]] as const];
  });
  return { ...name, apps: Object.fromEntries(limits) };
}

/** By its shape, for roles and users come as their own, imported and precreated ones. */
function nameOf({ grantPrincipal }: IGrantable): Named | undefined {
  const { roleName, userName } = grantPrincipal as IPrincipal & { roleName?: unknown; userName?: unknown };
  if (!Construct.isConstruct(grantPrincipal)) return undefined;
  const account = grantPrincipal.principalAccount ?? Stack.of(grantPrincipal).account;
  const own = grantPrincipal.node.defaultChild;
  if (typeof roleName === 'string')
    return { account, role: written(own instanceof CfnRole && own.roleName) ?? roleName };
  if (typeof userName === 'string')
    return { account, user: written(own instanceof CfnUser && own.userName) ?? userName };
  return undefined;
}

/** The name that the deployer gave, where he did: `roleName` itself is a reference even then. */
function written(name: string | false | undefined): string | undefined {
  return name && !Token.isUnresolved(name) ? name : undefined;
}
