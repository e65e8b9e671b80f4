/** What the bill supposes of a deployment; change it and run `npm run cost` for your own. */
export interface Assumptions {
  readonly connectionsPerOrg: number;
  /** Share of connections that are read all the day; the others are idle. */
  readonly inUseShare: number;
  /** By services that keep a token for a while, as `refresh_after` invites them to. */
  readonly readsPerDayInUse: number;
  /** Of an idle connection in a month: each finds its token ended, and asks for a refresh. */
  readonly readsPerMonthIdle: number;
  /** New connections in a month, of those that are there. */
  readonly connectedShare: number;
  /** Connections of one org that are due together. */
  readonly refreshesPerBatch: number;
  readonly apps: number;
}

export const assumptions: Assumptions = {
  connectionsPerOrg: 50,
  inUseShare: 0.3,
  readsPerDayInUse: 48,
  readsPerMonthIdle: 2,
  connectedShare: 0.02,
  refreshesPerBatch: 3,
  apps: 1,
};

export const daysPerMonth = 365 / 12;

/** Hours between two refreshes (`core/cadence.ts`: three quarters of two hours, and a day; jitter takes a twentieth on average). */
export const refreshEachHours = { inUse: 1.5 * 0.95, idle: 24 * 0.95 };

/** Modelled, in milliseconds: what a function waits for while it is billed. */
export const waitsMs = {
  dynamodb: 5,
  keys: 15,
  queue: 10,
  salesforce: 300,
  lifeboat: 20,
  invocation: 10,
};

/** Lambda's own measure: with so much memory a function has one whole processor, with less its share of it. */
export const memoryOfProcessorMib = 1_769;

/** Modelled, in bytes: Lambda's own START, END and REPORT lines, and a line of the API's access log. */
export const platformLogBytes = { invocation: 330, request: 280 };
/** Modelled: each event source polls with five threads that wait 20 s. */
export const idleReceivesPerMinute = 15;
/** A process keeps data keys and client secrets for so long. */
export const cachedSeconds = 300;
/** Of a client secret, each asked for by itself: the current one, the one staged beside it, the one before. */
export const secretStages = 3;
/** Lambda's own limit: so many requests a second to an instance, however short they are. */
export const requestsPerSecondOfInstance = 10;
