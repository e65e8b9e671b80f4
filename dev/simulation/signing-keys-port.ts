/** The port `SigningKeys`: an app's keys sign with their names, which is enough for books that know their certificates. */
import { KeysUnavailableError } from '../../functions/core/errors.ts';
import type { SigningKey, SigningKeys } from '../../functions/core/ports.ts';
import type { Running } from './process-ports.ts';
import type { World } from './world.ts';

export function signingKeysPort(world: World, running: Running): SigningKeys {
  const key = (id: string): SigningKey => ({
    id,
    sign: () =>
      world.call(running.process, {
        name: 'signingKeys.sign',
        about: id,
        faults: ['crash_before', 'keys_unavailable'],
        failure: () => {
          world.monitor.logins.couldNotSign(running.process);
          return { error: new KeysUnavailableError('The key service does not answer.') };
        },
        preempts: false,
        act: () => new TextEncoder().encode(id),
      }),
  });
  return {
    of: async () => world.books.logins.keysKnown.map(key),
    certificateEnds: async () => world.books.logins.keysKnown.map((id) => ({ id })),
  };
}
