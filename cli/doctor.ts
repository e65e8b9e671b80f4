/**
 * `npx grantkeeper doctor`: is everything well, and if not, who must do what? Says it in words, and by the exit code: 0 all
 * is well, 1 something needs a person, 2 it could not be asked.
 */

import { printable } from '../functions/core/printable.ts';
import { askHealth, type DoctorWorld, regionOf } from './ask-health.ts';
import { CommandError } from './command-error.ts';
import type { DoctorOptions } from './command-line.ts';
import { type HealthAddress, healthAddressOf } from './health-address.ts';
import { healthReport } from './health-report.ts';
import { quotaWarning } from './lambda-quota.ts';

export interface Diagnosed {
  readonly exitCode: 0 | 1 | 2;
  /** For standard output. */
  readonly lines: readonly string[];
  /** For standard error, where it could not be asked. */
  readonly complaint?: string;
}

/** Never throws: whoever runs it each minute tells by the exit code what is meant. */
export async function doctor({ url, json }: DoctorOptions, world: DoctorWorld): Promise<Diagnosed> {
  try {
    const address = healthAddressOf(url);
    const health = await askHealth(address, world);
    const lines = json
      ? [printableJson(health)]
      : [...healthReport(health, address.url), ...(await quotaLines(address, world))];
    return { exitCode: health.status === 'ok' ? 0 : 1, lines };
  } catch (error) {
    return { exitCode: 2, lines: [], complaint: printable(complaintOf(error)) };
  }
}

/** Of the deployment's account, by credentials that may be for another purpose: where they may not ask, nothing is said. */
async function quotaLines({ url, signed }: HealthAddress, world: DoctorWorld): Promise<readonly string[]> {
  const region = regionOf(url) ?? world.region;
  if (!signed || region === undefined || world.quota === undefined) return [];
  const quota = await world.quota(region).catch(() => undefined);
  const warning = quota && quotaWarning(quota, region);
  return warning === undefined ? [] : ['', printable(warning)];
}

/** JSON escapes line ends and most of what a terminal would obey; the rest, in names too, is taken out line by line. */
function printableJson(health: unknown): string {
  return JSON.stringify(health, null, 2).split('\n').map(printable).join('\n');
}

function complaintOf(error: unknown): string {
  if (error instanceof CommandError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const hint = error.name === 'CredentialsProviderError' ? ' Sign in to AWS, or name a profile with AWS_PROFILE.' : '';
  return `It could not be asked: ${error.name}: ${error.message}${hint}`;
}
