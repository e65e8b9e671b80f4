/**
 * The errors of this code base. Expected outcomes are return values; these are for what should not have happened.
 *
 * A message says what, the limit and the value received, and what to do next. No message ever holds a secret.
 */

export abstract class GrantkeeperError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Configuration of the deployer is wrong: `path` says where. */
export class ConfigurationError extends GrantkeeperError {
  readonly code = 'invalid_configuration';
  readonly problems: readonly ConfigurationProblem[];

  constructor(source: string, problems: readonly ConfigurationProblem[]) {
    super(`${source} is not valid:\n${problems.map(({ path, message }) => `  ${path}: ${message}`).join('\n')}`);
    this.problems = problems;
  }
}

export interface ConfigurationProblem {
  readonly path: string;
  readonly message: string;
}

/** The store did not take or answer something after bounded tries. The outcome of a write may be unknown. */
export class StoreUnavailableError extends GrantkeeperError {
  readonly code = 'store_unavailable';
}

/** The table is a copy of another at an older moment: nothing may be refreshed, authorized or revoked before it is adopted. */
export class TableRestoredError extends GrantkeeperError {
  readonly code = 'table_restored';
}

/** The lifeboat did not take or answer something. */
export class LifeboatUnavailableError extends GrantkeeperError {
  readonly code = 'lifeboat_unavailable';
}

/** A configuration request was not queued, or it is not known; who asked for it asks again. */
export class ConfigurationQueueError extends GrantkeeperError {
  readonly code = 'configuration_queue_unavailable';
}

/** The key service did not wrap or unwrap a data key. Nothing is lost: what is sealed stays sealed. */
export class KeysUnavailableError extends GrantkeeperError {
  readonly code = 'keys_unavailable';
}

/** An app of the configuration cannot be used: its client secret is unset or unreadable. */
export class AppMisconfiguredError extends GrantkeeperError {
  readonly code = 'app_misconfigured';
  readonly app: string;

  constructor(app: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.app = app;
  }
}

/** A sealed value did not open: wrong key, wrong item, or damaged. */
export class SealError extends GrantkeeperError {
  readonly code = 'seal_broken';
}

/**
 * An item names a host that is none of Salesforce's, and no extra origin of the configuration: it was changed by another
 * hand, or the configuration lost the origin. Nothing was sent.
 */
export class ForeignHostError extends GrantkeeperError {
  readonly code = 'foreign_host';

  /** @param what `login host` or `instance` */
  constructor(what: string, url: string) {
    super(foreignHostMessage(what, url));
  }
}

/** @param url of which only the origin is told: what follows may be anything */
export function foreignHostMessage(what: string, url: string): string {
  const origin = URL.parse(url)?.origin ?? 'that is no URL';
  return (
    `The item names the ${what} ${origin}, which is none of Salesforce's and not salesforceOrigin of the configuration: ` +
    'nothing is sent there. Where salesforceOrigin was taken out of the configuration, put it back; else somebody changed ' +
    'the item: see docs/runbooks/leaked-secret.md.'
  );
}

/** A stored item or a message is not of a version that this release reads. */
export class UnreadableItemError extends GrantkeeperError {
  readonly code = 'unreadable_item';
}

/**
 * The store takes no write there, for now: it refuses, or what lies there is another release's. What must not be lost goes
 * into the lifeboat.
 */
export function takesNoWrite(error: unknown): error is StoreUnavailableError | UnreadableItemError {
  return error instanceof StoreUnavailableError || error instanceof UnreadableItemError;
}
