/**
 * Learns how long the org's sessions live, once per grant, by introspection right after an issue (facts §6).
 *
 * A hint, never a verdict: where introspection is off, unreachable or says `active:false`, two hours are assumed. It
 * runs after the tokens are stored, and its failure costs nothing.
 */
import * as z from 'zod/mini';
import { assumedSessionMs, nextRefreshAfterSuccess, sessionTimes } from '../core/cadence.ts';
import { idleLimitMsOf } from '../core/config.ts';
import type { Connection } from '../core/connection.ts';
import type { Grant, LearntSession } from '../core/grant.ts';
import type { ClientCredentials, Ports } from '../core/ports.ts';
import type { Secret } from '../core/secret.ts';
import { change } from './change.ts';

const introspectionTimeoutMs = 5_000;
/** Salesforce's shortest timeout is 15 minutes, its longest 24 hours; what lies beyond is not believed. */
const shortestBelievedMs = 10 * 60_000;
const longestBelievedMs = 25 * 3_600_000;

export async function learnSession(
  ports: Pick<Ports, 'config' | 'store' | 'salesforce' | 'clock' | 'random' | 'log'>,
  connection: Connection,
  accessToken: Secret,
  client: ClientCredentials,
): Promise<void> {
  const { grant } = connection;
  if (grant === undefined || grant.session !== undefined) return;
  try {
    const known = ownExpiry(accessToken, ports.clock.now()) ?? (await introspected(ports, grant, accessToken, client));
    if (known === undefined) return;
    const { session, username } = known;
    // First: the connection says whether the record is right, and not the other way round.
    if (username && username !== connection.username) {
      await ports.store.rememberUsername(connection.app, username, connection.id);
    }
    const fraction = ports.random.fraction();
    const idleLimitMs = idleLimitMsOf(ports.config.apps[connection.app]);
    await change(
      ports.store.connections,
      connection.id,
      (current) => {
        const same = current?.grant?.id === grant.id && current.grant.refreshes === grant.refreshes;
        if (!same || current?.grant === undefined) return { keep: true, result: undefined };
        const times = sessionTimes(current.grant.issuedAt, session.lengthMs, current.grant.refreshedAt);
        const learnt = { ...current.grant, ...times, session };
        const scheduled = current.grant.failures === 0 && current.grant.lease === undefined;
        const nextRefreshAt = scheduled
          ? nextRefreshAfterSuccess(learnt, true, fraction, idleLimitMs)
          : current.nextRefreshAt;
        const after = { ...current, grant: learnt, nextRefreshAt, username: username || current.username };
        return { write: after, result: undefined };
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

interface Learnt {
  readonly session: LearntSession;
  readonly username?: string;
}

const jwtClaims = z.object({ exp: z.number() });

/** An access token in JWT format says itself when it ends; it is read, not trusted: the instance judges it. */
function ownExpiry(accessToken: Secret, now: number): Learnt | undefined {
  const [, payload, signature, ...rest] = accessToken.reveal().split('.');
  if (payload === undefined || signature === undefined || rest.length > 0) return undefined;
  const claims = jwtClaims.safeParse(parseJson(Buffer.from(payload, 'base64url').toString()));
  if (!claims.success) return undefined;
  const lengthMs = believed(claims.data.exp * 1_000 - now);
  return lengthMs === undefined ? undefined : { session: { lengthMs, source: 'jwt' } };
}

const introspection = z.object({
  active: z.boolean(),
  exp: z.optional(z.number()),
  username: z.optional(z.string().check(z.maxLength(256))),
});

/**
 * `undefined`: no answer came, or none that can be believed; ask again after the next refresh. Counted from now and not
 * from `issued_at`, which may be old where Salesforce gives a token a second time; a lower bound either way.
 */
async function introspected(
  ports: Pick<Ports, 'salesforce' | 'clock'>,
  { loginUrl }: Grant,
  accessToken: Secret,
  client: ClientCredentials,
): Promise<Learnt | undefined> {
  const answer = await ports.salesforce.introspect(loginUrl, client, accessToken, introspectionTimeoutMs);
  if (answer.kind === 'no_answer' || answer.status >= 500) return undefined;
  const parsed = introspection.safeParse(parseJson(answer.body.reveal()));
  const { active, exp, username } = parsed.success ? parsed.data : { active: false };
  if (!active || exp === undefined) return { session: { lengthMs: assumedSessionMs, source: 'assumed' } };
  const lengthMs = believed(exp * 1_000 - ports.clock.now());
  return lengthMs === undefined ? undefined : { session: { lengthMs, source: 'introspection' }, username };
}

function believed(lengthMs: number): number | undefined {
  return lengthMs >= shortestBelievedMs && lengthMs <= longestBelievedMs ? lengthMs : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
