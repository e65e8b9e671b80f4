/** What every chapter of the story works with: the deployed stack, and the world around it. */
import type { Administration } from './administration.ts';
import type { Customer } from './customer.ts';
import type { DeployedApi } from './deployed-api.ts';
import type { RecordingSimulator } from './recording-simulator.ts';
import type { Credentials } from './signed-request.ts';

export interface Story {
  readonly api: DeployedApi;
  readonly customer: Customer;
  readonly administration: Administration;
  readonly simulator: RecordingSimulator;
  /** A user without any policy. */
  readonly stranger: Credentials;
  readonly secretId: string;
  /** What the functions logged so far. */
  readonly logs: () => Promise<string>;
  readonly step: Step;
}

/** Runs one step and reports it; what `act` answers is printed beside its title. */
export type Step = <T>(title: string, act: () => Promise<T>, say?: (result: T) => string) => Promise<T>;

/** An integration of the app `crm`, and the user who authorizes it. */
export const first = { app: 'crm', tenant: 'acme', integration: 'crm-sync' } as const;
export const ada = 'ada@acme.example';
export const grace = 'grace@acme.example';

export function tokenPathOf(connectionId: string): string {
  return `/connections/${connectionId}/token?tenant=${first.tenant}`;
}

export function integrationPathOf({ tenant, integration }: { tenant: string; integration: string }): string {
  return `/integrations/${tenant}/${integration}`;
}
