/**
 * Learns how long the org's sessions live, once per grant, by introspection right after an issue (facts §6).
 *
 * A hint, never a verdict: where introspection is off, unreachable or says `active:false`, two hours are assumed. It
 * runs after the tokens are stored, and its failure costs nothing.
 */
import * as z from 'zod/mini';
import { assumedSessionMs, nextRefreshAfterSuccess, sessionTimes } from '../core/cadence.ts';
import type { Connection } from '../core/connection.ts';
import type { LearntSession } from '../core/grant.ts';
import type { ClientCredentials, Ports, RawAnswer } from '../core/ports.ts';
import type { Secret } from '../core/secret.ts';
import { change } from './change.ts';

const introspectionTimeoutMs = 5_000;
const shortestSessionMs = 60_000;
const longestSessionMs = 24 * 3_600_000;

export async function learnSession(
  ports: Pick<Ports, 'store' | 'salesforce' | 'random' | 'log'>,
  connection: Connection,
  accessToken: Secret,
  client: ClientCredentials,
): Promise<void> {
  const { grant } = connection;
  if (grant === undefined || grant.session !== undefined) return;
  try {
    const answer = await ports.salesforce.introspect(grant.loginUrl, client, accessToken, introspectionTimeoutMs);
    const session = learnt(answer, grant.issuedAt);
    if (session === undefined) return;
    const fraction = ports.random.fraction();
    await change(
      ports.store.connections,
      connection.id,
      (current) => {
        const same = current?.grant?.id === grant.id && current.grant.refreshes === grant.refreshes;
        if (!same || current?.grant === undefined) return { keep: true, result: undefined };
        const times = sessionTimes(current.grant.issuedAt, session.lengthMs);
        const known = { ...current.grant, ...times, session };
        const scheduled = current.grant.failures === 0 && current.grant.lease === undefined;
        const nextRefreshAt = scheduled ? nextRefreshAfterSuccess(known, true, fraction) : current.nextRefreshAt;
        return { write: { ...current, grant: known, nextRefreshAt }, result: undefined };
      },
      { writeId: `${grant.madeBy}.session`, seen: connection },
    );
  } catch (error) {
    ports.log.warn('The session length could not be learnt; the next refresh tries again.', {
      connection_id: connection.id,
      error,
    });
  }
}

const introspection = z.object({ active: z.boolean(), exp: z.optional(z.number()) });

/** `undefined`: no answer came, ask again after the next refresh. `exp` right after an issue is a lower bound. */
function learnt(answer: RawAnswer, issuedAt: number): LearntSession | undefined {
  if (answer.kind === 'no_answer' || answer.status >= 500) return undefined;
  const parsed = introspection.safeParse(parseJson(answer.body));
  const expiresAt = parsed.success && parsed.data.active ? parsed.data.exp : undefined;
  if (expiresAt === undefined) return { lengthMs: assumedSessionMs, source: 'assumed' };
  const lengthMs = Math.min(longestSessionMs, Math.max(shortestSessionMs, expiresAt * 1_000 - issuedAt));
  return { lengthMs, source: 'introspection' };
}

function parseJson(body: Secret): unknown {
  try {
    return JSON.parse(body.reveal());
  } catch {
    return undefined;
  }
}
