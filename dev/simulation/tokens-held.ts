/** Which refresh tokens an item or an entry of the lifeboat holds, as the checks read them: out of their seals. */
import type { Connection } from '../../functions/core/connection.ts';
import type { Duty } from '../../functions/core/duty.ts';
import type { LifeboatEntry } from '../../functions/core/lifeboat.ts';
import type { Versioned } from '../../functions/core/versioned.ts';
import type { TransparentSealing } from './transparent-sealing.ts';

/** Its grant's, and those in its duties. */
export function tokensIn(sealing: TransparentSealing, item: Versioned): string[] {
  const { grant, duties } = item as Partial<Connection>;
  const sealed = [grant?.refreshToken, ...Object.values(duties ?? {}).map(tokenOfDuty)];
  return sealed.flatMap((one) => sealing.textOf(one) ?? []);
}

/** Of a refresh only where the token was rotated: there is nothing to save otherwise. */
export function tokenOfEntry(sealing: TransparentSealing, entry: LifeboatEntry): string | undefined {
  switch (entry.kind) {
    case 'refresh':
      return entry.made.rotated ? sealing.textOf(entry.made.refreshToken) : undefined;
    case 'code':
      return sealing.textOf(entry.authorization.grant.refreshToken);
    case 'duty':
      return sealing.textOf(tokenOfDuty(entry.duty));
  }
}

function tokenOfDuty(duty: Duty): string | undefined {
  return duty.kind === 'revoke' && duty.tokenPurpose === 'refresh' ? duty.token : undefined;
}
