/**
 * What `npx grantkeeper signing-key` is to do, decided on the keys that there are: nothing is made twice, and no key is
 * retired before another can take over.
 */
import { type SigningKeyId, signingKeyIds } from '../functions/adapters/signing-key-names.ts';
import type { HeldKey } from './key-ring.ts';

export interface Wish {
  readonly app: string;
  /** Which key's certificate is to be written. @default the only one */
  readonly key?: SigningKeyId;
  readonly rotate: boolean;
  readonly retire?: SigningKeyId;
}

export type Plan =
  /** The key and its certificate. */
  | { readonly kind: 'make'; readonly id: SigningKeyId }
  /** A new certificate for a key that is there. */
  | { readonly kind: 'certify'; readonly id: SigningKeyId }
  | { readonly kind: 'retire'; readonly id: SigningKeyId }
  | { readonly kind: 'refuse'; readonly message: string };

type KnownKey = Pick<HeldKey, 'id' | 'place' | 'unusable' | 'certificateEndsAt'>;

/** @param now milliseconds since the epoch */
export function planOf(wish: Wish, keys: readonly KnownKey[], now: number): Plan {
  if (wish.retire !== undefined) return retirement(wish.app, wish.retire, keys, now);
  const broken = keys.find(({ unusable }) => unusable !== undefined);
  if (broken !== undefined) {
    return refuse(
      `Key ${broken.id} of ${wish.app}, ${broken.place}, cannot sign: ${broken.unusable}. Mend it, or end it with --retire ${broken.id} if there is another.`,
    );
  }
  return wish.rotate ? rotation(wish, keys) : certification(wish, keys);
}

function certification({ app, key }: Wish, keys: readonly KnownKey[]): Plan {
  const [first, second] = keys;
  if (key !== undefined) {
    if (keys.some(({ id }) => id === key)) return { kind: 'certify', id: key };
    return refuse(`${app} has no key ${key}; it has ${listed(keys)}. Leave --key out to make the first one.`);
  }
  if (first === undefined) return { kind: 'make', id: signingKeyIds[0] };
  if (second === undefined) return { kind: 'certify', id: first.id };
  return refuse(
    `${app} has two keys, 1 and 2. Say for which to write a certificate: --key 1 or --key 2; or end the rotation: --retire 1 or --retire 2.`,
  );
}

function rotation({ app }: Wish, keys: readonly KnownKey[]): Plan {
  const free = signingKeyIds.find((id) => keys.every((key) => key.id !== id));
  if (keys.length === 0) return refuse(`${app} has no key yet. Run it without --rotate to make the first.`);
  if (free !== undefined) return { kind: 'make', id: free };
  return refuse(
    `${app} has two keys already, 1 and 2, which is the most. To write a certificate again: --key 1 or --key 2; to end the rotation: --retire 1 or --retire 2.`,
  );
}

function retirement(app: string, id: SigningKeyId, keys: readonly KnownKey[], now: number): Plan {
  if (keys.every((key) => key.id !== id)) return refuse(`${app} has no key ${id}; it has ${listed(keys)}.`);
  const other = keys.find((key) => key.id !== id);
  if (other === undefined) {
    return refuse(`Key ${id} is the only one of ${app}: without it nothing can log in. Run --rotate first.`);
  }
  if (other.unusable !== undefined) {
    return refuse(`Key ${id} of ${app} must stay: the other, key ${other.id}, cannot sign: ${other.unusable}.`);
  }
  if (other.certificateEndsAt === undefined || other.certificateEndsAt <= now) {
    const why = other.certificateEndsAt === undefined ? 'has no certificate yet' : "'s certificate has ended";
    return refuse(
      `Key ${id} of ${app} must stay: the other, key ${other.id}, ${why}. Write one with --key ${other.id}, and upload it.`,
    );
  }
  return { kind: 'retire', id };
}

function listed(keys: readonly KnownKey[]): string {
  return keys.length === 0 ? 'none' : keys.map(({ id }) => id).join(' and ');
}

function refuse(message: string): Plan {
  return { kind: 'refuse', message };
}
