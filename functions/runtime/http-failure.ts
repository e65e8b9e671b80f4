/** What a caller is told of an exception: as much as helps, and nothing of an error that nobody foresaw. */
import {
  AppMisconfiguredError,
  ConfigurationQueueError,
  KeysUnavailableError,
  LifeboatUnavailableError,
  SealError,
  StoreUnavailableError,
  TableRestoredError,
  UnreadableItemError,
} from '../core/errors.ts';
import type { Log } from '../core/ports.ts';
import type { Problem } from '../core/problem.ts';
import { redact, redactText } from './redaction.ts';

/** Until a person has acted. */
const restoredRetrySeconds = 60;
/** DynamoDB's throttling and short outages pass within seconds. */
const storeRetrySeconds = 5;

export function problemOf(error: unknown, requestId: string, log: Log): Problem {
  const { logged, problem, fields } = tellingOf(error, requestId);
  log.error(logged, { request_id: requestId, ...fields, error: redact(error) });
  return problem;
}

interface Telling {
  readonly logged: string;
  readonly problem: Problem;
  readonly fields?: Readonly<Record<string, string>>;
}

function tellingOf(error: unknown, requestId: string): Telling {
  const passing = unavailable.find(({ by }) => error instanceof by);
  if (passing !== undefined) return { logged: passing.logged, problem: comeAgain(passing.detail, storeRetrySeconds) };
  if (error instanceof TableRestoredError) {
    return { logged: 'The table is a copy of another', problem: comeAgain(error.message, restoredRetrySeconds) };
  }
  if (error instanceof AppMisconfiguredError) {
    const problem: Problem = { code: 'app_misconfigured', detail: redactText(error.message) };
    return { logged: 'An app is not configured correctly', problem, fields: { app: error.app } };
  }
  if (error instanceof SealError) {
    const detail = `A stored token cannot be opened: its data key is gone, or is another. Authorizing again makes new ones; the log names the key under request ${requestId}.`;
    return { logged: 'A stored token cannot be opened', problem: ours(detail, requestId) };
  }
  if (error instanceof UnreadableItemError) {
    const detail = `What is stored was written by another release, or is damaged; nothing was changed. The log names the item and what to do under request ${requestId}.`;
    return { logged: 'An item cannot be read', problem: ours(detail, requestId) };
  }
  const detail = `Something failed on our side; the log names the reason under request ${requestId}.`;
  return { logged: 'A request failed', problem: ours(detail, requestId) };
}

/** What passes by itself, so that to repeat the request is right. */
const unavailable = [
  {
    by: StoreUnavailableError,
    logged: 'The store does not answer',
    detail: 'The store does not answer; a write may have happened all the same. Try again in a few seconds.',
  },
  {
    by: KeysUnavailableError,
    logged: 'The key service does not answer',
    detail: 'The key service that seals the tokens does not answer. Nothing is lost; try again in a few seconds.',
  },
  {
    by: LifeboatUnavailableError,
    logged: 'Neither the store nor the lifeboat answers',
    detail: 'Neither the store nor the lifeboat behind it answers. Try again in a few seconds.',
  },
  {
    by: ConfigurationQueueError,
    logged: 'The configuration queue does not answer',
    detail: 'All is stored, but the queue did not take the configuration step. Repeat the request in a few seconds.',
  },
] as const;

function comeAgain(detail: string, retryAfterSeconds: number): Problem {
  return { code: 'store_unavailable', detail, retryAfterSeconds };
}

function ours(detail: string, requestId: string): Problem {
  return { code: 'internal_error', detail, members: { request_id: requestId } };
}
