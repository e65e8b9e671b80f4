/** Findings on what the grants of the sample show: rotation, a policy that expires them at once, room, scopes, sessions. */
import { budgetOf, isNear } from './budget.ts';
import { counted } from './counted.ts';
import { pageOf } from './diagnosis.ts';
import { appPolicies, appSettings } from './error-remedies.ts';
import type { Finding } from './health.ts';
import {
  type AppFacts,
  grantsOf,
  keepsRefreshTokens,
  mayBePartnerApp,
  named,
  partnerEvidence,
  sampleEvidence,
} from './health-facts.ts';

/** A refresh that brings a new refresh token shows rotation; those that did not do not show that it is off for all. */
export function rotationFindings(facts: AppFacts): readonly Finding[] {
  const refreshed = grantsOf(facts).filter(({ grant }) => grant.refreshes > 0);
  if (!keepsRefreshTokens(facts) || refreshed.length === 0) return [];
  const rotating = refreshed.filter(({ grant }) => grant.rotates === true).length;
  const evidence = `${rotating} of ${counted(refreshed.length, 'refreshed connection')} brought a new refresh token.`;
  if (rotating > 0) {
    return [
      {
        code: 'rotation_seen',
        severity: 'info',
        summary: 'Refresh tokens are rotated, and each new one is kept.',
        evidence: [evidence, ...sampleEvidence(facts)],
        remedy: 'Nothing is to be done.',
      },
    ];
  }
  return [
    {
      code: 'rotation_not_seen',
      severity: mayBePartnerApp(facts) ? 'warning' : 'info',
      summary: 'No refresh brought a new refresh token: rotation seems to be off.',
      evidence: [evidence, ...sampleEvidence(facts), ...partnerEvidence(facts)],
      remedy: `${appSettings}: turn on Enable Refresh Token Rotation. Grantkeeper keeps what is rotated; nothing is to be authorized again for it.`,
    },
  ];
}

/** Died without one refresh ever having worked, in an org where none works. */
export function zeroPolicyFindings(facts: AppFacts): readonly Finding[] {
  if (!keepsRefreshTokens(facts)) return [];
  const grants = grantsOf(facts);
  const refreshing = new Set(
    grants.filter(({ grant }) => grant.refreshes > 0).map(({ connection }) => connection.orgId),
  );
  const dead = grants.filter(({ connection }) => connection.status === 'reauthorization_required');
  const atFirst = dead.filter(
    ({ connection, grant }) =>
      grant.refreshes === 0 &&
      grant.lastFailure?.class === 'dead' &&
      isPlain(grant) &&
      !refreshing.has(connection.orgId),
  );
  if (atFirst.length === 0) return [];
  return [
    {
      code: 'zero_policy_suspected',
      severity: atFirst.length > 1 ? 'action' : 'warning',
      summary: `${counted(atFirst.length, 'connection')} died at the first refresh: the refresh token policy may be "Immediately expire refresh token".`,
      evidence: [
        `${atFirst.length} of ${counted(dead.length, 'dead connection')} never refreshed, in orgs where no other did: ${named(atFirst.map(({ connection }) => connection))}`,
        'Salesforce does not say which policy it applied; an org may override that of the app.',
        ...sampleEvidence(facts),
      ],
      remedy: `${appPolicies}: under Refresh Token Policy choose another than "Immediately expire refresh token", in the org of each of these too, before anybody authorizes again.`,
      page: pageOf('expired_immediately'),
    },
  ];
}

/** "authentication failure" speaks of the user, and no policy. A response that was lost may have rotated the token away. */
function isPlain({
  lastFailure,
  attempts,
}: {
  lastFailure?: { description: string };
  attempts: readonly unknown[];
}): boolean {
  return lastFailure?.description.trim().toLowerCase() === 'expired access/refresh token' && attempts.length === 0;
}

