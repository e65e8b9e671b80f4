/** Signing keys for ports in memory. */
import { AppMisconfiguredError, KeysUnavailableError } from '../../functions/core/errors.ts';
import type { SigningKeys } from '../../functions/core/ports.ts';

/** The keys of every app that signs; a test takes some away. */
export interface Signing {
  /** @default one, `1` */
  ids: readonly string[];
  /** Those that cannot sign now. */
  readonly failing: Set<string>;
  /** By key id; milliseconds since the epoch. */
  readonly ends: Map<string, number>;
  /** Signatures made, by key id. */
  readonly made: string[];
}

export function oneKey(): Signing {
  return { ids: ['1'], failing: new Set(), ends: new Map(), made: [] };
}

/** Not cryptography: a signature says whose key it is of. */
export function fakeSigningKeys(signing: Signing): SigningKeys {
  const idsOf = (app: string) => {
    if (signing.ids.length === 0) throw new AppMisconfiguredError(app, `App ${app} has no signing key.`);
    return signing.ids;
  };
  const sign = (id: string) => {
    if (signing.failing.has(id)) throw new KeysUnavailableError(`Key ${id} cannot sign now.`);
    signing.made.push(id);
    return Buffer.from(id);
  };
  return {
    of: async (app) => idsOf(app).map((id) => ({ id, sign: async () => sign(id) })),
    certificateEnds: async (app) => idsOf(app).map((id) => ({ id, endsAt: signing.ends.get(id) })),
  };
}
