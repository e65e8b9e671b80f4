/**
 * Runs an integration's configuration: the built-in part, then the deployer's own step. Both may fail as often as they like:
 * they get a token to work with or none, and no way to change one, so a failure never costs an authorization.
 *
 * Every outcome is recorded at once, for the version that it is of. What may pass by itself is then thrown, and the queue
 * brings the message back; so does a death.
 */
import type { Connection } from '../core/connection.ts';
import { GrantkeeperError } from '../core/errors.ts';
import type { Integration } from '../core/integration.ts';
import { type ConfigurationOutcome, decideConfigured, mayConfigure } from '../core/link.ts';
import { newId } from '../core/new-id.ts';
import type { ConfigurationRequest, IntegrationKey, Ports, Store } from '../core/ports.ts';
import { change } from './change.ts';
import { type CheckUserPorts, checkUser, type Trouble } from './check-user.ts';
import { type ComparePorts, compareGrants } from './compare-grants.ts';

/** No keys, no sealer, no secrets, no token endpoint, and connections to read only. */
export type ConfigurePorts = Omit<CheckUserPorts & ComparePorts, 'store'> &
  Pick<Ports, 'configurationStep' | 'metrics'> & {
    readonly store: Pick<Store, 'integrations' | 'ledgers' | 'rememberUsername'> & {
      readonly connections: Pick<Store['connections'], 'read'>;
    };
  };

export interface ConfigureOptions {
  /** Of the function that runs this. */
  readonly remainingTimeMs: () => number;
  /** Takes out what looks like a token: a step's own words become the reason that is shown. */
  readonly redactText: (text: string) => string;
}

/** Recorded, and to be tried again: the message is the integration's reason. */
export class ConfigurationFailedError extends GrantkeeperError {
  readonly code = 'configuration_failed';
}

/** Left for recording the outcome. */
const recordingTimeMs = 5_000;

export async function configureIntegration(
  ports: ConfigurePorts,
  request: ConfigurationRequest,
  options: ConfigureOptions,
): Promise<'configured' | 'failed' | 'not_needed'> {
  const { tenant, integration, configurationVersion } = request;
  const key = { tenant, integration };
  const found = await ports.store.integrations.read(key);
  if (found === undefined || !mayConfigure(found, configurationVersion)) return 'not_needed';
  const trouble = await run(ports, found, options);
  const reason = trouble && options.redactText(trouble.reason);
  await record(ports, key, configurationVersion, reason);
  if (reason === undefined) return 'configured';
  ports.log.warn('A configuration failed; its tokens are untouched.', { ...key, configurationVersion, reason });
  if (trouble?.lasting === true) return 'failed';
  throw new ConfigurationFailedError(`The configuration of ${tenant}/${integration} failed: ${reason}`);
}

async function run(
  ports: ConfigurePorts,
  integration: Integration,
  { remainingTimeMs }: ConfigureOptions,
): Promise<Trouble | undefined> {
  try {
    const connection = await ports.store.connections.read(integration.connectionId);
    const unusable = unusableReason(connection);
    if (connection === undefined || unusable !== undefined) return { reason: unusable ?? '', lasting: true };
    const checked = await checkUser(ports, connection);
    if (checked.kind === 'trouble') return checked.trouble;
    await compareGrants(ports, connection, checked.live);
    await runStep(ports, integration, Math.max(0, remainingTimeMs() - recordingTimeMs));
    return undefined;
  } catch (error) {
    return { reason: wordsOf(error), lasting: false };
  }
}

function unusableReason(connection: Connection | undefined): string | undefined {
  const remedy = 'a new connect session links the integration, and runs the step';
  if (connection === undefined) return `unknown_connection: The connection is not stored; ${remedy}.`;
  return connection.status === 'disconnected' ? `disconnected: The connection was disconnected; ${remedy}.` : undefined;
}

async function runStep(
  { configurationStep, clock }: ConfigurePorts,
  { connectionId, tenant, integration, configuration, configurationVersion }: Integration,
  timeMs: number,
): Promise<void> {
  const stop = new AbortController();
  const event = {
    connection_id: connectionId,
    tenant,
    integration,
    configuration: configuration === undefined ? null : JSON.parse(configuration),
    configuration_version: configurationVersion,
  };
  const step = configurationStep.run(event, timeMs);
  // A step that does not keep to its time must not take that of the record of it.
  const timeUp = clock.wait(timeMs, stop.signal).then(() => {
    if (stop.signal.aborted) return;
    const seconds = Math.floor(timeMs / 1_000);
    throw new ConfigurationFailedError(
      `step_timed_out: The configuration step did not end within the ${seconds} s that it had; it is tried again.`,
    );
  });
  try {
    await Promise.race([step, timeUp]);
  } finally {
    stop.abort();
  }
}

function wordsOf(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  return words.trim() === '' ? 'The configuration step failed and did not say why.' : words;
}

async function record(
  ports: ConfigurePorts,
  key: IntegrationKey,
  version: number,
  reason: string | undefined,
): Promise<void> {
  const outcome: ConfigurationOutcome =
    reason === undefined ? { status: 'configured' } : { status: 'configuration_failed', reason };
  await change<IntegrationKey, Integration, undefined>(
    ports.store.integrations,
    key,
    (current) => {
      const after = current && decideConfigured(current, version, outcome, ports.clock.now());
      return after === undefined ? { keep: true, result: undefined } : { write: after, result: undefined };
    },
    { writeId: `${newId(ports.random)}.${outcome.status}` },
  );
  ports.metrics.add(reason === undefined ? 'Configured' : 'ConfigurationFailed', 1);
}
