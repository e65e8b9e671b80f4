/**
 * What one Lambda asks of another, in process: the same events as the adapters of the Invoke API send, and the same
 * answers read back.
 */
import type { AccessRevoker, Maintainer, Refresher, RefreshReport, TokenReader } from '../../functions/core/ports.ts';
import type { FunctionName } from '../../functions/core/routes.ts';
import type { AccessRevocationReport } from '../../functions/handlers/refresh.ts';
import type { DirectTokenAnswer } from '../../functions/handlers/token.ts';
import { liveTokenOf } from './live-token.ts';

export interface LocalInvocations {
  readonly refresher: Refresher;
  readonly accessRevoker: AccessRevoker;
  readonly maintainer: Maintainer;
  readonly tokens: TokenReader;
}

/** @param call invokes a function, and answers what its handler did */
export function createLocalInvocations(
  call: (name: FunctionName, event: unknown) => Promise<unknown>,
): LocalInvocations {
  return {
    refresher: { refresh: async (request) => (await call('refresh', request)) as RefreshReport },
    accessRevoker: {
      revoke: async (request) => ((await call('refresh', request)) as AccessRevocationReport).outcome,
    },
    maintainer: {
      doDutiesOf: async (connectionId) => {
        await call('maintain', { version: 1, kind: 'do_duties', connectionId });
      },
    },
    tokens: {
      read: async (connectionId, rejectedTokenSha256) => {
        const event = { version: 1, kind: 'read_token', connectionId, rejectedTokenSha256 };
        return liveTokenOf((await call('token', event)) as DirectTokenAnswer);
      },
    },
  };
}
