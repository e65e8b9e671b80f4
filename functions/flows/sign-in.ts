/**
 * What becomes of the code exchange of a sign-in app: the identity is kept, and no token. The revocation is owed in the
 * write that keeps the identity; names and e-mail come from the identity URL, where it answers (Salesforce Help, "Identity
 * URLs").
 */
import * as z from 'zod/mini';
import type { RevokeDuty } from '../core/duty.ts';
import { takesNoWrite } from '../core/errors.ts';
import type { TokenResponse } from '../core/judge-token-answer.ts';
import { newId } from '../core/new-id.ts';
import type { Ports, RawAnswer } from '../core/ports.ts';
import { withoutSecrets } from '../core/secret-shapes.ts';
import type { Identity, Session } from '../core/session.ts';
import { signedIn } from '../core/session-claim.ts';
import { lostResponse } from '../core/session-step.ts';
import { revocationOf } from '../core/store-grant.ts';
import { leaseMs } from '../core/time-limits.ts';
import { change } from './change.ts';
import { type CheckPorts, checkExchange } from './check-exchange.ts';
import { type Exchange, type RefusePorts, refuseGrant, revokeAtOnce, saveDuty, sealedGrant } from './refuse-grant.ts';
import { sealedFor } from './revoke-duty.ts';
import { storeTime } from './time-left.ts';
import type { Vault } from './vault.ts';

export type SignInPorts = CheckPorts & RefusePorts & Pick<Ports, 'salesforceApi'>;

const identityTimeoutMs = 5_000;

export async function signIn(
  ports: SignInPorts,
  vault: Vault,
  session: Session,
  tokens: TokenResponse,
  exchange: Exchange,
  remainingTimeMs: () => number,
): Promise<Session> {
  const checked = await checkExchange(ports, session, tokens, exchange);
  if (checked.kind === 'refused') {
    return refuseGrant(ports, vault, session, tokens, exchange, checked.error, remainingTimeMs);
  }
  const { orgId, userId, instanceUrl } = checked;
  const now = ports.clock.now();
  const grant = await sealedGrant(ports, vault, session, tokens, exchange, sealedFor(session.id), instanceUrl);
  const duty = revocationOf(grant, now, now + leaseMs, 'signed_in');
  const known = await keepIdentity(ports, session, { orgId, userId }, duty, remainingTimeMs);
  if (known === undefined) return session;
  const answer = await ports.salesforceApi.identity(
    instanceUrl,
    { orgId, userId },
    tokens.accessToken,
    identityTimeoutMs,
  );
  const named = await nameIdentity(ports, known, detailsOf(answer, { orgId, userId }));
  ports.metrics.add('SignedIn', 1);
  return revokeAtOnce(ports, vault, named, duty);
}

/** `undefined`: the table refused it to the last; the token is to be revoked out of the lifeboat. */
async function keepIdentity(
  ports: SignInPorts,
  session: Session,
  identity: Identity,
  duty: RevokeDuty,
  remainingTimeMs: () => number,
): Promise<Session | undefined> {
  const until = (session.attempt?.begunAt ?? ports.clock.now()) + leaseMs;
  try {
    const { item } = await change(
      ports.store.sessions,
      session.id,
      (current) => {
        const after = current && signedIn(current, identity, duty, ports.clock.now());
        return after === undefined ? { keep: true, result: undefined } : { write: after, result: undefined };
      },
      { writeId: `${duty.grantId}.signed-in`, seen: session, persist: storeTime(ports.clock, until, remainingTimeMs) },
    );
    return item;
  } catch (error) {
    if (!takesNoWrite(error)) throw error;
    await saveDuty(ports, session, duty, lostResponse);
    return undefined;
  }
}

/** The session is signed in as it is; names only make it more readable. */
async function nameIdentity(ports: SignInPorts, session: Session, details: Partial<Identity>): Promise<Session> {
  if (Object.keys(details).length === 0) return session;
  try {
    const { item } = await change(
      ports.store.sessions,
      session.id,
      (current) =>
        current?.identity === undefined
          ? { keep: true, result: undefined }
          : { write: { ...current, identity: { ...current.identity, ...details } }, result: undefined },
      { writeId: `${newId(ports.random)}.named`, seen: session },
    );
    return item ?? session;
  } catch (error) {
    ports.log.warn('The names of a signed-in user could not be kept.', { session_id: session.id, error });
    return session;
  }
}

/** They are stored and shown: none that holds a token. */
const text = z.catch(
  z.optional(
    z.string().check(
      z.maxLength(256),
      z.refine((value) => withoutSecrets(value) === value),
    ),
  ),
  undefined,
);
const identityAnswer = z.object({
  user_id: z.string(),
  organization_id: z.string(),
  username: text,
  display_name: text,
  email: text,
});

/** Nothing where it does not answer, or answers about somebody else. */
function detailsOf(answer: RawAnswer, { orgId, userId }: Pick<Identity, 'orgId' | 'userId'>): Partial<Identity> {
  if (answer.kind === 'no_answer' || answer.status !== 200) return {};
  const parsed = identityAnswer.safeParse(jsonOf(answer.body.reveal()));
  if (!parsed.success || parsed.data.user_id !== userId || parsed.data.organization_id !== orgId) return {};
  const { username, display_name: displayName, email } = parsed.data;
  return {
    ...(username === undefined ? {} : { username }),
    ...(displayName === undefined ? {} : { displayName }),
    ...(email === undefined ? {} : { email }),
  };
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
