/**
 * Processes that the deploy test starts: each in a group of its own, so that it ends with everything that it started;
 * each with a log file, whose end is shown when it fails.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Both streams go there; begun anew. */
  readonly logFile: string;
}

export interface Child {
  readonly process: ChildProcess;
  /** Resolves with its exit code, `null` where a signal ended it. */
  readonly exited: Promise<number | null>;
  /** The end of what it printed. */
  tail(): string;
  /** Asks it and its children to end; kills what is left after five seconds. */
  stop(): Promise<void>;
}

/** Those that have not been stopped. */
const children = new Set<Child>();

const stopWithinMs = 5_000;
const tailLines = 40;

export function startChild({ command, args, env, cwd, logFile }: ChildOptions): Child {
  const log = openSync(logFile, 'w', 0o600);
  const child = spawn(command, [...args], { cwd, env, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const exited = once(child, 'exit').then(
    ([code]) => code as number | null,
    (error: Error) => {
      throw new Error(`${command} could not be started: ${error.message}`, { cause: error });
    },
  );
  // Whoever does not wait for it must not be ended by it.
  exited.catch(() => {});
  const started: Child = {
    process: child,
    exited,
    tail: () => readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-tailLines).join('\n'),
    stop: async () => {
      await stop(child, exited);
      children.delete(started);
    },
  };
  children.add(started);
  return started;
}

/** For the end of this process, whatever it was doing: being in groups of their own, its children outlive it. */
export async function stopChildren(): Promise<void> {
  await Promise.all([...children].map((child) => child.stop()));
}

/** Runs a command to its end. Throws, with the end of what it printed, where it fails or takes too long. */
export async function runChild(options: ChildOptions & { readonly timeoutMs: number }): Promise<void> {
  const child = startChild(options);
  const timer = new AbortController();
  const timedOut = sleep(options.timeoutMs, 'timeout' as const, { signal: timer.signal }).catch(() => null);
  try {
    const code = await Promise.race([child.exited, timedOut]);
    if (code === 0) return;
    const what = [options.command, ...options.args].join(' ');
    const how = code === 'timeout' ? `took longer than ${options.timeoutMs / 1000} s` : `ended with ${code}`;
    throw new Error(`${what} ${how}. It printed (${options.logFile}):\n${child.tail()}`);
  } finally {
    timer.abort();
    await child.stop();
  }
}

async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  const gone = exited.then(
    () => true,
    () => true,
  );
  signalGroup(child, 'SIGTERM');
  if (child.exitCode === null && child.signalCode === null) {
    await Promise.race([gone, sleep(stopWithinMs, false, { ref: false })]);
  }
  signalGroup(child, 'SIGKILL');
}

/** The group outlives its leader while any of it runs. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
