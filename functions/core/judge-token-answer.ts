/**
 * Judges what the token endpoint sent back: tokens, a refusal, or nothing that settles the request.
 *
 * Only the endpoint's own JSON settles. A timeout, a reset, a 5xx or an HTML page does not: Salesforce may still be
 * acting on the request, and sending it again could be a replay. Field facts: facts §3, RFC 6749 §5.1 and §5.2.
 */
import * as z from 'zod/mini';
import { type Ask, classify, type FailureClass } from './error-table.ts';
import type { RawAnswer } from './ports.ts';
import { Secret } from './secret.ts';
import { withoutSecrets } from './secret-shapes.ts';

export interface TokenResponse {
  readonly accessToken: Secret;
  readonly refreshToken?: Secret;
  readonly instanceUrl?: string;
  /** The identity URL: `https://<login host>/id/<orgId>/<userId>`. */
  readonly id?: string;
  /** Milliseconds since the epoch, as Salesforce's text: `signature` covers the text. */
  readonly issuedAt?: string;
  readonly signature?: string;
  readonly scope?: string;
}

export type Judgement =
  | { readonly kind: 'tokens'; readonly tokens: TokenResponse }
  | { readonly kind: 'refused'; readonly class: FailureClass; readonly error: string; readonly description: string }
  | { readonly kind: 'no_answer'; readonly reason: string };

const lenientText = z.catch(z.optional(z.string()), undefined);

const success = z.object({
  access_token: z.string().check(z.minLength(1)),
  refresh_token: lenientText,
  instance_url: lenientText,
  id: lenientText,
  issued_at: lenientText,
  signature: lenientText,
  scope: lenientText,
});

const refusal = z.object({ error: z.string().check(z.minLength(1)), error_description: lenientText });

export function judgeTokenAnswer(answer: RawAnswer, ask: Ask): Judgement {
  if (answer.kind === 'no_answer') return { kind: 'no_answer', reason: answer.reason };
  if (answer.status >= 500) return { kind: 'no_answer', reason: `HTTP ${answer.status}` };
  const body = parseJson(answer.body);
  if (body === undefined) return { kind: 'no_answer', reason: `HTTP ${answer.status} without JSON` };
  if (answer.status === 200) return judgeSuccess(body);
  const refused = refusal.safeParse(body);
  if (answer.status < 400 || !refused.success) {
    return { kind: 'no_answer', reason: `HTTP ${answer.status} without an OAuth error` };
  }
  const error = publicText(refused.data.error);
  const description = publicText(refused.data.error_description ?? '');
  // Whatever it says: who is asked too often has not looked at the token.
  const failureClass = answer.status === 429 ? 'transient' : classify(error, description, ask);
  return { kind: 'refused', class: failureClass, error, description };
}

function judgeSuccess(body: unknown): Judgement {
  const parsed = success.safeParse(body);
  if (!parsed.success) return { kind: 'no_answer', reason: 'HTTP 200 without an access token' };
  const { access_token, refresh_token, instance_url, id, issued_at, signature, scope } = parsed.data;
  return {
    kind: 'tokens',
    tokens: {
      accessToken: new Secret(access_token),
      ...(refresh_token ? { refreshToken: new Secret(refresh_token) } : {}),
      instanceUrl: instance_url,
      id,
      issuedAt: issued_at,
      signature,
      ...(scope === undefined ? {} : { scope: withoutSecrets(scope) }),
    },
  };
}

/** `issued_at` as a number, on Salesforce's clock; ours stands in where it is missing. */
export function authorizedAtOf(tokens: TokenResponse, now: number): number {
  return /^\d{12,14}$/.test(tokens.issuedAt ?? '') ? Number(tokens.issuedAt) : now;
}

/**
 * When the session of this access token began, on our clock: never in its future. Salesforce may answer with a token
 * that it issued before; its session is as old as `issued_at` says.
 */
export function issuedAtOf(tokens: TokenResponse, now: number): number {
  return Math.min(authorizedAtOf(tokens, now), now);
}

function parseJson(body: Secret): unknown {
  try {
    return JSON.parse(body.reveal());
  } catch {
    return undefined;
  }
}

/** Errors are stored and shown: without a token that stands in them, printable, bounded. */
function publicText(text: string): string {
  return withoutSecrets(text)
    .replaceAll(/[^\x20-\x7e]/g, ' ')
    .slice(0, 200);
}
