/**
 * Which hosts Salesforce answers from: login hosts that we may call, and hosts that a response may name.
 *
 * Whole labels are compared: `evil-salesforce.com` and `salesforce.com.evil.org` are not Salesforce. HTTPS only. One
 * extra origin may be configured (a simulator, a proxy).
 */

/**
 * login: the two that know every org. my_domain: one org's own. site: an Experience Cloud site's. instance: the machines'
 * old names.
 */
export type HostKind = 'login' | 'my_domain' | 'site' | 'instance';

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const hostPatterns: readonly (readonly [HostKind, RegExp])[] = [
  ['login', /^(?:login|test)\.salesforce\.com$/],
  [
    'my_domain',
    new RegExp(`^${label}(?:\\.(?:sandbox|develop|scratch|demo|patch|trailblaze))?\\.my\\.salesforce\\.com$`),
  ],
  ['site', new RegExp(`^${label}(?:\\.(?:sandbox|develop|scratch|demo|patch|trailblaze))?\\.my\\.site\\.com$`)],
  ['my_domain', new RegExp(`^${label}\\.my\\.salesforce\\.mil$`)],
  ['my_domain', new RegExp(`^${label}\\.my\\.sfcrmproducts\\.cn$`)],
  ['my_domain', new RegExp(`^${label}\\.my-salesforce\\.com$`)],
  ['instance', /^[a-z]{2,4}[0-9]{1,4}\.salesforce\.com$/],
];

/** True where `url` is an https URL on a Salesforce host, or lies on the extra origin. */
export function isSalesforceUrl(url: string, extraOrigin?: string): boolean {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.username !== '' || parsed.password !== '') return false;
  if (extraOrigin !== undefined && parsed.origin === extraOrigin) return true;
  return hostKindOf(url) !== undefined;
}

/** `undefined`: none of Salesforce's, or not by https. */
export function hostKindOf(url: string): HostKind | undefined {
  const parsed = URL.parse(url);
  if (parsed?.protocol !== 'https:' || parsed.port !== '') return undefined;
  return hostPatterns.find(([, pattern]) => pattern.test(parsed.hostname))?.[0];
}

/**
 * The origin to call for a login URL, or `undefined` where it is none of Salesforce's: no path, query or fragment.
 */
export function loginOrigin(url: string, extraOrigin?: string): string | undefined {
  const parsed = URL.parse(url);
  if (parsed === null || !isSalesforceUrl(url, extraOrigin)) return undefined;
  if (parsed.pathname !== '/' || parsed.search !== '' || parsed.hash !== '') return undefined;
  return parsed.origin;
}

/** True for `127.0.0.0/8`, `[::1]` and `localhost`. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
