/** How long, as a person says it; what is begun of an hour or a day is left out. */

const hourMs = 3_600_000;

/** Below three days in hours, `47 hours`; from then on in days. Not below nothing. */
export function inWords(ms: number): string {
  const hours = Math.max(0, Math.floor(ms / hourMs));
  return hours < 72 ? plural(hours, 'hour') : plural(Math.floor(hours / 24), 'day');
}

function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
