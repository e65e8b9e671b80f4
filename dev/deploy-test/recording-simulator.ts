/**
 * The simulator, and what it gave out and was sent: tokens and assertions themselves, which its books do not hold. They
 * are what must be found nowhere in the table.
 */
import { Simulator, type SimulatorApp } from '../simulator/simulator.ts';

export const testApp = { clientId: 'deploy-test-client', clientSecret: 'deploy-test-client-secret' } as const;
/** A public client: it has no secret to set. */
export const signInApp = { clientId: 'deploy-test-login-client' } as const;

/** It signs, so that it has no secret either. */
export const signingApp = { clientId: 'deploy-test-jwt-client' } as const;

/** A public client, whose grants are ended to see what is told of it. */
export const doomedClient = { clientId: 'deploy-test-doomed-client' } as const;

export class RecordingSimulator extends Simulator {
  /** Access and refresh tokens, in the order of their issue. */
  readonly issued: string[] = [];
  /** In the order of their arrival, those that were refused too. */
  readonly assertions: string[] = [];

  override async fetch(request: Request): Promise<Response> {
    const isToken = new URL(request.url).pathname === '/services/oauth2/token';
    if (isToken) {
      const assertion = new URLSearchParams(await request.clone().text()).get('assertion');
      if (assertion !== null) this.assertions.push(assertion);
    }
    const response = await super.fetch(request);
    if (!isToken || !response.ok) return response;
    const answer = (await response.clone().json()) as Record<string, unknown>;
    for (const name of ['access_token', 'refresh_token']) {
      const token = answer[name];
      if (typeof token === 'string') this.issued.push(token);
    }
    return response;
  }
}

/** Knows four apps; each refresh brings a new refresh token, so that losing one shows. */
export function recordingSimulator(origin: string, redirectUris: string[]): RecordingSimulator {
  const apps: SimulatorApp[] = [
    { ...testApp, redirectUris, scopes: ['api', 'refresh_token'] },
    { ...signInApp, redirectUris, scopes: ['id'] },
    { ...doomedClient, redirectUris, scopes: ['api', 'refresh_token'] },
    { ...signingApp, redirectUris: [], scopes: ['api'] },
  ];
  return new RecordingSimulator({ origin, now: Date.now, apps, switches: { rotation: true } });
}
