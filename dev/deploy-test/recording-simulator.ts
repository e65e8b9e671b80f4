/**
 * The simulator, and what it gave out: the tokens themselves, which its books do not hold. They are what must be found
 * nowhere in the table.
 */
import { Simulator, type SimulatorApp } from '../simulator/simulator.ts';

export const testApp = { clientId: 'deploy-test-client', clientSecret: 'deploy-test-client-secret' } as const;
/** A public client: it has no secret to set. */
export const signInApp = { clientId: 'deploy-test-login-client' } as const;

export class RecordingSimulator extends Simulator {
  /** Access and refresh tokens, in the order of their issue. */
  readonly issued: string[] = [];

  override async fetch(request: Request): Promise<Response> {
    const isToken = new URL(request.url).pathname === '/services/oauth2/token';
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

/** Knows two apps; each refresh brings a new refresh token, so that losing one shows. */
export function recordingSimulator(origin: string, redirectUris: string[]): RecordingSimulator {
  const apps: SimulatorApp[] = [
    { ...testApp, redirectUris, scopes: ['api', 'refresh_token'] },
    { ...signInApp, redirectUris, scopes: ['id'] },
  ];
  return new RecordingSimulator({ origin, now: Date.now, apps, switches: { rotation: true } });
}
