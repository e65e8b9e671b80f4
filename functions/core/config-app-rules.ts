/**
 * What an app's settings must be beside their form: the login host, and which settings a flow has at all.
 *
 * A setting without effect in the app's flow is refused, for whoever wrote it believes that it does something. A parsed
 * configuration is parsed again, at synth and at cold start, with its defaults filled in: so the value that parsing
 * fills in is taken, and it is always one that says what the flow does.
 */
import { audienceMessage } from './audience.ts';
import type { AppConfig } from './config.ts';
import { defaultLoginUrl } from './config-schema.ts';
import type { ConfigurationProblem } from './errors.ts';
import { hostKindOf, isLoopbackHost, loginOrigin } from './hosts.ts';

export function appProblems(name: string, app: AppConfig, salesforceOrigin?: string): ConfigurationProblem[] {
  const problems: [key: string, message: string | undefined][] = [
    ['loginUrl', loginUrlMessage(app, salesforceOrigin)],
    ['scopes', scopesMessage(app)],
    ...app.returnTo.map((address, index): [string, string | undefined] => [
      `returnTo.${index}`,
      returnToMessage(address),
    ]),
    ...(app.flow === 'authorization_code' ? onlyWithoutBrowser(app) : onlyWithBrowser(app)),
    ...(app.flow === 'jwt_bearer' ? ofAssertions(app) : onlyForAssertions(app)),
    ...(app.flow === 'client_credentials' ? ofClients(app) : []),
    ['clientSecretMaxAgeDays', secretAgeMessage(app)],
  ];
  return problems.flatMap(([key, message]) =>
    message === undefined ? [] : [{ path: `apps.${name}.${key}`, message }],
  );
}

type Finding = [key: keyof AppConfig, message: string | undefined];

function onlyWithBrowser(app: AppConfig): Finding[] {
  const none = `has no effect with flow ${app.flow}, which has no browser: leave it out`;
  const keeps = `has no effect with flow ${app.flow}, which has no refresh token: leave it out`;
  return [
    ['purpose', app.purpose === 'api' ? undefined : `must be api with flow ${app.flow}: nobody signs in by it`],
    ['returnTo', app.returnTo.length === 0 ? undefined : none],
    ['claim', app.claim ? none : undefined],
    ['grantLimit', app.grantLimit === 5 ? undefined : `${keeps}; it spends no grant`],
    ['idleLimitDays', app.idleLimitDays === undefined ? undefined : keeps],
    ['lifetimeLimitDays', app.lifetimeLimitDays === undefined ? undefined : keeps],
    // Its list of grants would be compared with a token that is none.
    ['salesforceName', app.salesforceName === undefined ? undefined : keeps],
  ];
}

function onlyWithoutBrowser({ flow, loginsPerHour }: AppConfig): Finding[] {
  const message = `has no effect with flow ${flow}, which refreshes without a login: leave it out`;
  return [['loginsPerHour', loginsPerHour === 3_600 ? undefined : message]];
}

function ofAssertions(app: AppConfig): Finding[] {
  const message = 'must be left out with flow jwt_bearer: the assertion is signed, no client secret goes with it';
  return [
    ['audience', audienceMessage(app)],
    ['clientAuthentication', app.clientAuthentication === 'none' ? undefined : message],
  ];
}

function onlyForAssertions({ flow, signingKey, audience }: AppConfig): Finding[] {
  const message = `has no effect with flow ${flow}, which signs nothing: leave it out, or set flow to jwt_bearer`;
  return [
    ['signingKey', signingKey === 'kms' ? undefined : message],
    ['audience', audience === undefined ? undefined : message],
  ];
}

function ofClients({ clientAuthentication }: AppConfig): Finding[] {
  const message = 'must be secret with flow client_credentials: the secret is all that says who asks';
  return [['clientAuthentication', clientAuthentication === 'secret' ? undefined : message]];
}

function secretAgeMessage({ clientAuthentication, clientSecretMaxAgeDays }: AppConfig): string | undefined {
  if (clientAuthentication === 'secret' || clientSecretMaxAgeDays === 365) return undefined;
  return 'has no effect with clientAuthentication none, which has no client secret: leave it out';
}

function loginUrlMessage({ flow, loginUrl }: AppConfig, salesforceOrigin: string | undefined): string | undefined {
  if (loginOrigin(loginUrl, salesforceOrigin) !== loginUrl) {
    return `must be an https origin of Salesforce, such as ${defaultLoginUrl} or https://example.my.salesforce.com, without a path or a slash at the end; got ${loginUrl}`;
  }
  if (flow !== 'client_credentials' || loginUrl === salesforceOrigin || hostKindOf(loginUrl) === 'my_domain') {
    return undefined;
  }
  return `must be the org's My Domain, such as https://example.my.salesforce.com: Salesforce takes client_credentials nowhere else; got ${loginUrl}`;
}

function scopesMessage({ flow, purpose, scopes }: AppConfig): string | undefined {
  const keeping = scopes.filter((scope) => scope === 'refresh_token' || scope === 'offline_access');
  if (flow !== 'authorization_code') {
    return keeping.length === 0
      ? undefined
      : `must not hold ${keeping.join(' or ')} with flow ${flow}: no scopes are sent and no refresh token comes; Salesforce gives the app's own scopes, so leave them out`;
  }
  if (purpose === 'sign_in' && keeping.length > 0) {
    return `must not hold ${keeping.join(' or ')}: an app with purpose sign_in keeps no token, and each would spend one of the user's grants; use a second app with purpose api`;
  }
  if (scopes.length === 0) return 'must name at least one scope, or be left out';
  if (purpose === 'api' && keeping.length === 0) {
    return `must hold refresh_token or offline_access, else no token could be kept; got ${scopes.join(' ')}`;
  }
  return undefined;
}

function returnToMessage(address: string): string | undefined {
  const url = URL.parse(address);
  if (url === null) return `must be an absolute URL; got ${address}`;
  if (!secureOrLoopback(url)) return `must be https (http only on loopback); got ${address}`;
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    return `must have no query, fragment or user: it is matched by origin and path; got ${url.origin}${url.pathname}`;
  }
  return undefined;
}

export function secureOrLoopback(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}
