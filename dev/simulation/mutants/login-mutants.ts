/** Wrong edits to connections without a browser: keys, logins, and what is owed for their tokens. */
import { core, flow, type Mutant } from './mutant.ts';

export const loginMutants: readonly Mutant[] = [
  {
    name: 'the other key is never tried',
    edits: [
      flow(
        'ask-by-assertion',
        '  if (other === undefined) return judged;\n',
        "  if (other === undefined || order.name !== '') return judged;\n",
      ),
    ],
  },
  {
    name: 'a connection is introduced without a lease',
    edits: [
      core(
        'introduction-step',
        '  if (lease !== undefined && lease.until > now) {',
        '  if (lease !== undefined && lease.until < 0) {',
      ),
    ],
  },
  {
    name: 'the lease of an introduction is not given back after a failure',
    edits: [
      core(
        'introduction-step',
        '  return { ...current, lease: undefined, lastFailure: {',
        '  return { ...current, lastFailure: {',
      ),
    ],
  },
  {
    name: 'logins are not paced',
    edits: [
      core('login-window', '  if (count < free) return now;', '  if (count < Number.POSITIVE_INFINITY) return now;'),
    ],
  },
  {
    name: 'refreshes and introductions count the hour apart',
    edits: [
      core(
        'introduction-step',
        'Math.max(nextLoginAt(logins, loginsPerHour, now), nextLoginAt(connection?.logins, loginsPerHour, now))',
        'nextLoginAt(logins, loginsPerHour, now)',
      ),
      core('introduction-step', 'connection === undefined ? withLogin(logins, now) : logins', 'withLogin(logins, now)'),
      core('introduction-step', 'lastFailure: undefined, logins: undefined,', 'lastFailure: undefined,'),
      core('store-grant', 'joinedWindows(current?.logins, logins, begunAt)', 'current?.logins'),
      flow(
        'introduce-connection',
        "if (!('connectionId' in counted)) return undefined;",
        'if (counted !== undefined) return undefined;',
      ),
    ],
  },
  {
    name: 'dead without a browser',
    edits: [
      core(
        'error-table',
        "return named === 'dead' && (ask === 'jwt_bearer' || ask === 'client_credentials') ? 'admin' : named;",
        'return named;',
      ),
    ],
  },
  {
    name: 'the token of a login that was replaced is revoked',
    edits: [core('store-grant', '  if (grant.refreshToken === undefined) return {};\n', '')],
  },
  {
    name: 'a token that was given again is revoked',
    edits: [flow('revoke-duty', "  if (await isHeldAgain(vault, connection, duty)) return 'held_again';\n", '')],
  },
  {
    name: 'a rejected token is served when a login brings it again',
    edits: [core('settle-commit', '  if (wasRejected(grant, made))\n', '  if (now < 0)\n')],
  },
];
