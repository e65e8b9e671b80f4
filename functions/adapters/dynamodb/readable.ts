/** The boundary on the way in: an item of another version, or a broken one, is named and refused, never guessed at. */
import type * as z from 'zod/mini';
import { UnreadableItemError } from '../../core/errors.ts';

/**
 * `item` itself, so that every key that the schema does not know stays.
 *
 * @param key names the item in the error, which holds none of its contents
 * @throws UnreadableItemError
 */
export function readable<Item>(key: string, item: Readonly<Record<string, unknown>>, schema: z.ZodMiniType): Item {
  if (item.version !== 1) {
    throw new UnreadableItemError(
      `item ${key} has version ${printed(item.version)}; this release reads version 1. Deploy the release that wrote it`,
    );
  }
  const result = schema.safeParse(item);
  if (!result.success) {
    const paths = result.error.issues.slice(0, 5).map((issue) => issue.path.map(String).join('.'));
    throw new UnreadableItemError(
      `item ${key} of version 1 is damaged at ${paths.join(', ')}; restore that item from a backup. What Salesforce answers for it waits in the lifeboat until then`,
    );
  }
  return item as Item;
}

function printed(version: unknown): string {
  return typeof version === 'number' ? String(version) : `of type ${typeof version}`;
}
