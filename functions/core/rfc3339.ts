/** Milliseconds inside, RFC 3339 in UTC outside. */
export function rfc3339(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
