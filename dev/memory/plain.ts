/** A deep copy without undefined members, as DynamoDB's marshaller leaves it: what is stored is nobody else's. */
export function plain<T>(value: T): T {
  if (Array.isArray(value)) return value.map(plain) as T;
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined) copy[name] = plain(member);
  }
  return copy as T;
}
