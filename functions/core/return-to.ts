/** Where a browser may be sent back to: an exact origin and path of the app's list, any query, no fragment. */
import { isLoopbackHost } from './hosts.ts';

export function isAllowedReturnTo(returnTo: string, allowed: readonly string[], loopback: boolean): boolean {
  const url = URL.parse(returnTo);
  if (url === null || url.hash !== '' || returnTo.includes('#') || url.username !== '' || url.password !== '')
    return false;
  if (loopback && url.protocol === 'http:' && isLoopbackHost(url.hostname)) return true;
  return allowed.some((entry) => {
    const listed = URL.parse(entry);
    return listed !== null && listed.origin === url.origin && listed.pathname === url.pathname;
  });
}

/** The address with the session's outcome in its query. What is `undefined` now must not look as if it came from us. */
export function returnAddress(returnTo: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const url = new URL(returnTo);
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return url.href;
}
