/**
 * May the tokens of a code exchange be kept? Checked: the identity URL and its host, the instance's host, Salesforce's
 * signature, and the org and user that were expected. What is refused is revoked at once.
 */

import { equalInConstantTime, hmacSha256Base64 } from './hash.ts';
import { isSalesforceUrl } from './hosts.ts';
import { orgIdPattern, userIdPattern } from './ids.ts';
import type { TokenResponse } from './judge-token-answer.ts';
import type { ClientSecretSet } from './ports.ts';
import type { SessionError } from './session.ts';

export interface Expectations {
  readonly orgId?: string;
  readonly userId?: string;
  readonly extraOrigin?: string;
  /** A sign-in keeps no token: none is missed. @default true */
  readonly refreshToken?: boolean;
}

export type CodeAnswerCheck =
  | { readonly kind: 'accepted'; readonly orgId: string; readonly userId: string; readonly instanceUrl: string }
  | { readonly kind: 'refused'; readonly error: SessionError };

/** Everything but the signature. */
export function checkCodeAnswer(tokens: TokenResponse, expected: Expectations): CodeAnswerCheck {
  const identity = tokens.id === undefined ? undefined : identityOf(tokens.id, expected.extraOrigin);
  if (identity === undefined) {
    return refused('foreign_identity', 'The token response names no identity on a host of Salesforce.', ourRemedy);
  }
  if (tokens.instanceUrl === undefined || !isSalesforceUrl(tokens.instanceUrl, expected.extraOrigin)) {
    return refused(
      'foreign_instance',
      'The token response names an instance that is no host of Salesforce.',
      ourRemedy,
    );
  }
  if (tokens.refreshToken === undefined && expected.refreshToken !== false) {
    return refused(
      'no_refresh_token',
      'Salesforce issued no refresh token.',
      'Give the external client app the scope refresh_token (Perform requests at any time), then open a new link.',
    );
  }
  if (expected.orgId !== undefined && expected.orgId !== identity.orgId) {
    return refused(
      'wrong_org',
      `The user logged in to org ${identity.orgId}; expected was ${expected.orgId}.`,
      'Open a new link and log in to the expected org.',
    );
  }
  if (expected.userId !== undefined && expected.userId !== identity.userId) {
    return refused(
      'wrong_user',
      `User ${identity.userId} logged in; expected was ${expected.userId}.`,
      'Open a new link and log in as the expected user.',
    );
  }
  return { kind: 'accepted', ...identity, instanceUrl: new URL(tokens.instanceUrl).origin };
}

const ourRemedy = "Do not try again before the app's login URL and the network path to Salesforce are checked.";

function refused(code: string, detail: string, remedy: string): CodeAnswerCheck {
  return { kind: 'refused', error: { code, detail, remedy } };
}

/** The org and user of an identity URL (`https://<host>/id/<orgId>/<userId>`), where its host is Salesforce's. */
export function identityOf(id: string, extraOrigin?: string): { orgId: string; userId: string } | undefined {
  if (!isSalesforceUrl(id, extraOrigin)) return undefined;
  const [, first, orgId, userId, ...rest] = new URL(id).pathname.split('/');
  if (first !== 'id' || orgId === undefined || userId === undefined || rest.length > 0) return undefined;
  return orgIdPattern.test(orgId) && userIdPattern.test(userId) ? { orgId, userId } : undefined;
}

/**
 * Salesforce signs `id` + `issued_at` with the client secret (HMAC-SHA256, base64); during a secret's rotation it may
 * be any of three. `absent`: apps that require no secret get none, and some do not get one though they have a secret.
 */
export function checkSignature(tokens: TokenResponse, secrets: ClientSecretSet): 'valid' | 'absent' | 'invalid' {
  const { signature, id, issuedAt } = tokens;
  if (signature === undefined) return 'absent';
  const candidates = [secrets.current, secrets.pending, secrets.previous].filter((secret) => secret !== undefined);
  const valid = candidates.some((secret) =>
    equalInConstantTime(hmacSha256Base64(secret.reveal(), `${id ?? ''}${issuedAt ?? ''}`), signature),
  );
  return valid ? 'valid' : 'invalid';
}

export const wrongSignature: SessionError = {
  code: 'wrong_signature',
  detail: "The token response's signature was made with none of the client secrets that we hold.",
  remedy:
    'Compare the client secret with the one in Salesforce Setup (External Client App Manager), then open a new link.',
};
