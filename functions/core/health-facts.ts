/** What the findings on an app rest on: its configuration, what is stored of it, and a sample of its connections. */
import type { AppState } from './circuit.ts';
import type { AppConfig } from './config.ts';
import type { Connection } from './connection.ts';
import { counted } from './counted.ts';
import type { Grant } from './grant.ts';
import type { HealthCounts } from './health.ts';
import type { Ledger } from './ledger.ts';

export interface AppFacts {
  readonly app: string;
  readonly config: AppConfig;
  /** False: the local stack, whose settings are for one person on one machine. */
  readonly deployed: boolean;
  /** Of all its connections. */
  readonly counts: HealthCounts;
  /** Of some of them: at most a hundred. */
  readonly sample: readonly SampledConnection[];
  readonly state: AppState | undefined;
  /** The addresses from which requests leave, where they are fixed. */
  readonly egressAddresses: readonly string[];
  readonly now: number;
}

export interface SampledConnection {
  readonly connection: Connection;
  /** Of flow `authorization_code`. */
  readonly ledger?: Ledger | undefined;
}

/** Those of the sample that hold a grant. */
export function grantsOf({ sample }: AppFacts): readonly { connection: Connection; grant: Grant }[] {
  return sample.flatMap(({ connection }) =>
    connection.grant === undefined ? [] : [{ connection, grant: connection.grant }],
  );
}

/** A browser authorizes it, and its refresh tokens are kept. */
export function keepsRefreshTokens({ config }: AppFacts): boolean {
  return config.flow === 'authorization_code' && config.purpose === 'api';
}

/** What Salesforce asks of partner apps begins with the third production org (facts §2). */
const partnerOrgs = 3;

/** Whether these are production orgs, and whether it is a partner's app, cannot be seen from here. */
export function mayBePartnerApp(facts: AppFacts): boolean {
  return orgsOf(facts) >= partnerOrgs;
}

function orgsOf({ sample }: AppFacts): number {
  return new Set(sample.map(({ connection }) => connection.orgId)).size;
}

/** Beside a finding on what partner apps must have. */
export function partnerEvidence(facts: AppFacts): readonly string[] {
  if (!mayBePartnerApp(facts)) return [];
  return [
    `The connections looked at are of ${orgsOf(facts)} orgs; Salesforce asks this of partner apps that more than two customers' production orgs use.`,
  ];
}

/** Beside what was seen in the sample, where there are others that were not looked at. */
export function sampleEvidence({ sample, counts: { total, complete } }: AppFacts): readonly string[] {
  if (complete && total <= sample.length) return [];
  return [`${sample.length} of ${complete ? '' : 'more than '}${counted(total, 'connection')} were looked at.`];
}

const namedAtMost = 5;

/** For evidence. */
export function named(connections: readonly Pick<Connection, 'id'>[]): string {
  const more = connections.length > namedAtMost ? ` and ${connections.length - namedAtMost} more` : '';
  return `${connections
    .slice(0, namedAtMost)
    .map(({ id }) => id)
    .join(', ')}${more}`;
}

export function days(ms: number): string {
  const whole = Math.floor(ms / (24 * 3_600_000));
  return whole < 1 ? 'less than a day' : counted(whole, 'day');
}
