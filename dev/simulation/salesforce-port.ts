/**
 * The port `Salesforce` over the books: a request arrives, is done, and is answered, each a step of its own where a
 * fault pulls them apart. What a process has sent goes on at Salesforce when the process dies.
 */
import { type Ask, classOf, errorTable } from '../../functions/core/error-table.ts';
import type { RawAnswer, Salesforce } from '../../functions/core/ports.ts';
import type { Fault } from './faults.ts';
import { type MadeLogin, readAssertion } from './login-books.ts';
import type { LoginOf } from './login-rules.ts';
import type { Running } from './process-ports.ts';
import { maintenancePage, refusal, reset, timedOut } from './raw-answers.ts';
import type { Made } from './salesforce-books.ts';
import type { Process, World } from './world.ts';

export type RequestKind = 'exchange' | 'refresh' | 'assertion' | 'client' | 'revoke' | 'introspect';

/** A request to the token endpoint that Salesforce may be acting on. */
export interface Sent {
  readonly kind: RequestKind;
  readonly process: Process;
  /** The token or code; of a login what it is called. */
  readonly token: string;
  readonly login?: LoginOf;
  readonly sentAt: number;
  /** Salesforce acts on it after its lease: exempt (promise 2). */
  late: boolean;
}

const tokenFaults: readonly Fault[] = [
  'crash_before',
  'crash_after',
  'salesforce_unreached',
  'salesforce_response_lost',
  'salesforce_slow',
  'salesforce_too_slow',
  'salesforce_after_lease',
  'salesforce_page_503',
  'salesforce_page_503_processed',
  'salesforce_error',
];
const otherFaults: readonly Fault[] = [
  'crash_before',
  'crash_after',
  'salesforce_unreached',
  'salesforce_response_lost',
  'salesforce_page_503',
  'salesforce_slow',
];

/** Sent with 60 s of lease left at least: done within this is done within the lease, whatever the clocks say. */
const doneWithinLeaseMs = 56_000;

export function salesforcePort(world: World, running: Running): Salesforce {
  const { books } = world;
  const send = (kind: RequestKind, token: string, timeoutMs: number, process: () => Made) =>
    request(world, running.process, { kind, token, timeoutMs, process });
  const login = (
    kind: 'assertion' | 'client',
    login: LoginOf,
    timeoutMs: number,
    act: (sentAt: number) => MadeLogin,
  ) => {
    const sentAt = world.now();
    const receiver = running.process;
    const process = () => {
      const { answer, token } = act(sentAt);
      if (token !== undefined) world.monitor.logins.given(receiver, token.text);
      if (token === undefined) return { answer };
      world.count(token.issuedAt === world.now() ? 'login' : 'login_same_token');
      return { answer };
    };
    const key = login.keyId === undefined ? '' : ` by key ${login.keyId}`;
    return request(world, receiver, { kind, token: `${login.username}${key}`, login, timeoutMs, process });
  };
  return {
    exchangeCode: (_loginUrl, _client, { code, codeVerifier }, timeoutMs) =>
      send('exchange', code.reveal(), timeoutMs, () => books.exchange(code.reveal(), codeVerifier, world.now())),
    refresh: (_loginUrl, _client, token, timeoutMs) =>
      send('refresh', token.reveal(), timeoutMs, () => books.refresh(token.reveal(), world.now())),
    exchangeAssertion: (loginUrl, assertion, timeoutMs) => {
      const { claims, keyId } = readAssertion(assertion.reveal());
      return login('assertion', { username: claims.sub, keyId }, timeoutMs, (sentAt) =>
        books.logins.loginByAssertion(assertion.reveal(), loginUrl, sentAt, world.now()),
      );
    },
    askAsClient: (_loginUrl, { clientId, clientSecret }, timeoutMs) => {
      const username = books.logins.users.find(({ app }) => `${app}-client` === clientId)?.username ?? clientId;
      return login('client', { username }, timeoutMs, (sentAt) =>
        books.logins.loginAsClient(clientId, clientSecret?.reveal(), sentAt, world.now()),
      );
    },
    revoke: (_loginUrl, token, timeoutMs) =>
      send('revoke', token.reveal(), timeoutMs, () => {
        world.monitor.requests.revokes(token.reveal());
        world.monitor.logins.revokes(running.process, token.reveal());
        return books.revoke(token.reveal(), world.now());
      }),
    introspect: (_loginUrl, _client, token, timeoutMs) =>
      send('introspect', token.reveal(), timeoutMs, () => books.introspect(token.reveal(), world.now())),
  };
}

