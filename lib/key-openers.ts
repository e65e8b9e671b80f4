/**
 * Which Lambdas may unwrap data keys of which purpose: the roles' policies are made from it (`permissions.ts`), and the
 * fault simulation holds the functions to it. Nobody but those who need the token itself: `token` hands access tokens
 * out, `refresh` replaces them (and revokes them, where a duty holds one), `maintain` revokes refresh tokens.
 */
import type { KeyPurpose } from '../functions/core/ports.ts';
import type { FunctionName } from '../functions/core/routes.ts';

export const keyOpeners: Readonly<Record<KeyPurpose, readonly FunctionName[]>> = {
  access: ['refresh', 'token'],
  refresh: ['refresh', 'maintain'],
};
