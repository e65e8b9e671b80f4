/**
 * Sealing without cryptography, so that it resolves within the scheduler: a sealed text is a ticket into a register,
 * and opens under its own key and place only, as a real one does. Checks read the register instead of opening seals.
 */
import { SealError } from '../../functions/core/errors.ts';
import type { KeyContext, SealContext, Sealer } from '../../functions/core/ports.ts';
import { Secret } from '../../functions/core/secret.ts';

interface Sealed {
  readonly text: string;
  readonly key: string;
  readonly keyId: string;
  readonly place: string;
}

export class TransparentSealing {
  readonly #sealed = new Map<string, Sealed>();
  readonly #wrapped = new Map<string, { key: Uint8Array; place: string }>();

  readonly sealer: Sealer = {
    seal: async (text, key, keyId, context) => {
      const name = keyName(key);
      const ticket = `sealed.${text.reveal().slice(1).replaceAll('clear', '')}.${name}.${context.connectionId}.${context.grantId}`;
      this.#sealed.set(ticket, { text: text.reveal(), key: name, keyId, place: placeOf(context) });
      return ticket;
    },
    open: async (sealed, key, context) => {
      const found = this.#sealed.get(sealed);
      if (found === undefined) throw new SealError('Nothing was sealed so.');
      if (found.key !== keyName(key)) throw new SealError('Sealed under another key.');
      if (found.place !== placeOf(context)) throw new SealError('Sealed for another place.');
      return new Secret(found.text);
    },
    keyIdOf: (sealed) => this.#sealed.get(sealed)?.keyId,
  };

  /** What a sealed text holds. */
  textOf(sealed: string | undefined): string | undefined {
    return sealed === undefined ? undefined : this.#sealed.get(sealed)?.text;
  }

  generate(context: KeyContext, bytes: Uint8Array): { plaintext: Uint8Array; wrapped: string } {
    const plaintext = new Uint8Array(32);
    plaintext.set(bytes);
    const wrapped = `wrapped.${keyName(plaintext)}`;
    this.#wrapped.set(wrapped, { key: plaintext, place: `${context.purpose}/${context.scope}` });
    return { plaintext, wrapped };
  }

  unwrap(wrapped: string, context: KeyContext): Uint8Array {
    const found = this.#wrapped.get(wrapped);
    if (found?.place !== `${context.purpose}/${context.scope}`) throw new SealError('Wrapped for another place.');
    return found.key;
  }
}

function keyName(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, 16).toString('hex');
}

function placeOf({ connectionId, grantId, purpose }: SealContext): string {
  return `${connectionId} ${grantId} ${purpose}`;
}
