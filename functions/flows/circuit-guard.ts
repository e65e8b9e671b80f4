/**
 * Stands before every request that uses an app's credentials: asks the app's circuit, and tells it what became of the
 * request. What was read is believed for half a minute while the circuit is closed, so that the undisturbed refresh
 * costs no read of its own; once it is known not to be closed, it is read before each request.
 */
import {
  type AppState,
  decideAsk,
  decideInconclusive,
  decideOperatorFailure,
  decideSuccess,
  isClosed,
} from '../core/circuit.ts';
import type { Ports } from '../core/ports.ts';
import { change, type Decision } from './change.ts';

export type CircuitPorts = Pick<Ports, 'clock' | 'random' | 'store' | 'log' | 'metrics'>;

export type RequestOutcome =
  | { readonly kind: 'succeeded' }
  /** Class `operator`. */
  | { readonly kind: 'refused_app'; readonly error: string; readonly description: string }
  /** Says nothing about the app: another refusal, no answer, or never sent. */
  | { readonly kind: 'inconclusive' };

export type CircuitAnswer =
  | { readonly kind: 'go'; readonly pass: Pass }
  | { readonly kind: 'refused'; readonly until: number; readonly detail: string };

export interface Pass {
  /** To be called once the outcome is known; only the first call counts. Never throws: the refresh goes before. */
  settle(outcome: RequestOutcome): Promise<void>;
}

export interface CircuitGuard {
  /** @param attemptId the attempt that would send. Throws `StoreUnavailableError`. */
  ask(app: string, attemptId: string): Promise<CircuitAnswer>;
}

export const believedMs = 30_000;

interface Known {
  readonly readAt: number;
  readonly state: Promise<AppState | undefined>;
}

/** One for each process: what it knows of an app is shared by all of its requests. */
export function createCircuitGuard(ports: CircuitPorts): CircuitGuard {
  const known = new Map<string, Known>();

  /** Requests that begin together read once. */
  async function stateOf(app: string): Promise<AppState | undefined> {
    const now = ports.clock.now();
    const last = known.get(app);
    if (last !== undefined && now - last.readAt < believedMs) {
      const state = await last.state;
      if (isClosed(state)) return state;
    }
    const read = { readAt: now, state: ports.store.apps.read(app) };
    known.set(app, read);
    read.state.catch(() => known.delete(app));
    return read.state;
  }

  function remember(app: string, state: AppState | undefined): void {
    known.set(app, { readAt: ports.clock.now(), state: Promise.resolve(state) });
  }

  function passFor(app: string, attemptId: string, probes: boolean): Pass {
    let settled = false;
    return {
      async settle(outcome) {
        // Of a closed circuit only its own refusals are news.
        if (settled || (!probes && outcome.kind !== 'refused_app')) return;
        settled = true;
        try {
          remember(app, await settleAsk(ports, app, attemptId, outcome));
        } catch (error) {
          ports.log.error('The circuit of an app could not be told what became of a request.', { app, error });
        }
      },
    };
  }

  return {
    async ask(app, attemptId) {
      const state = await stateOf(app);
      if (isClosed(state)) return { kind: 'go', pass: passFor(app, attemptId, false) };
      const { result, item } = await beginProbe(ports, app, attemptId, state);
      remember(app, item);
      if (result.kind === 'refused') return { ...result, detail: refusalText(app, item) };
      return { kind: 'go', pass: passFor(app, attemptId, result.kind === 'probing') };
    },
  };
}

type Asked = { readonly kind: 'go' | 'probing' } | { readonly kind: 'refused'; readonly until: number };

function beginProbe(ports: CircuitPorts, app: string, attemptId: string, seen: AppState | undefined) {
  return change<string, AppState, Asked>(
    ports.store.apps,
    app,
    (current): Decision<AppState, Asked> => {
      const decision = decideAsk(current, ports.clock.now(), attemptId);
      if (decision.kind === 'probe') return { write: decision.after, result: { kind: 'probing' } };
      return { keep: true, result: decision };
    },
    { writeId: `${attemptId}.probe`, ...(seen === undefined ? {} : { seen }) },
  );
}

async function settleAsk(
  ports: CircuitPorts,
  app: string,
  attemptId: string,
  outcome: RequestOutcome,
): Promise<AppState | undefined> {
  const fraction = ports.random.fraction();
  const { result, item } = await change<string, AppState, boolean>(
    ports.store.apps,
    app,
    (current) => {
      const after = stateAfter(current, app, attemptId, outcome, ports.clock.now(), fraction);
      return after === undefined ? { keep: true, result: false } : { write: after, result: true };
    },
    { writeId: `${attemptId}.circuit` },
  );
  if (!result) return item;
  if (outcome.kind === 'refused_app') {
    const { error, description } = outcome;
    ports.log.error('Salesforce refuses an app; its refreshes wait.', { app, error, description });
    ports.metrics.add('CircuitsOpened', 1);
  }
  if (outcome.kind === 'succeeded') ports.log.info('Salesforce takes an app again.', { app });
  return item;
}

function stateAfter(
  current: AppState | undefined,
  app: string,
  attemptId: string,
  outcome: RequestOutcome,
  now: number,
  fraction: number,
): AppState | undefined {
  switch (outcome.kind) {
    case 'succeeded':
      return decideSuccess(current, now, attemptId);
    case 'refused_app':
      return decideOperatorFailure(current, app, outcome, now, fraction, attemptId);
    case 'inconclusive':
      return decideInconclusive(current, attemptId);
  }
}

function refusalText(app: string, state: AppState | undefined): string {
  const { error, description } = state?.lastFailure ?? { error: 'unknown', description: '' };
  return `Salesforce refuses app ${app} (${error}: ${description}); it is asked again by itself.`;
}
