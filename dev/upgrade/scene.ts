/** One scene: a state that a deploy can meet items in, and how it comes about in a world that is all of one release. */
import type { Ports } from '../../functions/core/ports.ts';
import type { UpgradeWorld } from './upgrade-world.ts';

export interface Scene {
  /** What it leaves behind, in the words of a title. */
  readonly leaves: string;
  /** Apps ask for the claim. */
  readonly claiming?: boolean;
  /** The release before, where it knows no such state: there is no fixture of it then. */
  readonly unknownTo?: string;
  /** Answers the ids that the tests need. */
  act(world: UpgradeWorld): Promise<Record<string, string>>;
}

/** The local stack's apps do without; deployed, claiming is the default. */
export function claiming(ports: Ports): Ports {
  const apps = Object.entries(ports.config.apps).map(([name, app]) => [name, { ...app, claim: true }]);
  return { ...ports, config: { ...ports.config, apps: Object.fromEntries(apps) } };
}
