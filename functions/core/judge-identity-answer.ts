/**
 * What the identity URL says about the user of an access token (Salesforce Help, "Identity URLs"): its answer is JSON, its
 * refusals are plain words. Only what names this very user is believed.
 */
import * as z from 'zod/mini';
import type { RawAnswer, UserId } from './salesforce-ports.ts';
import { withoutSecrets } from './secret-shapes.ts';

export type IdentityVerdict =
  | { readonly kind: 'active'; readonly username?: string }
  /** The administrator deactivated the user. */
  | { readonly kind: 'inactive' }
  /** The token does not work any more; a newer one may. */
  | { readonly kind: 'token_rejected' }
  | { readonly kind: 'unavailable'; readonly detail: string }
  /** Says nothing about the user: the app has no scope for it, say. */
  | { readonly kind: 'silent'; readonly detail: string };

/** It is remembered and shown. */
const holdsNoSecret = (text: string) => withoutSecrets(text) === text;

const identitySchema = z.object({
  user_id: z.string(),
  organization_id: z.string(),
  username: z.catch(z.optional(z.string().check(z.minLength(1), z.maxLength(256), z.refine(holdsNoSecret))), undefined),
  active: z.catch(z.optional(z.boolean()), undefined),
});

export function judgeIdentityAnswer(answer: RawAnswer, user: UserId): IdentityVerdict {
  if (answer.kind === 'no_answer') return { kind: 'unavailable', detail: answer.reason };
  const { status } = answer;
  if (status >= 500) return { kind: 'unavailable', detail: `HTTP ${status}` };
  const body = answer.body.reveal();
  if (status === 200) return judgeIdentity(body, user);
  if (status === 401 || (status === 403 && /^\W*bad_oauth_token/i.test(body))) return { kind: 'token_rejected' };
  if (status === 404 && /^\W*inactive/i.test(body)) return { kind: 'inactive' };
  return { kind: 'silent', detail: `HTTP ${status}` };
}

function judgeIdentity(body: string, { orgId, userId }: UserId): IdentityVerdict {
  const json = jsonOf(body);
  // During maintenance, everything is answered with a page.
  if (json === undefined) return { kind: 'unavailable', detail: 'the answer is no JSON' };
  const parsed = identitySchema.safeParse(json);
  if (!parsed.success) return { kind: 'silent', detail: 'the answer is no identity' };
  const { user_id, organization_id, username, active } = parsed.data;
  if (user_id !== userId || organization_id !== orgId) {
    return { kind: 'silent', detail: 'the answer is about another user' };
  }
  if (active === false) return { kind: 'inactive' };
  return { kind: 'active', ...(username === undefined ? {} : { username }) };
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
