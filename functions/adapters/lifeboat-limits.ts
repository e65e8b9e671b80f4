/** Limits of the port `Lifeboat` that every implementation holds to. */

/** Of `list`, the most that S3 lists at once. */
const maxLifeboatLimit = 1000;
/** What `ofConnection` answers at most. */
export const maxOfConnection = 100;

/** @throws RangeError unless `limit` is an integer from 1 to `maxLifeboatLimit` */
export function checkLifeboatLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= maxLifeboatLimit) return;
  throw new RangeError(`limit must be an integer from 1 to ${maxLifeboatLimit}; got ${limit}`);
}
