/** Every rule, in the order in which they are believed where several fit as well. */
import { appWideRevocation } from './app-wide-revocation.ts';
import { expiredImmediately } from './expired-immediately.ts';
import { grantLimit } from './grant-limit.ts';
import { idleExpiry } from './idle-expiry.ts';
import { lifetimeExpiry } from './lifetime-expiry.ts';
import { lostResponse } from './lost-response.ts';
import { orgWideRevocation } from './org-wide-revocation.ts';
import { revokedOrUnknown } from './revoked-or-unknown.ts';
import type { Rule } from './rule.ts';
import { userDeactivatedOrPasswordChanged } from './user-deactivated-or-password-changed.ts';

export const rules: readonly Rule[] = [
  grantLimit,
  userDeactivatedOrPasswordChanged,
  lifetimeExpiry,
  idleExpiry,
  // Promise 2: what we may have lost ourselves is named before what others may have done.
  lostResponse,
  appWideRevocation,
  orgWideRevocation,
  expiredImmediately,
  revokedOrUnknown,
];
