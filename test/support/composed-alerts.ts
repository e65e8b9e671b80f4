/** An alert of each kind that the composers make, from items as the flows write them: what the schema must take. */
import type { Alert } from '../../functions/core/alert.ts';
import { decideCertificates } from '../../functions/core/certificate-expiry.ts';
import { decideOperatorFailure } from '../../functions/core/circuit.ts';
import { composeAlert } from '../../functions/core/compose-alert.ts';
import { composeAppAlert } from '../../functions/core/compose-app-alert.ts';
import { composeExpiryAlert } from '../../functions/core/compose-expiry-alert.ts';
import { composeIdleNotice } from '../../functions/core/compose-idle-notice.ts';
import { composeIncidentAlert } from '../../functions/core/compose-incident-alert.ts';
import { composeSessionAlert } from '../../functions/core/compose-session-alert.ts';
import { composeRecovery, composeWatchAlert } from '../../functions/core/compose-watch-alert.ts';
import type { Connection } from '../../functions/core/connection.ts';
import { diagnose } from '../../functions/core/diagnosis.ts';
import type { AlertDuty } from '../../functions/core/duty.ts';
import { foreseeExpiry } from '../../functions/core/expiry-ahead.ts';
import type { Failure } from '../../functions/core/grant.ts';
import { endingBy, withIdleNotice } from '../../functions/core/idle-notice.ts';
import { revocationGivenUp } from '../../functions/core/revocation.ts';
import { decideSecretAge } from '../../functions/core/secret-age.ts';
import type { ClosedIncident, Watch } from '../../functions/core/watch.ts';
import { outageCause } from '../../functions/core/watch-remedies.ts';
import {
  aConnection,
  aFleetWatch,
  aGrant,
  anAlertDuty,
  anIncident,
  anOpenIncident,
  aSession,
  aWatch,
  noon,
} from '../contract/items.ts';

export interface ComposedAlert {
  readonly what: string;
  readonly alert: Alert;
}

const dayMs = 24 * 3_600_000;

function duty(change: Partial<AlertDuty>): AlertDuty {
  return { ...anAlertDuty(noon), alertId: 'alert-1', ...change };
}

export const composedAlerts: readonly ComposedAlert[] = [
  ...ofConnections(),
  ...ofExpiry(),
  ...ofIdleNotice(),
  ...ofApps(),
  ...ofDeployment(),
  ...ofWatches(),
  {
    what: 'a grant of a connect session that could not be revoked',
    alert: composeSessionAlert(aSession(1), duty({ type: 'admin_action_required', cause: revocationGivenUp })),
  },
];

function ofConnections(): ComposedAlert[] {
  const lastFailure: Failure = {
    at: noon,
    class: 'dead',
    error: 'invalid_grant',
    description: 'expired access/refresh token',
  };
  const refused: Failure = {
    ...lastFailure,
    class: 'admin',
    error: 'invalid_app_access',
    description: 'user is not admin approved',
  };
  const dead = ill('reauthorization_required', lastFailure);
  const out = ill('admin_action_required', refused);
  const facts = { ledger: undefined, app: undefined, limits: {}, grantLimit: 5, now: noon };
  const died = duty({ type: 'reauthorization_required', cause: 'revoked_or_unknown' });
  const kept = duty({ type: 'admin_action_required', cause: 'invalid_app_access' });
  return [
    { what: 'a death with its diagnosis', alert: composeAlert(dead, died, diagnose(dead, facts)) },
    { what: 'a death of which nothing more is known', alert: composeAlert(dead, died) },
    { what: 'an administrator who keeps the app out', alert: composeAlert(out, kept, diagnose(out, facts)) },
    { what: 'the same without a diagnosis', alert: composeAlert(out, kept) },
    {
      what: 'a connection that recovered',
      alert: composeAlert(aConnection(1), duty({ type: 'connection_recovered', cause: 'recovered' })),
    },
    {
      what: 'a grant that could not be revoked',
      alert: composeAlert(aConnection(1), duty({ type: 'admin_action_required', cause: revocationGivenUp })),
    },
  ];
}

function ill(status: Connection['status'], lastFailure: Failure): Connection {
  return aConnection(1, {}, { status, grant: aGrant('g', { failures: 2, lastFailure }) });
}

function ofIdleNotice(): ComposedAlert[] {
  const limits = { idleMs: 30 * dayMs };
  const watch = withIdleNotice(undefined, { app: 'crm', orgId: aConnection(1).orgId }, noon + dayMs, limits, noon);
  const [owed] = Object.values(watch?.duties ?? {});
  const idle = [1, 2].map((n) => aConnection(n, {}, { grant: aGrant('g', { refreshedAt: noon - 29 * dayMs }) }));
  const alert = composeIdleNotice(watch!, owed as AlertDuty, endingBy(idle, limits, noon + 2 * dayMs));
  if (alert === undefined) throw new Error('nothing is owed of an org whose tokens idle');
  return [{ what: 'an org whose refresh tokens near their idle limit', alert }];
}

