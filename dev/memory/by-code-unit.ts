/** By code unit, as DynamoDB orders what is ASCII; `localeCompare` would not. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
