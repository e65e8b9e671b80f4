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
  if (error instanceof StoreUnavailableError) {
    log.error('The store does not answer', { request_id: requestId, error: redact(error) });
    return {
      code: 'store_unavailable',
      detail: 'The store does not answer; a write may have happened all the same. Try again in a few seconds.',
      retryAfterSeconds: storeRetrySeconds,
    };
  }
  if (error instanceof TableRestoredError) {
    log.error('The table is a copy of another', { request_id: requestId, error: redact(error) });
    return { code: 'store_unavailable', detail: error.message, retryAfterSeconds: restoredRetrySeconds };
  }
  if (error instanceof KeysUnavailableError) {
    log.error('The key service does not answer', { request_id: requestId, error: redact(error) });
    return {
      code: 'store_unavailable',
      detail: 'The key service that seals the tokens does not answer. Nothing is lost; try again in a few seconds.',
      retryAfterSeconds: storeRetrySeconds,
    };
  }
  if (error instanceof LifeboatUnavailableError) {
    log.error('Neither the store nor the lifeboat answers', { request_id: requestId, error: redact(error) });
    return {
      code: 'store_unavailable',
      detail: 'Neither the store nor the lifeboat behind it answers. Try again in a few seconds.',
      retryAfterSeconds: storeRetrySeconds,
    };
  }
  if (error instanceof ConfigurationQueueError) {
    log.error('The configuration queue does not answer', { request_id: requestId, error: redact(error) });
    return {
      code: 'store_unavailable',
      detail: 'All is stored, but the queue did not take the configuration step. Repeat the request in a few seconds.',
      retryAfterSeconds: storeRetrySeconds,
    };
  }
  if (error instanceof AppMisconfiguredError) {
    log.error('An app is not configured correctly', { request_id: requestId, app: error.app, error: redact(error) });
    return { code: 'app_misconfigured', detail: redactText(error.message) };
  }
  if (error instanceof SealError) {
    log.error('A stored token cannot be opened', { request_id: requestId, error: redact(error) });
    return {
      code: 'internal_error',
      detail: `A stored token cannot be opened: its data key is gone, or is another. Authorizing again makes new ones; the log names the key under request ${requestId}.`,
      members: { request_id: requestId },
    };
  }
  if (error instanceof UnreadableItemError) {
    log.error('An item cannot be read', { request_id: requestId, error: redact(error) });
    return {
      code: 'internal_error',
      detail: `What is stored was written by another release, or is damaged; nothing was changed. The log names the item and what to do under request ${requestId}.`,
      members: { request_id: requestId },
    };
  }
  log.error('A request failed', { request_id: requestId, error: redact(error) });
  return {
    code: 'internal_error',
    detail: `Something failed on our side; the log names the reason under request ${requestId}.`,
    members: { request_id: requestId },
  };
}
