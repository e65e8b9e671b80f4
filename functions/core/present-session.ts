/** A connect session as its service sees it. */
import { rfc3339 } from './rfc3339.ts';
import type { Session } from './session.ts';
import { sessionErrorOf, sessionStatus } from './session-step.ts';

export function presentSession(session: Session, now: number): Record<string, unknown> {
  const error = sessionErrorOf(session, now);
  return {
    session_id: session.id,
    status: sessionStatus(session, now),
    app: session.app,
    tenant: session.tenant,
    integration: session.integration,
    created_at: rfc3339(session.createdAt),
    expires_at: rfc3339(session.expiresAt),
    ...(session.connectionId === undefined ? {} : { connection_id: session.connectionId }),
    ...(error === undefined ? {} : { error: { code: error.code, detail: error.detail, remedy: error.remedy } }),
  };
}
