/**
 * One schedule's world: the scheduler, the processes, and what they all share. Every call of a process to a port goes
 * through `call`: it becomes a step, may be struck by a fault, and is answered only while its process lives.
 */
import type { GrantkeeperConfig } from '../../functions/core/config.ts';
import type { LifeboatEntry } from '../../functions/core/lifeboat.ts';
import type { ConfigurationRequest } from '../../functions/core/ports.ts';
import { createMemoryStore, type MemoryStore } from '../memory/memory-store.ts';
import type { Fault, FaultPlan } from './faults.ts';
import { MemoryLifeboat } from './memory-lifeboat.ts';
import type { Monitor } from './monitor.ts';
import type { SalesforceBooks } from './salesforce-books.ts';
import type { Choose, Scheduler, Step } from './scheduler.ts';
import { createScheduler } from './scheduler.ts';
import { TransparentSealing } from './transparent-sealing.ts';

export const simulationStart = Date.UTC(2026, 10, 21, 12);
const functionTimeoutMs = 60_000;
const configureTimeoutMs = 300_000;
/** What a process had under way when it ended reaches its goal within this, or never. */
const orphanLifeMs = 5_000;

/** One invocation of a function. */
export interface Process {
  readonly id: number;
  readonly name: string;
  readonly skewMs: number;
  readonly startedAt: number;
  /** Of its function: it is killed then. */
  readonly timeoutMs: number;
  alive: boolean;
  ended: boolean;
  /** What it asked and got so far: with the code, its position. */
  position: number;
  /** A step that tells its caller that it is gone. */
  onKilled?: () => void;
  timeout?: Step;
  /** It has sent a request to Salesforce. */
  asked?: boolean;
  /** A call of it failed, or took long. */
  disturbed?: boolean;
  /** The lifeboat refused it, or may have. */
  lifeboatRefused?: boolean;
}

export interface CallOptions<T> {
  readonly name: string;
  /** Happens at once, atomically. */
  readonly act: () => T;
  readonly faults: readonly Fault[];
  /** What the fault makes the caller see; `undefined`: the usual answer. */
  readonly failure?: (fault: Fault) => { error: Error } | { answer: T };
  readonly preempts: boolean;
  /** For the trace. */
  readonly about?: string;
}

export interface WorldOptions {
  readonly seed: number;
  readonly choose: Choose;
  readonly plan: FaultPlan;
  readonly books: SalesforceBooks;
  readonly config: GrantkeeperConfig;
  readonly trace: boolean;
  /** Keeps each process's position, for states to be compared. */
  readonly positions: boolean;
  /**
   * The calls to the store at which the exhaustive walk lets others go first. @default those to connections, which
   * several processes write
   */
  readonly preempts?: RegExp;
}

export class World {
  readonly seed: number;
  readonly scheduler: Scheduler;
  readonly plan: FaultPlan;
  readonly books: SalesforceBooks;
  readonly sealing = new TransparentSealing();
  readonly store: MemoryStore = createMemoryStore({ shards: 1 });
  readonly lifeboat = new MemoryLifeboat();
  readonly faults = new Map<string, number>();
  /** Incidents, alerts, and what became of them: by what they are called in the summary. */
  readonly told = new Map<string, number>();
  readonly traced: string[] | undefined;
  /** From now on: on the way there, all runs are the same. */
  positions: boolean;
  readonly config: GrantkeeperConfig;
  readonly preempts: RegExp;
  readonly processes: Process[] = [];
  /** Configurations that were tried as often as the queue does it. */
  readonly deadLetters: ConfigurationRequest[] = [];
  readonly outages = {
    store: { from: 0, until: 0 },
    lifeboat: { from: 0, until: 0 },
    salesforce: { from: 0, until: 0 },
    /** Only its revocation endpoint. */
    revocation: { from: 0, until: 0 },
  };
  monitor!: Monitor;

  constructor({ seed, choose, plan, books, config, trace, positions, preempts }: WorldOptions) {
    this.seed = seed;
    this.plan = plan;
    this.books = books;
    this.traced = trace ? [] : undefined;
    this.positions = positions;
    this.config = config;
    this.preempts = preempts ?? /^connections\./;
    this.scheduler = createScheduler(simulationStart, choose);
  }

  now(): number {
    return this.scheduler.now();
  }

  count(fault: string): void {
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
  }

  tell(what: string): void {
    this.told.set(what, (this.told.get(what) ?? 0) + 1);
  }

  note(process: Process | undefined, text: string): void {
    if (this.traced === undefined) return;
    const at = ((this.now() - simulationStart) / 1_000).toFixed(3).padStart(12);
    this.traced.push(
      `${at} s  ${(process === undefined ? 'world' : `${process.name}#${process.id}`).padEnd(16)} ${text}`,
    );
  }

  isOut(what: keyof World['outages']): boolean {
    const { from, until } = this.outages[what];
    return this.now() >= from && this.now() < until;
  }

