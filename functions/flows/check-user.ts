/**
 * The built-in part of every configuration: a token that works, and a user who is still active. Found out here, a
 * deactivated user is known in minutes, and not when the first nightly run fails.
 */
import type { Connection } from '../core/connection.ts';
import { sha256Hex } from '../core/hash.ts';
import { type IdentityVerdict, judgeIdentityAnswer } from '../core/judge-identity-answer.ts';
import type { LiveToken, Ports, Store } from '../core/ports.ts';

export type CheckUserPorts = Pick<Ports, 'tokens' | 'salesforceApi' | 'log'> & {
  readonly store: Pick<Store, 'rememberUsername'>;
};

/** @property lasting trying again by itself would not help */
export interface Trouble {
  readonly reason: string;
  readonly lasting: boolean;
}

export type UserCheck =
  | { readonly kind: 'usable'; readonly live: Token }
  | { readonly kind: 'trouble'; readonly trouble: Trouble };

type Token = Extract<LiveToken, { kind: 'token' }>;

const timeoutMs = 10_000;

/** Somebody has to act first; and who authorizes again has the step run again by that. */
const lastingProblems: ReadonlySet<string> = new Set([
  'unknown_connection',
  'disconnected',
  'reauthorization_required',
  'admin_action_required',
]);

export async function checkUser(ports: CheckUserPorts, connection: Connection): Promise<UserCheck> {
  const first = await ports.tokens.read(connection.id);
  if (first.kind === 'problem') return noToken(first);
  const verdict = await ask(ports, connection, first);
  if (verdict.kind !== 'token_rejected') return conclude(ports, connection, first, verdict);
  const second = await ports.tokens.read(connection.id, sha256Hex(first.accessToken.reveal()));
  if (second.kind === 'problem') return noToken(second);
  return conclude(ports, connection, second, await ask(ports, connection, second));
}

async function ask({ salesforceApi }: CheckUserPorts, connection: Connection, live: Token): Promise<IdentityVerdict> {
  const answer = await salesforceApi.identity(live.instanceUrl, connection, live.accessToken, timeoutMs);
  return judgeIdentityAnswer(answer, connection);
}

function noToken({ code, detail }: Extract<LiveToken, { kind: 'problem' }>): UserCheck {
  return trouble(`${code}: ${detail}`, lastingProblems.has(code));
}

async function conclude(
  ports: CheckUserPorts,
  connection: Connection,
  live: Token,
  verdict: IdentityVerdict,
): Promise<UserCheck> {
  switch (verdict.kind) {
    case 'active':
      if (verdict.username !== undefined) await remember(ports, connection, verdict.username);
      return { kind: 'usable', live };
    case 'inactive':
      return trouble(
        'user_inactive: Salesforce says that this user is deactivated. An administrator of the org activates the user again, or another user authorizes (reauthorize); then PUT the configuration to run the step again.',
        true,
      );
    case 'unavailable':
      return trouble(
        `salesforce_unavailable: The identity URL did not answer (${verdict.detail}); the step is tried again.`,
        false,
      );
    // What the identity URL will not say, the step may find out by itself.
    case 'token_rejected':
    case 'silent': {
      const why = verdict.kind === 'silent' ? verdict.detail : 'it refused a new token too';
      ports.log.warn('The identity URL says nothing about the user.', { connection_id: connection.id, why });
      return { kind: 'usable', live };
    }
  }
}

/** A hint only, for a later `login_hint`. */
async function remember({ store, log }: CheckUserPorts, { app, id }: Connection, username: string): Promise<void> {
  try {
    await store.rememberUsername(app, username, id);
  } catch (error) {
    log.warn('A username could not be remembered.', { connection_id: id, error });
  }
}

function trouble(reason: string, lasting: boolean): UserCheck {
  return { kind: 'trouble', trouble: { reason, lasting } };
}
