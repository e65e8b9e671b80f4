/**
 * What readers may be told (promise 6, and disconnects): no call to Salesforce for a live token, no rejected token ever
 * again to a read that began after its rejection was answered, nothing once the disconnect was.
 */
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { User } from './actors.ts';
import type { Ended } from './functions.ts';
import { isWithoutBrowser } from './simulated-config.ts';
import type { World } from './world.ts';
import { skewAtMostMs } from './write-rules.ts';

type Answer = Ended<APIGatewayProxyStructuredResultV2>;

export class Readings {
  readonly #world: World;
  /** Access tokens whose rejection was answered: at which step. */
  readonly #rejected = new Map<string, number>();
  /** Disconnects that were answered, by connection: since which step, and when it was asked. */
  readonly #disconnected = new Map<string, { step: number; askedAt: number }>();
  served = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** The step at which a read begins. */
  begin(): number {
    return this.#world.scheduler.steps;
  }

  readEnded(begun: number, user: User, ended: Answer): string | undefined {
    const token = tokenOf(ended);
    this.#asLogin(begun, user, ended, token);
    if (token === undefined) return undefined;
    this.served += 1;
    const { monitor } = this.#world;
    const rejectedAt = this.#rejected.get(token);
    if (rejectedAt !== undefined && rejectedAt <= begun && !monitor.logins.forgotten.has(token)) {
      monitor.breaks('6 reading', `${token} was served after it had been rejected`);
    }
    const gone = this.#disconnected.get(user.connectionId);
    if (gone !== undefined && gone.step <= begun && !this.#authorizedAfter(token, gone.askedAt)) {
      monitor.breaks('disconnect', `${token} was served after ${user.connectionId} was disconnected`);
    }
    return token;
  }

  rejectionEnded(begun: number, user: User, token: string, ended: Answer): void {
    if (ended.kind !== 'answered') return;
    const newer = this.readEnded(begun, user, ended);
    if (newer === token) this.#world.monitor.breaks('6 reading', `${token} was answered to its own rejection`);
    const { statusCode = 500 } = ended.value;
    const noted = statusCode === 200 || String(ended.value.body).includes('refresh_pending');
    if (noted) this.#rejected.set(token, this.#world.scheduler.steps);
  }

  disconnected({ connectionId }: User, askedAt: number): void {
    this.#disconnected.set(connectionId, { step: this.#world.scheduler.steps, askedAt });
  }

  #asLogin(begun: number, { app, connectionId }: User, ended: Answer, token: string | undefined): void {
    if (!isWithoutBrowser(app) || ended.kind !== 'answered') return;
    const { logins } = this.#world.monitor;
    if (token !== undefined) logins.served(token, begun);
    else logins.toldToAuthorize(connectionId, String(ended.value.body));
  }

  #authorizedAfter(accessToken: string, instant: number): boolean {
    const login = this.#world.books.logins.tokenOf(accessToken);
    if (login !== undefined) return login.givenAt + skewAtMostMs >= instant;
    const grant = this.#world.books.grantOf(accessToken);
    return grant !== undefined && grant.issuedAt + skewAtMostMs >= instant;
  }
}

function tokenOf(ended: Answer): string | undefined {
  if (ended.kind !== 'answered' || ended.value.statusCode !== 200) return undefined;
  return (JSON.parse(String(ended.value.body)) as { access_token: string }).access_token;
}