function ofExpiry(): ComposedAlert[] {
  const ends = { idle: { idleMs: 30 * dayMs }, lifetime: { lifetimeMs: 90 * dayMs } };
  return Object.entries(ends).map(([end, limits]) => {
    const connection = foreseeExpiry(aConnection(1, {}, { grant: aGrant('g', { refreshes: 7 }) }), limits, noon);
    const [owed] = Object.values(connection.duties).filter(({ kind }) => kind === 'alert');
    const alert = composeExpiryAlert(connection, owed as AlertDuty);
    if (alert === undefined) throw new Error(`nothing is owed of a ${end} limit`);
    return { what: `a refresh token that nears its ${end} limit`, alert };
  });
}

function ofApps(): ComposedAlert[] {
  const refused = decideOperatorFailure(undefined, 'crm', { error: 'invalid_client', description: '' }, noon, 0, 'a');
  const ending = decideCertificates(undefined, 'crm-jwt', [{ id: '2', endsAt: noon + dayMs }], noon);
  const old = decideSecretAge(undefined, 'crm', { set: true, changedAt: noon - 400 * dayMs }, 365, noon);
  const states = {
    'an app that Salesforce refuses': refused,
    'a certificate that ends': ending,
    'a client secret that is old': old,
  };
  return Object.entries(states).map(([what, state]) => {
    const [owed] = Object.values(state?.duties ?? {});
    if (state === undefined || owed?.kind !== 'alert') throw new Error(`nothing is owed of ${what}`);
    return { what, alert: composeAppAlert(state, owed, 'authorization_code') };
  });
}

function ofDeployment(): ComposedAlert[] {
  const finding = {
    evidence: ['Ten are overdue.'],
    connectionIds: [aConnection(1).id],
    counts: { connections: 10, orgs: 2 },
  };
  return (['refresh_backlog', 'tokens_in_lifeboat', 'table_restored'] as const).flatMap((type) => {
    const owed = duty({ type, cause: type });
    return [
      { what: type, alert: composeIncidentAlert(anIncident({ id: type, finding }), owed) },
      { what: `${type} of which nothing was kept`, alert: composeIncidentAlert(anIncident({ id: type }), owed) },
    ];
  });
}

function ofWatches(): ComposedAlert[] {
  const outage = aFleetWatch(noon, { id: 'crm.fleet_outage', kind: 'fleet_outage' });
  const watches: readonly (readonly [string, Watch, string, 'invalid_grant_spike' | 'fleet_incident'])[] = [
    ['spike', aWatch(1, noon), 'org_wide_revocation', 'invalid_grant_spike'],
    ['fleet incident', aFleetWatch(noon), 'app_wide_revocation', 'fleet_incident'],
    ['outage', outage, outageCause, 'fleet_incident'],
  ];
  return watches.flatMap(([what, watch, cause, type]) => {
    const incident = anOpenIncident({ cause });
    const open = { ...watch, incident };
    const owed = (suffix: string, over = false) =>
      duty({ alertId: `${incident.id}${suffix}`, type: over ? `${type}_resolved` : type, cause });
    const ended = (left: number) => ({ ...watch, closed: closedOf(cause, left) });
    return [
      { what: `the opening of a ${what}`, alert: composeWatchAlert(open, owed(''), 'authorization_code') },
      { what: `the escalation of a ${what}`, alert: composeWatchAlert(open, owed('.x2'), 'authorization_code') },
      {
        what: `the end of a ${what}, none left`,
        alert: composeWatchAlert(ended(0), owed('.resolved', true), 'authorization_code'),
      },
      {
        what: `the end of a ${what}, some left`,
        alert: composeWatchAlert(ended(3), owed('.resolved', true), 'authorization_code'),
      },
      {
        what: `the opening of a ${what} that is over already`,
        alert: composeWatchAlert(ended(0), owed(''), 'authorization_code'),
      },
      { what: `a ${what} of which nothing is kept`, alert: composeWatchAlert(watch, owed(''), 'authorization_code') },
      {
        what: `a recovery after a ${what}`,
        alert: composeRecovery(
          ended(1),
          duty({ alertId: 'incident-1.recovered.497412', type: 'connection_recovered', cause }),
          3,
          1,
          'authorization_code',
        ),
      },
    ];
  });
}

function closedOf(cause: string, left: number): ClosedIncident {
  const { id, openedAt, lastFailureAt, failed, connectionIds, evidence } = anOpenIncident();
  return { id, cause, openedAt, closedAt: noon + 3_600_000, lastFailureAt, failed, left, connectionIds, evidence };
}
