/**
 * Which pending step happens next. Every call to a port is a step; the scheduler picks one of those that may happen
 * now, lets all microtasks run that it sets free, and picks again. Time is a value: it moves when nothing may happen
 * before a later instant, and never otherwise.
 *
 * Microtasks are let run by a tick queued from within a microtask: node empties the microtask queue before the next
 * tick. Nothing of what runs below may use real timers, I/O or WebCrypto: those would end outside of it.
 */

export interface Step {
  /** When it may happen at the earliest. */
  at: number;
  readonly name: string;
  /** The process that it belongs to; absent: the world's own. */
  readonly owner: number | undefined;
  readonly run: () => void;
  /** Only to preempt at in the exhaustive walk: others happen as soon as they may. */
  readonly preempts: boolean;
}

/** Of those that may happen now, which one. `ready` has at least one. */
export type Choose = (ready: readonly Step[]) => number;

export interface Scheduler {
  now(): number;
  readonly steps: number;
  add(step: Step): Step;
  drop(step: Step): void;
  pending(): readonly Step[];
  /** Runs until nothing is pending before `until`, or `done` says so; then stands at `until`, if that is finite. */
  run(until: number, done?: () => boolean): Promise<void>;
}

/** A schedule that does not end is itself a fault. */
const usualStepsAtMost = 200_000;

export function createScheduler(start: number, choose: Choose, stepsAtMost = usualStepsAtMost): Scheduler {
  let now = start;
  let steps = 0;
  let pending: Step[] = [];

  function readySteps(): Step[] {
    const ready: Step[] = [];
    for (const step of pending) if (step.at <= now) ready.push(step);
    return ready;
  }

  function takeOne(until: number): boolean {
    let ready = readySteps();
    if (ready.length === 0) {
      let next = Number.POSITIVE_INFINITY;
      for (const step of pending) if (step.at < next) next = step.at;
      if (next > until || next === Number.POSITIVE_INFINITY) return false;
      now = next;
      ready = readySteps();
    }
    const chosen = ready.length === 1 ? ready[0] : ready[choose(ready)];
    if (chosen === undefined) throw new Error('The scheduler was told to take a step that is not there.');
    drop(chosen);
    steps += 1;
    if (steps > stepsAtMost) throw new Error(`The schedule did not end in ${stepsAtMost} steps.`);
    chosen.run();
    return true;
  }

  function drop(step: Step): void {
    const index = pending.indexOf(step);
    if (index >= 0) pending.splice(index, 1);
  }

  return {
    now: () => now,
    get steps() {
      return steps;
    },
    add(step) {
      pending.push(step);
      return step;
    },
    drop,
    pending: () => pending,
    run(until, done = () => false) {
      return new Promise((resolve, reject) => {
        const turn = () => {
          try {
            if (done() || !takeOne(until)) {
              if (!done() && Number.isFinite(until)) now = Math.max(now, until);
              resolve();
              return;
            }
          } catch (error) {
            pending = [];
            reject(error);
            return;
          }
          queueMicrotask(next);
        };
        const next = () => process.nextTick(turn);
        queueMicrotask(next);
      });
    },
  };
}
