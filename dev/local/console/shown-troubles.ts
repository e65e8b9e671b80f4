/** What is wrong, and who must do what: incidents as `GET /health` tells them, and each connection that does not work. */
import type { Connection } from '../../../functions/core/connection.ts';
import type { HealthIncident } from '../../../functions/core/health.ts';
import type { Ports } from '../../../functions/core/ports.ts';
import { rfc3339 } from '../../../functions/core/rfc3339.ts';
import { diagnoseConnection } from '../../../functions/flows/diagnose-connection.ts';
import { showHealth } from '../../../functions/flows/show-health.ts';
import type { Simulator } from '../../simulator/simulator.ts';
import { addressOfPage, causePage } from './cause-pages.ts';
import { nameOf } from './shown-orgs.ts';

const illShown = 50;
const illStatuses = ['reauthorization_required', 'admin_action_required'] as const;

export async function shownHealth(ports: Ports, simulator: Simulator | undefined) {
  const { status, incidents } = await showHealth(ports, Object.keys(ports.config.apps), true);
  return { health: status, incidents: incidents.map((one) => shownIncident(one, simulator)) };
}

function shownIncident(incident: HealthIncident, simulator: Simulator | undefined) {
  const { id, type, severity, app, org_id, opened_at, resolved_at, cause, summary, evidence, counts, remedy } =
    incident;
  const page = causePage(cause);
  const orgName = org_id === undefined ? undefined : nameOf(simulator, org_id);
  return {
    ...{ id, type, severity, app, org_id, opened_at, resolved_at, cause, summary, evidence, counts, remedy },
    ...(orgName === undefined ? {} : { org_name: orgName }),
    ...(page === undefined ? {} : linked(page)),
  };
}

/** Those that are dead or kept out, with their diagnoses; the first as listed. */
export async function shownIll(ports: Ports, simulator: Simulator | undefined) {
  const filters = Object.keys(ports.config.apps).flatMap((app) => illStatuses.map((status) => ({ app, status })));
  const pages = await Promise.all(filters.map((filter) => ports.store.listConnections(filter, illShown)));
  const ill = pages.flatMap(({ items }) => items).slice(0, illShown);
  return Promise.all(ill.map((connection) => shownDiagnosis(ports, simulator, connection)));
}

async function shownDiagnosis(ports: Ports, simulator: Simulator | undefined, connection: Connection) {
  const { id, status, orgId, userId, failingSince, grant } = connection;
  const diagnosis = await diagnoseConnection(ports, connection);
  const since = failingSince ?? grant?.lastFailure?.at;
  return {
    id,
    org_id: orgId,
    username: connection.username ?? simulator?.books.person(userId)?.user.username,
    status,
    ...(since === undefined ? {} : { since: rfc3339(since) }),
    ...(diagnosis === undefined
      ? {}
      : {
          cause: diagnosis.cause,
          confidence: diagnosis.confidence,
          evidence: diagnosis.evidence[0] ?? '',
          remedy: diagnosis.remedy,
          ...linked(diagnosis.page),
        }),
  };
}

function linked(page: string) {
  return { page, page_url: addressOfPage(page) };
}
