/** A connect session as its service sees it. */
import { rfc3339 } from './rfc3339.ts';
import type { Identity, Session } from './session.ts';
import { sessionErrorOf, sessionStatus } from './session-step.ts';

export function presentSession(session: Session, now: number): Record<string, unknown> {
  const error = sessionErrorOf(session, now);
  const status = sessionStatus(session, now);
  return {
    session_id: session.id,
    status,
    app: session.app,
    tenant: session.tenant,
    integration: session.integration,
    created_at: rfc3339(session.createdAt),
    expires_at: rfc3339(session.expiresAt),
    // Whose connection or identity it is, is nobody's to know before the claim.
    ...(status !== 'connected' || session.connectionId === undefined ? {} : { connection_id: session.connectionId }),
    ...(status !== 'signed_in' || session.identity === undefined
      ? {}
      : { identity: presentIdentity(session.identity) }),
    ...(error === undefined ? {} : { error: { code: error.code, detail: error.detail, remedy: error.remedy } }),
  };
}

function presentIdentity({ orgId, userId, username, displayName, email }: Identity): Record<string, unknown> {
  return {
    org_id: orgId,
    user_id: userId,
    ...(username === undefined ? {} : { username }),
    ...(displayName === undefined ? {} : { display_name: displayName }),
    ...(email === undefined ? {} : { email }),
  };
}
