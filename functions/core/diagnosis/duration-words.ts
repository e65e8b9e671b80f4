/** A length of time as a person says it: exact enough for evidence, in the largest unit of which there are two. */

const units: readonly [name: string, ms: number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
];

export function durationWords(ms: number): string {
  const [name, unitMs] = units.find(([, length]) => ms >= 2 * length) ?? (['second', 1_000] as const);
  const tenths = Math.round((Math.max(0, ms) / unitMs) * 10) / 10;
  return `${tenths} ${name}${tenths === 1 ? '' : 's'}`;
}
