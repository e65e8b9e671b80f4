/**
 * A client app that the tests of the simulator act as, and the clock that they move.
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { defaultOrgs, Simulator, type SimulatorOptions } from '../../../dev/simulator/simulator.ts';

export const origin = 'http://127.0.0.1:4999';
export const redirectUri = 'http://127.0.0.1:3000/oauth/callback';
export const secretApp = {
  clientId: 'local-client',
  clientSecret: 'local-secret',
  redirectUris: [redirectUri],
  scopes: ['api', 'refresh_token'],
};
export const publicApp = { clientId: 'public-client', redirectUris: [redirectUri], scopes: ['api', 'refresh_token'] };
export const [acme, globex] = defaultOrgs as [(typeof defaultOrgs)[0], (typeof defaultOrgs)[0]];
export const ada = acme.users[0] as (typeof acme.users)[0];
export const grace = acme.users[1] as (typeof acme.users)[0];
export const startOfTests = Date.parse('2026-11-01T08:00:00Z');
export const minuteMs = 60_000;

export interface Reply {
  status: number;
  body: Record<string, unknown>;
}

class Clock {
  ms = startOfTests;
  readonly now = () => this.ms;
  advance(ms: number): void {
    this.ms += ms;
  }
}

export function simulate(options: Partial<SimulatorOptions> = {}): { simulator: Simulator; clock: Clock } {
  const clock = new Clock();
  return { clock, simulator: new Simulator({ origin, now: clock.now, apps: [secretApp, publicApp], ...options }) };
}

function newVerifier(): string {
  return randomBytes(32).toString('base64url');
}

export function authorizeUrl(changes: Record<string, string | undefined> = {}): string {
  const url = new URL('/services/oauth2/authorize', origin);
  const parameters = {
    response_type: 'code',
    client_id: secretApp.clientId,
    redirect_uri: redirectUri,
    scope: 'api refresh_token',
    state: 'state-1',
    code_challenge: challengeOf('v'.repeat(43)),
    code_challenge_method: 'S256',
    ...changes,
  };
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}

export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

export async function post(simulator: Simulator, path: string, form: Record<string, string>): Promise<Reply> {
  const request = new Request(new URL(path, origin), { method: 'POST', body: new URLSearchParams(form) });
  return read(await simulator.fetch(request));
}

export async function read(response: Response): Promise<Reply> {
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
}

export interface CodeOptions {
  username?: string;
  scope?: string;
  clientId?: string;
}

/** Has the user allow the app, and returns the form that exchanges the code. */
export function allow(simulator: Simulator, { username = ada.username, scope, clientId }: CodeOptions = {}) {
  const verifier = newVerifier();
  const url = authorizeUrl({
    code_challenge: challengeOf(verifier),
    ...(scope && { scope }),
    ...(clientId && { client_id: clientId }),
  });
  const location = new URL(simulator.authorize(url, { username, decision: 'allow' }));
  const code = location.searchParams.get('code');
  assert.ok(code, 'the redirect brings a code');
  return {
    grant_type: 'authorization_code',
    client_id: clientId ?? secretApp.clientId,
    ...(clientId === publicApp.clientId ? {} : { client_secret: secretApp.clientSecret }),
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  };
}

export interface Tokens {
  access: string;
  refresh: string;
}

/** One authorization from start to tokens. */
export async function connect(simulator: Simulator, options?: CodeOptions): Promise<Tokens> {
  return tokensOf(await post(simulator, '/services/oauth2/token', allow(simulator, options)));
}

export function tokensOf({ status, body }: Reply): Tokens {
  assert.equal(status, 200, JSON.stringify(body));
  return { access: String(body.access_token), refresh: String(body.refresh_token) };
}

export function refresh(simulator: Simulator, refreshToken: string, changes: Record<string, string> = {}) {
  return post(simulator, '/services/oauth2/token', {
    grant_type: 'refresh_token',
    client_id: secretApp.clientId,
    client_secret: secretApp.clientSecret,
    refresh_token: refreshToken,
    ...changes,
  });
}

export async function get(simulator: Simulator, path: string, accessToken?: string): Promise<Response> {
  const headers = accessToken === undefined ? undefined : { authorization: `Bearer ${accessToken}` };
  return simulator.fetch(new Request(new URL(path, origin), headers && { headers }));
}

export async function callLimits(simulator: Simulator, accessToken: string): Promise<number> {
  return (await get(simulator, '/services/data/v62.0/limits', accessToken)).status;
}

export function assertRefused(reply: Reply, error: string, description: string): void {
  assert.deepEqual(reply, { status: 400, body: { error, error_description: description } });
}

export const expiredToken = ['invalid_grant', 'expired access/refresh token'] as const;
