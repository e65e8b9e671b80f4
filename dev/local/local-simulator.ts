/**
 * The simulated Salesforce of the local stack on a port of its own; with `--data` its state is on disk before an answer
 * leaves, so that a kill never makes it forget a grant that it gave.
 */
import type { Clock } from '../../functions/core/ports.ts';
import { type SimulatorServer, serveSimulator } from '../simulator/http-server.ts';
import { Simulator, type SimulatorApp } from '../simulator/simulator.ts';
import { readIfThere, replaceFile } from './durable-file.ts';
import { PortTakenError } from './listener.ts';
import { localOrgs } from './local-orgs.ts';

export interface LocalSimulatorOptions {
  readonly apps: SimulatorApp[];
  readonly clock: Clock;
  /** Its state; absent: in memory. */
  readonly file?: string;
  /** The port of an earlier start: its origin is stored in every connection, so it must be that one. */
  readonly keptPort?: number;
  /** Taken at a first start if it is free. */
  readonly preferredPort: number;
}

/** Throws `PortTakenError` where the kept port is taken. */
export async function startLocalSimulator(options: LocalSimulatorOptions): Promise<SimulatorServer> {
  const { keptPort, preferredPort } = options;
  if (keptPort !== undefined) return serve(options, keptPort);
  if (preferredPort > 65_535) return serve(options, 0);
  try {
    return await serve(options, preferredPort);
  } catch (error) {
    if (error instanceof PortTakenError) return serve(options, 0);
    throw error;
  }
}

async function serve(options: LocalSimulatorOptions, port: number): Promise<SimulatorServer> {
  try {
    return await serveSimulator((origin) => createSimulator(options, origin), { port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new PortTakenError('the simulator', port, { cause: error });
  }
}

function createSimulator({ apps, clock, file }: LocalSimulatorOptions, origin: string): Simulator {
  const saved = file === undefined ? undefined : readIfThere(file);
  const simulator = new Simulator({
    origin,
    apps,
    orgs: [...localOrgs],
    now: () => clock.now(),
    wait: (ms) => clock.wait(ms),
    ...(saved === undefined ? {} : { state: JSON.parse(saved) }),
    ...(file === undefined ? {} : { onChange: () => replaceFile(file, JSON.stringify(simulator.snapshot())) }),
  });
  return simulator;
}
