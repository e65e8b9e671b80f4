/**
 * `grant_type=refresh_token`, with rotation, its replays and its races (salesforce-oauth.md, section 5).
 *
 * The policy of refresh tokens is judged here, for Salesforce judges it when the token is used. "expired access/refresh
 * token" is the one answer for expired, revoked, evicted and rotated out.
 */
import { authenticateClient } from './client-authentication.ts';
import { type Answer, type Call, type Context, oauthError, personRefusal } from './endpoint.ts';
import type { Grant } from './grant-book.ts';
import { newRefreshToken, tokenAnswer } from './token-answer.ts';

export function exchangeRefreshToken(context: Context, call: Call): Answer {
  const { app, refusal } = authenticateClient(context, call);
  if (refusal !== undefined) return refusal;
  const { books, switches, now } = context;
  const found = books.ledger.ofRefreshToken(call.form.get('refresh_token') ?? '');
  if (found === undefined || found.grant.clientId !== app.clientId) return dead({ clientId: app.clientId });

  const { grant, current } = found;
  const about = { clientId: app.clientId, grantId: grant.id };
  if (hasExpired(context, grant)) books.endGrant(grant.id, 'expired');
  books.ledger.used(grant.id, now());
  if (call.racing || switches.busy) return busy(context, about, call.racing && current);
  if (books.ledger.find(grant.id)?.endedAt !== undefined) return dead(about);
  if (!current) {
    if (switches.replay === 'kill') books.endGrant(grant.id, 'replay');
    return dead(about);
  }
  const refused = personRefusal(books.person(grant.userId), about);
  if (refused !== undefined) return refused;

  const nextToken = switches.rotation ? newRefreshToken(context) : undefined;
  books.ledger.refreshed(grant.id, nextToken);
  if (switches.refreshEndsOldAccessToken) books.sessions.endOfGrant(grant.id);
  return tokenAnswer(context, { app, grant, refreshToken: nextToken });
}

/** Each use resets the clock of idling; nothing that of the lifetime. */
function hasExpired({ switches, now }: Context, { createdAt, lastUsedAt }: Grant): boolean {
  const { refreshTokenPolicy, refreshIdleMinutes, refreshLifetimeMinutes } = switches;
  const over = (since: number, minutes: number) => minutes > 0 && now() - since >= minutes * 60_000;
  if (refreshTokenPolicy === 'zero') return true;
  return over(lastUsedAt, refreshIdleMinutes) || over(createdAt, refreshLifetimeMinutes);
}

interface About {
  clientId: string;
  grantId?: string;
}

function dead(about: About): Answer {
  return oauthError('invalid_grant', 'expired access/refresh token', about);
}

function busy({ books, switches }: Context, about: Required<About>, lostRace: boolean): Answer {
  if (lostRace && switches.rotation && switches.raceLoserKills) books.endGrant(about.grantId, 'replay');
  return oauthError('invalid_grant', 'token request is already being processed', about);
}
