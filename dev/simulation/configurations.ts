/** Configuration steps as they were asked for and ran, and what may be written of them. */
import type { Integration } from '../../functions/core/integration.ts';
import type { ConfigurationEvent, ConfigurationRequest } from '../../functions/core/ports.ts';
import { keyOf } from './ids.ts';
import type { Monitor } from './monitor.ts';
import type { Process } from './world.ts';

const promise = 'a configuration is of its version';

export class Configurations {
  readonly #monitor: Monitor;
  /** `<tenant>/<integration> <version>` of every delivery, and of every step that ended well. */
  readonly #asked = new Set<string>();
  readonly #ran = new Set<string>();

  constructor(monitor: Monitor) {
    this.#monitor = monitor;
  }

  asked(request: ConfigurationRequest): void {
    this.#asked.add(textOf(keyOf(request), request.configurationVersion));
  }

  ran(event: ConfigurationEvent): void {
    this.#ran.add(textOf(keyOf(event), event.configuration_version));
  }

  /** An outcome is of a version that was asked for, its success of one that ran, and a newer version stays. */
  written(before: Integration | undefined, after: Integration, process: Process): void {
    const key = keyOf(after);
    const text = textOf(key, after.configurationVersion);
    if (before === undefined) return;
    if (after.configurationVersion < before.configurationVersion) {
      this.#monitor.breaks(promise, `${text} overwrote version ${before.configurationVersion}`);
    }
    if (process.name !== 'configure') return;
    if (before.connectionId !== after.connectionId || before.configuration !== after.configuration) {
      this.#monitor.breaks(promise, `${text}: a configuration step changed more than its outcome`);
    }
    if (!this.#asked.has(text)) this.#monitor.breaks(promise, `${text} is ${after.status}, and was never asked for`);
    if (after.status === 'configured' && !this.#ran.has(text)) {
      this.#monitor.breaks(promise, `${text} is configured, and its step never ran`);
    }
    if (before.status === 'configured' && after.status !== 'configured') {
      this.#monitor.breaks(promise, `${text} was configured, and a repetition made it ${after.status}`);
    }
  }

  /** At rest: configured, or failed with a reason, or set aside by the queue. */
  judge(integration: Integration): void {
    const { status, reason = '', configurationVersion: version } = integration;
    const text = textOf(keyOf(integration), version);
    if (status === 'unlinked') return;
    if (status === 'configured') {
      if (!this.#ran.has(text)) this.#monitor.breaks(promise, `${text} is configured, and its step never ran`);
      return;
    }
    if (status === 'configuration_failed') {
      if (reason === '') this.#monitor.breaks(promise, `${text} failed without a reason`);
      return;
    }
    const { deadLetters } = this.#monitor.world;
    if (deadLetters.some((one) => textOf(keyOf(one), one.configurationVersion) === text)) return;
    this.#monitor.breaks(promise, `${text} was never configured`);
  }
}

function textOf(key: string, version: number): string {
  return `${key} v${version}`;
}
