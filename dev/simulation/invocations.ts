/** One function invokes another and waits for it, without retries: it may fail, die, or take longer than the caller waits. */
import type { AccessRevoker, Maintainer, Refresher, RefreshReport, TokenReader } from '../../functions/core/ports.ts';
import { liveTokenOf } from '../local/live-token.ts';
import type { Ended, Functions } from './functions.ts';
import type { Process, World } from './world.ts';

/** As the adapters have them. */
const maintainerTimeoutMs = 20_000;
const accessRevokerTimeoutMs = 15_000;
const tokensTimeoutMs = 32_000;

export interface Invocations {
  readonly refresher: (caller: Process) => Refresher;
  readonly accessRevoker: (caller: Process) => AccessRevoker;
  readonly maintainer: (caller: Process) => Maintainer;
  readonly tokens: (caller: Process) => TokenReader;
}

export function createInvocations(world: World, functions: Functions): Invocations {
  const call = <T>(caller: Process, name: string, about: string, act: () => Promise<T>) =>
    world.call<T>(caller, {
      name,
      about,
      faults: ['crash_before', 'invocation_failed'],
      failure: () => ({ error: new Error('The function could not be invoked.') }),
      preempts: false,
      act: () => act() as never,
    });
  return {
    refresher: (caller) => ({
      refresh: (request) =>
        call(caller, 'refresher.refresh', `${request.reason} g${request.generation.refreshes}`, () =>
          answerOf<RefreshReport>(functions.refreshDirectly(request)),
        ),
    }),
    accessRevoker: (caller) => ({
      revoke: (request) =>
        call(caller, 'accessRevoker.revoke', `${request.holder} ${request.id}`, async () => {
          const { outcome } = await inTime(
            world,
            accessRevokerTimeoutMs,
            answerOf(functions.revokeAccessToken(request)),
          );
          return outcome;
        }),
    }),
    maintainer: (caller) => ({
      doDutiesOf: (id) =>
        call(caller, 'maintainer.doDutiesOf', id, async () => {
          await inTime(world, maintainerTimeoutMs, answerOf(functions.maintainOne(id)));
        }),
    }),
    tokens: (caller) => ({
      read: (id, rejected) =>
        call(caller, 'tokens.read', id, async () =>
          liveTokenOf(await inTime(world, tokensTimeoutMs, answerOf(functions.readToken(id, rejected)))),
        ),
    }),
  };
}

/** What goes between functions is JSON. */
async function answerOf<T>(invoked: Promise<Ended<T>>): Promise<T> {
  const ended = await invoked;
  if (ended.kind === 'answered') return JSON.parse(JSON.stringify(ended.value ?? null)) as T;
  throw new Error(ended.kind === 'killed' ? 'The function was killed.' : 'The function failed.');
}

/** The invoked function goes on, whoever waits for it. */
function inTime<T>(world: World, timeoutMs: number, work: Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const giveUp = world.scheduler.add({
    at: world.now() + timeoutMs,
    name: 'invocation timeout',
    owner: undefined,
    preempts: false,
    run: () => reject(new Error(`The function did not answer in ${timeoutMs} ms.`)),
  });
  work.then(resolve, reject).finally(() => world.scheduler.drop(giveUp));
  return promise;
}
