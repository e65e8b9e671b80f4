/** Findings on connections that wait for somebody: the user, who must authorize again, or the org's administrator. */

import { counted } from './counted.ts';
import { type Diagnosis, diagnose } from './diagnosis.ts';
import { tokenLimitsOf } from './expiry-ahead.ts';
import type { Finding } from './health.ts';
import { type AppFacts, keepsRefreshTokens, named, type SampledConnection } from './health-facts.ts';
import { forActor } from './who-acts.ts';

type NeedingStatus = Extract<Finding['code'], 'reauthorization_required' | 'admin_action_required'>;

const words: Readonly<Record<NeedingStatus, readonly [one: string, many: string]>> = {
  reauthorization_required: ['connection must be authorized again', 'connections must be authorized again'],
  admin_action_required: [
    "connection waits for its org's Salesforce administrator",
    "connections wait for their orgs' Salesforce administrators",
  ],
};

export function needingFindings(facts: AppFacts): readonly Finding[] {
  return (['admin_action_required', 'reauthorization_required'] as const).flatMap((status) => needing(facts, status));
}

interface Case {
  readonly connection: SampledConnection['connection'];
  readonly diagnosis: Diagnosis;
}

/** Causes whose remedy is told, the most frequent first. */
const causesTold = 3;

function needing(facts: AppFacts, status: NeedingStatus): readonly Finding[] {
  const cases = casesOf(facts, status);
  // The count is of an index, which lags behind what was read.
  const count = Math.max(facts.counts.by_status[status], cases.length);
  if (count === 0) return [];
  const byCause = Object.entries(Object.groupBy(cases, ({ diagnosis }) => diagnosis.cause))
    .map(([cause, all = []]) => ({ cause, all }))
    .sort((a, b) => b.all.length - a.all.length || (a.cause < b.cause ? -1 : 1));
  const page = byCause[0]?.all[0]?.diagnosis.page;
  return [
    {
      code: status,
      severity: 'action',
      summary: `${counted(count, ...words[status])}.`,
      evidence: [
        ...(cases.length === count || cases.length === 0
          ? []
          : [`The causes are those of the ${cases.length} that were looked at.`]),
        ...byCause.map(
          ({ cause, all }) =>
            `${all.length} × ${cause} (${sureness(all)}): ${named(all.map(({ connection }) => connection))}`,
        ),
      ],
      remedy:
        remedyOf(byCause.slice(0, causesTold)) ?? `GET /connections?app=${facts.app}&status=${status} lists them.`,
      ...(page === undefined ? {} : { page }),
    },
  ];
}

function sureness(cases: readonly Case[]): string {
  return [...new Set(cases.map(({ diagnosis }) => diagnosis.confidence))].toSorted().join(' or ');
}

function casesOf(facts: AppFacts, status: NeedingStatus): readonly Case[] {
  return facts.sample.flatMap(({ connection, ledger }) => {
    if (connection.status !== status) return [];
    const diagnosis = diagnose(connection, {
      ledger,
      app: facts.state,
      limits: tokenLimitsOf(facts.config),
      grantLimit: keepsRefreshTokens(facts) ? facts.config.grantLimit : undefined,
      now: facts.now,
    });
    return diagnosis === undefined ? [] : [{ connection, diagnosis }];
  });
}

function remedyOf(causes: readonly { cause: string; all: readonly Case[] }[]): string | undefined {
  const remedies = causes.flatMap(({ cause, all }) => {
    const diagnosis = all[0]?.diagnosis;
    return diagnosis === undefined ? [] : [{ cause, remedy: forActor(diagnosis.actor, diagnosis.remedy) }];
  });
  const distinct = new Set(remedies.map(({ remedy }) => remedy));
  if (distinct.size <= 1) return remedies[0]?.remedy;
  return remedies.map(({ cause, remedy }) => `${cause}: ${remedy}`).join(' ');
}
