/** A connection as it is shown: state, times and reasons; no token, sealed or not. */
import type { Connection } from './connection.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { Grant } from './grant.ts';
import type { Integration } from './integration.ts';
import { type GrantBook, presentGrants } from './present-grants.ts';
import { presentIntegration } from './present-integration.ts';
import { rfc3339 } from './rfc3339.ts';

export function presentConnection(connection: Connection): Record<string, unknown> {
  const { grant } = connection;
  return {
    id: connection.id,
    app: connection.app,
    flow: connection.flow,
    org_id: connection.orgId,
    user_id: connection.userId,
    ...present('username', connection.username),
    status: connection.status,
    ...present('cause', connection.cause),
    authorized_at: rfc3339(connection.authorizedAt),
    ...(grant === undefined ? {} : presentGrant(grant)),
    ...(connection.nextRefreshAt === undefined ? {} : { next_refresh_at: rfc3339(connection.nextRefreshAt) }),
  };
}

function presentGrant(grant: Grant): Record<string, unknown> {
  const { lastFailure } = grant;
  return {
    instance_url: grant.instanceUrl,
    scopes: grant.scopes,
    refreshed_at: rfc3339(grant.refreshedAt),
    expires_at: rfc3339(grant.expiresAt),
    ...(lastFailure === undefined
      ? {}
      : {
          last_failure: {
            at: rfc3339(lastFailure.at),
            class: lastFailure.class,
            error: lastFailure.error,
            description: lastFailure.description,
          },
        }),
  };
}

/** With what belongs to one connection only: who uses it, the grants that we know of, and why it does not work. */
export function presentConnectionInFull(
  connection: Connection,
  integrations: readonly Integration[],
  book: GrantBook,
  diagnosis?: Diagnosis,
): Record<string, unknown> {
  return {
    ...presentConnection(connection),
    integrations: integrations.map(presentIntegration),
    ...presentGrants(connection, book),
    ...(diagnosis === undefined ? {} : { diagnosis: presentDiagnosis(diagnosis) }),
  };
}

function presentDiagnosis({ cause, confidence, evidence, actor, remedy, page }: Diagnosis): Record<string, unknown> {
  return { cause, confidence, evidence, actor, remedy, page };
}

function present(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}
