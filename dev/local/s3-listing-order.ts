/**
 * S3 lists keys by their bytes. `fauxqs` 2.4.1 sorts them by locale and pages by code unit, so that a page leaves out
 * what lies between upper and lower case; its list is asked for whole here and paged as S3 does.
 */
import type { BuildAppOptions } from 'fauxqs';

type S3Store = NonNullable<BuildAppOptions['stores']>['s3Store'];

export function listByBytes(store: S3Store): void {
  const listAsItIs = store.listObjects.bind(store);
  store.listObjects = (bucket, options = {}) => {
    // Folders are not used here.
    if (options.delimiter !== undefined) return listAsItIs(bucket, options);
    const { prefix, maxKeys = 1000, startAfter = options.marker ?? '' } = options;
    const { objects } = listAsItIs(bucket, { prefix, maxKeys: Number.POSITIVE_INFINITY });
    const rest = objects.filter(({ key }) => compare(key, startAfter) > 0).sort((a, b) => compare(a.key, b.key));
    return { objects: rest.slice(0, maxKeys), commonPrefixes: [], isTruncated: rest.length > maxKeys };
  };
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
