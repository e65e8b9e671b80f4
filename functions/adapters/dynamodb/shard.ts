/** Spreads the due and duty indexes over shards, for one index partition takes 1,000 writes a second. */

/** `d#00` to `d#15` with sixteen shards. */
export function shardName(shard: number): string {
  return `d#${String(shard).padStart(2, '0')}`;
}

/** Stable across releases and processes: FNV-1a of the id, 32 bits. */
export function shardOf(id: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash % shards;
}
