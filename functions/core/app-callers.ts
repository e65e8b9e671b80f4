/**
 * Which apps a caller may act on, where its grant is for some apps only (`grantRead(role, 'crm')` of the construct).
 *
 * IAM sees the method and the path, so it holds such a caller to the routes, and to the app where the path holds it.
 * What it cannot see, the body, the query and what a session or integration is of, is held by the handlers, with this
 * list. A caller that stands in no limit came in by a grant for all apps, or by a policy of the deployer's own.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
 */
import * as z from 'zod/mini';
import { ConfigurationError } from './errors.ts';
import type { Caller } from './http.ts';
import type { Capability } from './routes.ts';

export interface AppCallers {
  allowedApps(caller: Caller | undefined, capability: Capability): 'all' | ReadonlySet<string>;
}

/** A role or user of one account, and the apps to which each of its capabilities is limited. */
export interface LimitedCaller {
  readonly account: string;
  readonly role?: string;
  readonly user?: string;
  /** Apps by capability; one that is not here is not limited. */
  readonly apps: Readonly<Partial<Record<Capability, readonly string[]>>>;
}

/** Nobody is limited: the local stack, whose callers do not sign, and tests. */
export const unlimitedCallers: AppCallers = { allowedApps: () => 'all' };

const apps = z.optional(z.array(z.string()));

const callersSchema = z.array(
  z.strictObject({
    account: z.string().check(z.regex(/^\d{12}$/, 'must be an account id of 12 digits')),
    role: z.optional(z.string().check(z.minLength(1))),
    user: z.optional(z.string().check(z.minLength(1))),
    apps: z.strictObject({ read: apps, connect: apps, admin: apps }),
  }),
);

/**
 * @param json a list of `LimitedCaller`, as the construct writes it
 * @throws ConfigurationError where it is no such list, for a limit that is not understood must not pass as none
 */
export function createAppCallers(json: string): AppCallers {
  const limits = limitsOf(json);
  return {
    allowedApps(caller, capability) {
      const limited = limits.filter(({ apps }) => apps[capability] !== undefined);
      if (limited.length === 0) return 'all';
      const name = principalOf(caller);
      // Who cannot be told apart from a limited caller (its federated session, say) gets nothing by it.
      if (name === undefined) return new Set();
      const own = limited.filter((limit) => keyOf(limit) === name);
      return own.length === 0 ? 'all' : new Set(own.flatMap(({ apps }) => apps[capability] ?? []));
    },
  };
}

function limitsOf(json: string): readonly LimitedCaller[] {
  let content: unknown;
  try {
    content = JSON.parse(json);
  } catch {
    throw problem('is not JSON');
  }
  const parsed = callersSchema.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw problem(`is wrong at ${issue?.path.join('.') || '(root)'}: ${issue?.message}`);
  }
  const wrong = parsed.data.findIndex(({ role, user }) => (role === undefined) === (user === undefined));
  if (wrong >= 0) throw problem(`is wrong at ${wrong}: must name either a role or a user`);
  return parsed.data;
}

function problem(message: string): ConfigurationError {
  const path = 'APP_CALLERS';
  return new ConfigurationError("the function's environment", [
    { path, message: `${message}; the construct Grantkeeper writes it, deploy again` },
  ]);
}

/**
 * `arn:aws:sts::<account>:assumed-role/<role>/<session>`: the role's path is not in it, and neither needs to be, for a
 * role's name is unique in its account. `arn:aws:iam::<account>:user/<path>/<user>`.
 */
const sessionArn = /^arn:[a-z-]+:sts::(\d{12}):assumed-role\/([^/]+)\/[^/]+$/;
const userArn = /^arn:[a-z-]+:iam::(\d{12}):user\/(?:[^/]+\/)*([^/]+)$/;

function principalOf(caller: Caller | undefined): string | undefined {
  if (caller === undefined) return undefined;
  const role = sessionArn.exec(caller.userArn);
  const user = userArn.exec(caller.userArn);
  const [, account, name] = role ?? user ?? [];
  if (account === undefined || name === undefined || account !== caller.accountId) return undefined;
  return `${account}/${role === null ? 'user' : 'role'}/${name}`;
}

function keyOf({ account, role, user }: LimitedCaller): string {
  return role === undefined ? `${account}/user/${user}` : `${account}/role/${role}`;
}
