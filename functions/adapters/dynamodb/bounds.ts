/** Limits that every store holds its callers to; what is outside is a bug of the caller, not an outcome. */

export const maxDueLimit = 1000;
export const maxListLimit = 100;
export const maxUsesLimit = 1000;
export const maxWatchesLimit = 200;
export const maxCountLimit = 100_000;
/** Of fifteen digits. */
const maxInstant = 999_999_999_999_999;
/** Salesforce's own limit is 80. */
const maxUsernameLength = 256;

/** @throws RangeError unless `limit` is an integer from 1 to `max` */
export function checkLimit(limit: number, max: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > max) {
    throw new RangeError(`limit must be an integer from 1 to ${max}; got ${limit}`);
  }
}

/** @throws RangeError unless `shard` is one of the store's */
export function checkShard(shard: number, shards: number): void {
  if (!Number.isInteger(shard) || shard < 0 || shard >= shards) {
    throw new RangeError(`shard must be an integer from 0 to ${shards - 1}; got ${shard}`);
  }
}

/** @throws RangeError unless `instant` is a time that is sorted by its digits */
export function checkInstant(name: string, instant: number): void {
  if (!Number.isInteger(instant) || instant < 0 || instant > maxInstant) {
    throw new RangeError(`${name} must be in milliseconds since the epoch, at most ${maxInstant}; got ${instant}`);
  }
}

/** @throws RangeError unless `username` has 1 to 256 characters; it is not repeated, for it names a person */
export function checkUsername(username: string): void {
  if (username.length < 1 || username.length > maxUsernameLength) {
    throw new RangeError(`a username has 1 to ${maxUsernameLength} characters; got ${username.length}`);
  }
}

/** @throws RangeError unless a new item begins at revision 1 */
export function checkCreate(item: { readonly revision: number }): void {
  if (item.revision !== 1) throw new RangeError(`a new item has revision 1; got ${item.revision}`);
}

/** @throws RangeError unless `after` is the next revision of the same item */
export function checkReplace(
  before: { readonly key: string; readonly revision: number },
  after: { readonly key: string; readonly revision: number },
): void {
  if (after.key !== before.key) {
    throw new RangeError(`a write may not move an item: it was read as ${before.key} and is written as ${after.key}`);
  }
  if (after.revision !== before.revision + 1) {
    throw new RangeError(`after revision ${before.revision} comes ${before.revision + 1}; got ${after.revision}`);
  }
}