/** The worst instant for it: the tokens are here, and not written yet. */
function goOut(world: World): void {
  for (const what of ['store', 'lifeboat'] as const) {
    const fault = world.plan.strike([`${what}_out_at_answer`]);
    if (fault === undefined) continue;
    world.count(fault);
    world.note(undefined, `⚡${fault}`);
    const lengthMs = [800, 20_000, 55_000, 300_000][world.plan.below(4)]!;
    Object.assign(world.outages[what], { from: world.now(), until: world.now() + lengthMs });
  }
}

/** Said of facts, not of the table that is under test: what Salesforce says of a refresh token that is gone. */
const deadDescriptions: readonly string[] = ['expired access/refresh token', 'authentication failure'];

const asks: Partial<Record<RequestKind, Ask>> = {
  exchange: 'code',
  assertion: 'jwt_bearer',
  client: 'client_credentials',
};

interface Request {
  readonly kind: RequestKind;
  readonly token: string;
  readonly timeoutMs: number;
  readonly process: () => Made;
  readonly login?: LoginOf;
}

function request(
  world: World,
  process: Process,
  { kind, token, timeoutMs, process: act, login }: Request,
): Promise<RawAnswer> {
  const { promise, resolve } = Promise.withResolvers<RawAnswer>();
  const { books, monitor, plan } = world;
  const isToken = kind !== 'revoke' && kind !== 'introspect';
  const name = `salesforce.${kind}`;
  const sent: Sent = { kind, process, token, sentAt: world.now(), late: false, ...(login && { login }) };
  monitor.requests.sends(sent);
  monitor.logins.sends(sent);
  let over = false;
  let deadline: ReturnType<typeof world.scheduler.add> | undefined;

  const step = (afterMs: number, run: () => void, what = name, preempts = true) =>
    world.scheduler.add({ at: world.now() + afterMs, name: what, owner: process.id, preempts, run });

  const answer = (raw: RawAnswer, made?: Made) => {
    if (deadline !== undefined) world.scheduler.drop(deadline);
    if (over || !process.alive) return;
    over = true;
    monitor.requests.over(sent);
    monitor.logins.over(sent);
    const shown = raw.kind === 'answer' ? `${raw.status} ${raw.body.reveal().slice(0, 90)}` : raw.reason;
    world.note(process, `${name} ${token} ⇒ ${shown}`);
    if (made !== undefined) {
      monitor.answered(sent, made);
      goOut(world);
    }
    if (world.positions)
      process.position = (process.position * 31 + shown.length * 7 + shown.charCodeAt(shown.length - 3)) >>> 0;
    resolve(raw);
  };

  const done = () => {
    const made = act();
    if (kind === 'refresh') books.leaveRefresh(token);
    if (kind === 'exchange' && made.grant !== undefined) monitor.exchanged.set(process.id, made.grant);
    monitor.requests.done(sent);
    world.note(undefined, `Salesforce did ${kind} ${token}${process.alive ? '' : ' (its process is dead)'}`);
    return made;
  };

  const finish = () => {
    const made = done();
    answer(made.answer, made);
  };

  function arrive(): void {
    if (!process.alive) {
      if (!plan.orphanLands()) {
        monitor.requests.done(sent);
        return;
      }
      const busy = kind === 'refresh' ? books.arriveRefresh(token) : undefined;
      if (busy === undefined) done();
      else monitor.requests.done(sent);
      return;
    }
    const out = world.isOut('salesforce') || (kind === 'revoke' && world.isOut('revocation'));
    if (out) world.count('salesforce_outage');
    const fault = out ? 'salesforce_page_503' : plan.strike(isToken ? tokenFaults : otherFaults, kind !== 'introspect');
    if (fault !== undefined && !out) {
      world.count(fault);
      world.note(process, `${name} ${token} ⚡${fault}`);
    }
    const leftMs = Math.max(0, sent.sentAt + timeoutMs - world.now());
    switch (fault) {
      case 'crash_before':
      case 'salesforce_unreached':
        monitor.requests.done(sent);
        if (fault === 'crash_before') {
          world.kill(process);
          return;
        }
        answer(plan.below(2) === 0 ? reset : timedOut);
        return;
      case 'salesforce_page_503':
        monitor.requests.done(sent);
        answer(maintenancePage);
        return;
      case 'salesforce_error':
        lie(asks[kind] ?? 'refresh');
        return;
    }
    const busy = kind === 'refresh' ? (trouble() ?? books.arriveRefresh(token)) : undefined;
    if (busy !== undefined) {
      monitor.requests.done(sent);
      answer(busy.answer);
      return;
    }
    switch (fault) {
      case 'crash_after':
        done();
        world.kill(process);
        return;
      case 'salesforce_page_503_processed':
        done();
        answer(maintenancePage);
        return;
      case 'salesforce_response_lost':
        done();
        if (plan.below(2) === 0) {
          answer(reset);
          return;
        }
        wait(leftMs);
        return;
      case 'salesforce_slow':
        step(plan.below(leftMs), () => {
          const made = done();
          answer(made.answer, made);
        });
        wait(leftMs);
        return;
      case 'salesforce_too_slow':
        step(leftMs + plan.below(doneWithinLeaseMs - timeoutMs), done, `${name} late`);
        wait(leftMs);
        return;
      case 'salesforce_after_lease':
        sent.late = true;
        step(doneWithinLeaseMs + plan.below(200_000), done, `${name} late`);
        wait(leftMs);
        return;
      default:
        // The exhaustive walk looks at what others do while it is under way.
        if (world.positions && kind === 'refresh') step(0, finish);
        else finish();
    }
  }

  function trouble(): Made | undefined {
    const lasting = books.grantOf(token)?.trouble;
    return lasting !== undefined && world.now() < lasting.until ? { answer: lasting.answer } : undefined;
  }

  /** The caller's own timeout. */
  function wait(leftMs: number): void {
    deadline = step(leftMs, () => answer(timedOut), `${name} timeout`, false);
  }

  /** An error of the table, whatever the token is worth. Called dead falsely it is once only. */
  function lie(ask: Ask): void {
    const row = errorTable[plan.below(errorTable.length)]!;
    const failureClass = classOf(row, ask);
    monitor.requests.done(sent);
    const saysDead = deadDescriptions.includes(row.description ?? '');
    if (ask === 'refresh' && saysDead && !monitor.mayLie(token)) {
      answer(maintenancePage);
      return;
    }
    world.count(`salesforce_error ${failureClass}`);
    const grant = ask === 'refresh' ? books.grantOf(token) : undefined;
    if (login !== undefined && plan.below(2) === 0) {
      const answer = refusal(row.error, row.description ?? 'whatever it says');
      books.logins.troubles.set(login.username, { answer, until: world.now() + 90_000 });
    }
    if (grant !== undefined && !saysDead && plan.below(2) === 0) {
      const answer = refusal(row.error, row.description ?? 'whatever it says');
      grant.trouble = { answer, until: world.now() + 90_000 };
    }
    answer(refusal(row.error, row.description ?? 'whatever it says'));
    return;
  }

  step(plan.latencyMs(5_000).ms, arrive, name, kind !== 'introspect');
  return promise;
}
