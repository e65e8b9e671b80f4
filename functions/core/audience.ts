/**
 * Whom an assertion is meant for (facts §8): a login host, a My Domain or an Experience Cloud site's URL, as the deployer
 * wrote it or else the host that is asked. A pair that cannot fit is found at synth, for Salesforce would refuse each
 * login with `audience is invalid`.
 */
import type { AppConfig } from './config.ts';
import { hostKindOf } from './hosts.ts';

/** A request may name another host than the app's own: what was written for that one does not fit every other. */
export function audienceOf({ audience }: Pick<AppConfig, 'audience'>, loginUrl: string): string {
  if (audience !== undefined && pairMessage(audience, loginUrl) === undefined) return audience;
  if (hostKindOf(loginUrl) !== 'instance') return loginUrl;
  // The machines' own names are no audience.
  return environmentOf(loginUrl) === 'test' ? testAudience : productionAudience;
}

/** Why an app's audience cannot be; `undefined`: it may be right. */
export function audienceMessage({ audience, loginUrl }: Pick<AppConfig, 'audience' | 'loginUrl'>): string | undefined {
  return audience === undefined ? undefined : (formMessage(audience, loginUrl) ?? pairMessage(audience, loginUrl));
}

const productionAudience = 'https://login.salesforce.com';
const testAudience = 'https://test.salesforce.com';

function formMessage(audience: string, loginUrl: string): string | undefined {
  const url = URL.parse(audience);
  if (url === null) return `must be a URL such as ${productionAudience}; got ${audience}`;
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    return `must have no user, query or fragment; got ${url.origin}${url.pathname}`;
  }
  // The one extra origin may be plain http on loopback, and is judged where it is configured.
  const kind = hostKindOf(audience);
  if (kind === undefined && url.origin === originOf(loginUrl)) return writtenMessage(url, audience);
  if (url.protocol !== 'https:') return `must be https; got ${audience}`;
  if (kind === undefined || kind === 'instance') {
    return `must be ${productionAudience}, ${testAudience}, a My Domain or the URL of an Experience Cloud site; got ${audience}`;
  }
  if (kind !== 'site' && url.pathname !== '/') return `must have no path: only a site's URL has one; got ${audience}`;
  return writtenMessage(url, audience);
}

/** Salesforce compares it as text. */
function writtenMessage({ origin, pathname }: URL, audience: string): string | undefined {
  const written = `${origin}${pathname.replace(/\/+$/, '')}`;
  return written === audience ? undefined : `must be written as ${written}; got ${audience}`;
}

/** What cannot fit together, as far as the names tell. */
function pairMessage(audience: string, loginUrl: string): string | undefined {
  const [of, at] = [hostKindOf(audience), hostKindOf(loginUrl)];
  if (of === undefined && originOf(audience) !== originOf(loginUrl)) {
    return `is none of Salesforce's hosts, and not that of the loginUrl ${loginUrl}; got ${audience}`;
  }
  if (of === at && (of === 'my_domain' || of === 'site') && originOf(audience) !== originOf(loginUrl)) {
    return `is another org's than the loginUrl ${loginUrl}; got ${audience}`;
  }
  const [meant, asked] = [environmentOf(audience), environmentOf(loginUrl)];
  if (meant === undefined || asked === undefined || meant === asked) return undefined;
  const right = asked === 'test' ? testAudience : productionAudience;
  return `does not fit the loginUrl ${loginUrl}, ${environments[asked]}: set ${right}, or leave it out; got ${audience}`;
}

const environments = { production: 'where production orgs log in', test: 'where sandboxes log in' } as const;
type Environment = keyof typeof environments;

const testPartition = /\.(?:sandbox|scratch)\.my\./;
const productionPartition = /\.(?:develop|trailblaze)\.my\./;
/** Of a sandbox, before My Domains had partitions; instances of sandboxes. */
const testName = /^(?:[a-z0-9-]+--[a-z0-9-]+\.my\.|cs[0-9]+\.salesforce\.com$)/;
const productionName = /^(?:na|eu|ap)[0-9]+\.salesforce\.com$/;

/** `undefined`: the name does not tell. A My Domain without a partition may be a scratch org's. */
function environmentOf(url: string): Environment | undefined {
  if (hostKindOf(url) === undefined) return undefined;
  const host = URL.parse(url)?.hostname ?? '';
  if (host === 'login.salesforce.com' || productionPartition.test(host) || productionName.test(host))
    return 'production';
  if (host === 'test.salesforce.com' || testPartition.test(host) || testName.test(host)) return 'test';
  return undefined;
}

function originOf(url: string): string | undefined {
  return URL.parse(url)?.origin;
}
