/**
 * How long things may take, each under the next: HTTP timeout 40 s < function timeout 60 s < lease 75 s. An aborted
 * request may be a lost grant, so we wait long for Salesforce; and whoever finds an expired lease knows that its owner
 * is dead.
 */
export const httpTimeoutMs = 40_000;
export const leaseMs = 75_000;
/** What must remain the instant before a request is sent. */
export const leaseNeededMs = 60_000;
export const functionTimeNeededMs = 45_000;

/** After the exchange's lease, what it stored has this long to be found by `maintain`. */
const foundLaterMs = 3 * 60_000;

/** An exchange that began so long ago and left no word is lost: its process died, or no answer came. */
export const exchangeLostMs: number = leaseMs + foundLaterMs;
