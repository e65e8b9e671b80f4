/** The ConfigurationStep port of a deployment without a step of its own: a link is all there is to do. */
import type { ConfigurationStep } from '../core/ports.ts';

export function createNoConfigurationStep(): ConfigurationStep {
  return { run: async () => undefined };
}
