/** Every secret of the simulation begins with the same mark, so that one in the clear is found wherever it lies. */
export const clearMark = '!clear-';

/** `!clear-refresh-3-1`; dashes, for a token with two dots would be read as a JWT. */
export function clear(kind: 'access' | 'refresh' | 'code' | 'secret', ...numbers: number[]): string {
  return [`${clearMark}${kind}`, ...numbers].join('-');
}
