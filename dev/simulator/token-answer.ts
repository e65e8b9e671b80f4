/**
 * The answer to a token request that succeeds, and the session that it opens (salesforce-oauth.md, section 3).
 *
 * It never holds `expires_in`; `issued_at` is a string of milliseconds; `signature` is over `id` + `issued_at`.
 */
import { createHmac } from 'node:crypto';
import { type Answer, type Context, jsonAnswer } from './endpoint.ts';
import type { Grant } from './grant-book.ts';
import type { SimulatorApp } from './orgs.ts';

export interface Issue {
  app: SimulatorApp;
  grant: Grant;
  /** Absent where the request brings none. */
  refreshToken?: string | undefined;
  /** @default a new one */
  accessToken?: string;
}

export function tokenAnswer(context: Context, { app, grant, refreshToken, ...issue }: Issue): Answer {
  const { books, switches, now } = context;
  const issuedAt = now();
  const accessToken = issue.accessToken ?? newAccessToken(context, grant);
  // One that is given again is as old as it is.
  if (!books.isLiveAccessToken(accessToken)) {
    books.sessions.open(accessToken, grant.id, issuedAt, switches.sessionMinutes * 60_000);
  }
  const id = identityUrl(foreignOrigin(switches.foreignIdHost) ?? context.origin, grant);
  const signature = signatureOf(context, app, id + String(issuedAt));
  const body = {
    access_token: accessToken,
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    ...(signature !== undefined && { signature }),
    scope: grant.scopes.join(' '),
    instance_url: switches.foreignInstanceUrl || context.origin,
    id,
    token_type: 'Bearer',
    issued_at: String(issuedAt),
  };
  return jsonAnswer(body, { clientId: app.clientId, grantId: grant.id });
}

export function newAccessToken({ random }: Context, { orgId }: Pick<Grant, 'orgId'>): string {
  return `${orgId.slice(0, 15)}!AQ${random(72)}`;
}

export function newRefreshToken({ random }: Context): string {
  return `5Aep861${random(60)}`;
}

export function identityUrl(origin: string, { orgId, userId }: Pick<Grant, 'orgId' | 'userId'>): string {
  return `${origin}/id/${orgId}/${userId}`;
}

function foreignOrigin(hostOrOrigin: string | null): string | undefined {
  if (!hostOrOrigin) return undefined;
  return hostOrOrigin.includes('://') ? hostOrOrigin : `https://${hostOrOrigin}`;
}

/** Absent for an app without a secret. */
function signatureOf({ switches }: Context, app: SimulatorApp, signed: string): string | undefined {
  if (app.clientSecret === undefined || switches.omitSignature) return undefined;
  const secret = switches.wrongSignature ? `not ${app.clientSecret}` : app.clientSecret;
  return createHmac('sha256', secret).update(signed).digest('base64');
}