  /** A process begins, and is killed at its function's timeout. */
  begin(name: string): Process {
    const process: Process = {
      id: this.processes.length + 1,
      name,
      skewMs: this.plan.skewMs(name),
      startedAt: this.now(),
      timeoutMs: name === 'configure' ? configureTimeoutMs : functionTimeoutMs,
      alive: true,
      ended: false,
      position: 0,
    };
    if (process.skewMs !== 0) this.count('clock_skew');
    this.processes.push(process);
    process.timeout = this.scheduler.add({
      at: this.now() + process.timeoutMs,
      name: 'function timeout',
      owner: process.id,
      preempts: false,
      run: () => {
        this.count('function_timeout');
        this.note(process, '✝ killed at its function timeout');
        this.kill(process);
      },
    });
    return process;
  }

  end(process: Process): void {
    process.ended = true;
    this.monitor.ended(process);
    if (process.timeout !== undefined) this.scheduler.drop(process.timeout);
    this.#shorten(process);
  }

  /** Its continuation never runs again; what it had under way may still reach its goal. */
  kill(process: Process): void {
    if (!process.alive || process.ended) return;
    process.alive = false;
    if (process.timeout !== undefined) this.scheduler.drop(process.timeout);
    for (const step of [...this.scheduler.pending()]) {
      // What is at Salesforce goes on there; whether it arrives at all is decided when it would.
      if (step.owner !== process.id || step.name.startsWith('salesforce')) continue;
      if (step.name === 'wait' || !this.plan.orphanLands()) this.scheduler.drop(step);
    }
    this.#shorten(process);
    this.monitor.requests.killed();
    process.onKilled?.();
  }

  #shorten(process: Process): void {
    for (const step of this.scheduler.pending()) {
      if (step.owner === process.id && !step.name.startsWith('salesforce')) {
        step.at = Math.min(step.at, this.now() + orphanLifeMs);
      }
    }
  }

  /** A call to a port, as one step. */
  call<T>(process: Process, options: CallOptions<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    // A little longer than the function has: the longest delay is its death.
    const leftMs = Math.max(0, process.startedAt + process.timeoutMs - this.now()) + 3_000;
    const { ms, delayed } = this.plan.latencyMs(leftMs);
    if (delayed) {
      this.count('delay');
      process.disturbed = true;
    }
    this.scheduler.add({
      at: this.now() + ms,
      name: options.name,
      owner: process.id,
      preempts: options.preempts,
      run: () => this.#happen(process, options, resolve, reject),
    });
    return promise;
  }

  #happen<T>(process: Process, options: CallOptions<T>, resolve: (value: T) => void, reject: (e: Error) => void): void {
    const { name, act, faults, failure, about = '' } = options;
    if (!process.alive) {
      this.note(process, `${name} ${about} … lands after its process died`);
      try {
        const orphan = act();
        if (orphan instanceof Promise) orphan.catch(() => undefined);
      } catch {
        // Nobody is there to be told.
      }
      return;
    }
    const fault = this.plan.strike(faults, options.preempts);
    if (fault !== undefined) this.count(fault);
    if (fault === 'crash_before') {
      this.note(process, `✝ killed before ${name} ${about}`);
      this.kill(process);
      return;
    }
    const happens = fault === undefined || fault === 'crash_after' || isApplied(fault);
    let answer: T | undefined;
    let error: Error | undefined;
    if (happens) {
      try {
        answer = act();
      } catch (thrown) {
        error = thrown as Error;
      }
    }
    if (fault === 'crash_after') {
      if (answer instanceof Promise) answer.catch(() => undefined);
      this.note(process, `${name} ${about} ✝ and killed after it`);
      this.kill(process);
      return;
    }
    if (fault !== undefined && failure !== undefined) {
      const seen = failure(fault);
      if ('error' in seen) error = seen.error;
      else answer = seen.answer;
    }
    const fail = (failed: Error) => {
      process.disturbed = true;
      if (!process.alive) return;
      if (this.positions) process.position = mix(process.position, `${name}!${failed.message}`);
      this.note(process, `${name} ${about} → ${fault === undefined ? '' : `⚡${fault}: `}${failed.message}`);
      reject(failed);
    };
    const tell = (value: T) => {
      if (!process.alive) return;
      if (this.positions) process.position = mix(process.position, `${name}=${digest(value)}`);
      if (this.traced !== undefined) {
        this.note(process, `${name} ${about}${fault === undefined ? '' : ` ⚡${fault}`}${shown(value)}`);
      }
      resolve(value);
    };
    if (error === undefined) {
      if (answer instanceof Promise) answer.then(tell, fail);
      else tell(answer as T);
    } else fail(error);
  }

  lifeboatEntries(): LifeboatEntry[] {
    return this.lifeboat.all();
  }
}

function isApplied(fault: Fault): boolean {
  return fault.endsWith('_answer_lost') || fault === 'store_retried_as_conflict';
}

function shown(answer: unknown): string {
  return typeof answer === 'string' ? ` → ${answer}` : '';
}

function mix(hash: number, text: string): number {
  let mixed = hash ^ 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) mixed = Math.imul(mixed ^ text.charCodeAt(index), 0x01000193);
  return mixed >>> 0;
}

function digest(value: unknown): string {
  if (value === undefined) return '';
  return JSON.stringify(value) ?? '';
}