/** Within one of the limit: the next authorization but one ends a grant. */
export function budgetFindings(facts: AppFacts): readonly Finding[] {
  if (!keepsRefreshTokens(facts)) return [];
  const { grantLimit } = facts.config;
  const near = facts.sample.filter(({ connection, ledger }) =>
    isNear(budgetOf(connection, ledger, grantLimit, facts.now)),
  );
  if (near.length === 0) return [];
  return [
    {
      code: 'grants_near_limit',
      severity: 'warning',
      summary: `${counted(near.length, 'user')} may have ${grantLimit - 1} or more of the ${grantLimit} grants that Salesforce keeps.`,
      evidence: [
        `Believed by the ledger, which counts grants whose revocation is owed and attempts that were never answered: ${named(near.map(({ connection }) => connection))}`,
        ...sampleEvidence(facts),
      ],
      remedy:
        "Have the app's old entries removed: by the user (personal settings > OAuth Connected Apps) or an administrator (Setup > OAuth Usage); then PUT the configuration of one of the connection's integrations, which reads Salesforce's list anew where salesforceName is configured.",
      page: pageOf('grant_limit'),
    },
  ];
}

/** Asked for, and not given: the app does not have them in Salesforce. */
export function scopeFindings(facts: AppFacts): readonly Finding[] {
  if (!keepsRefreshTokens(facts)) return [];
  const lacking = grantsOf(facts).flatMap(({ connection, grant }) => {
    const missing = facts.config.scopes.filter((scope) => !gives(grant.scopes, scope));
    return grant.scopes.length === 0 || missing.length === 0 ? [] : [{ connection, missing }];
  });
  if (lacking.length === 0) return [];
  const scopes = [...new Set(lacking.flatMap(({ missing }) => missing))].toSorted();
  return [
    {
      code: 'scopes_missing',
      severity: 'warning',
      summary: `${counted(lacking.length, 'connection lacks', 'connections lack')} scopes that the configuration asks for: ${scopes.join(', ')}.`,
      evidence: [named(lacking.map(({ connection }) => connection)), ...sampleEvidence(facts)],
      remedy: `${appSettings}: add them to Selected OAuth Scopes; a connection gets them with its next authorization. If they are not needed, take them out of apps.${facts.app}.scopes.`,
    },
  ];
}

function gives(given: readonly string[], scope: string): boolean {
  const offline = ['refresh_token', 'offline_access'];
  if (offline.includes(scope)) return given.some((one) => offline.includes(one));
  return given.includes(scope) || given.includes('full');
}

/** How long sessions live, and how that is known. */
export function sessionFindings(facts: AppFacts): readonly Finding[] {
  const learnt = grantsOf(facts).flatMap(({ grant }) => (grant.session === undefined ? [] : [grant.session]));
  if (learnt.length === 0) return [];
  const kinds = Object.groupBy(learnt, ({ source, lengthMs }) => `${lengthText(lengthMs)} (${source})`);
  const evidence = Object.entries(kinds)
    .sort(([, a = []], [, b = []]) => b.length - a.length)
    .slice(0, 10)
    .map(([kind, all = []]) => `${all.length} × ${kind}`);
  const assumed = learnt.filter(({ source }) => source === 'assumed').length;
  return [
    {
      code: 'session_lengths',
      severity: 'info',
      summary:
        assumed === 0
          ? `The session length of ${counted(learnt.length, 'connection')} is learnt from Salesforce.`
          : `The session length of ${assumed} of ${counted(learnt.length, 'connection')} is assumed: introspection told none.`,
      evidence: [...evidence, ...sampleEvidence(facts)],
      remedy:
        assumed === 0
          ? 'Nothing is to be done.'
          : `Where sessions are shorter than two hours, tokens end before they are refreshed: let the app introspect its tokens, or set its session timeout to two hours or more (${appPolicies}, or Setup > Session Settings).`,
    },
  ];
}

function lengthText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return minutes % 60 === 0 ? counted(minutes / 60, 'hour') : counted(minutes, 'minute');
}
