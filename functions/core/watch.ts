/**
 * What is watched beside single connections: an org, whose connections may fail together (`invalid_grant_spike`), and all
 * the orgs of an app (`fleet_incident`). An item each, made at the first failure: it holds what is open, and its alerts as
 * duties of the very write that opens, escalates or resolves it, so that there is one incident however many see it.
 *
 * Nothing is counted here. Who fails, who was tried and who recovered stands in the connections; a count is read from
 * them, so it counts each once and cannot drift (decision 0014).
 *
 * Times are milliseconds since the epoch.
 */
import type { Duty } from './duty.ts';
import type { Tally } from './grant.ts';
import type { Versioned } from './versioned.ts';

export type WatchKind =
  /** One org: connections that fail newly, class dead or admin. */
  | 'org'
  /** All orgs of an app that fail so. */
  | 'fleet_revocation'
  /** All orgs of an app whose requests Salesforce does not answer or puts off: an outage costs no token. */
  | 'fleet_outage';

export interface Watch extends Versioned {
  readonly id: string;
  readonly kind: WatchKind;
  readonly app: string;
  /** Of kind `org`. */
  readonly orgId?: string;
  /** The last write that was news: finds what is recent. */
  readonly activeAt: number;
  /** Of kind `org`: when a connection of it last failed newly. */
  readonly failedAt?: number;
  /** Of kind `org`: when a connection of it was last refused for now, or not answered, more than once in a row. */
  readonly unansweredAt?: number;
  /** When the connections were last counted: large orgs, and fleets, are counted seldom. */
  readonly judgedAt?: number;
  /** Of a large org: as many connections as were looked at then. Of a fleet: as many orgs as failed then. */
  readonly looked?: number;
  readonly incident?: OpenIncident;
  /** The last one that is over. */
  readonly closed?: ClosedIncident;
  /** Of kind `org`: who else is made due, wave by wave. */
  readonly pull?: Pull;
  /** When a recovery of connections that an incident had absorbed was last told. */
  readonly recoveryToldAt?: number;
  /** Of kind `org`: the last warning of tokens that idle. */
  readonly idleNotice?: IdleNotice;
  readonly duties: Readonly<Record<string, Duty>>;
}

export interface OpenIncident {
  /** Stable; begins the ids of all its alerts. */
  readonly id: string;
  readonly openedAt: number;
  readonly cause: string;
  /** Of an org: connections; of a fleet: orgs. In the window, as last counted. */
  readonly tally: Tally;
  /** All that failed since it opened, those before in its window too. */
  readonly failed: number;
  /** As many as the last alert foretold: twice as many are told anew. */
  readonly told: number;
  readonly escalations: number;
  /** The incident of the whole fleet that tells of this one: no alert of its own does. */
  readonly absorbedBy?: string;
  readonly lastFailureAt: number;
  /** Of an org: its connections; of a fleet: its orgs. As many as were looked at. */
  readonly size: number;
  /** For a reader. At most five. */
  readonly connectionIds: readonly string[];
  readonly evidence: readonly string[];
}

export interface ClosedIncident {
  readonly id: string;
  readonly cause: string;
  readonly openedAt: number;
  readonly closedAt: number;
  /** The last failure that it counted, and told: what came later is news. */
  readonly lastFailureAt: number;
  /** As of the open one. */
  readonly absorbedBy?: string;
  readonly failed: number;
  /** Of those, how many still failed when it closed. */
  readonly left: number;
  readonly connectionIds: readonly string[];
  readonly evidence: readonly string[];
}

/** Of all of an org's refresh tokens whose idle limit ends by `until`. */
export interface IdleNotice {
  readonly at: number;
  readonly until: number;
}

export interface Pull {
  /** The failure that began it: who was tried since need not be. */
  readonly since: number;
  /** Of the last wave. */
  readonly at: number;
  /** 0: the first one is under way. */
  readonly waves: number;
}

/** The alerts of an incident begin with its id: of which one is this? */
export function isOf<I extends { readonly id: string }>(alertId: string, incident: I | undefined): incident is I {
  return incident !== undefined && (alertId === incident.id || alertId.startsWith(`${incident.id}.`));
}

export function orgWatchId(app: string, orgId: string): string {
  return `${app}.${orgId}`;
}

/** No org id begins so. */
export function fleetWatchId(app: string, kind: Exclude<WatchKind, 'org'>): string {
  return `${app}.${kind}`;
}
