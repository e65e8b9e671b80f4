import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { requestOf } from '../../../functions/runtime/http-request.ts';
import { httpEvent, lambdaContext } from './lambda-event.ts';

const userArn = 'arn:aws:sts::111122223333:assumed-role/Sales/session';

/** As the gateway makes it for a signed request. */
function signedEvent(iam: unknown): APIGatewayProxyEventV2 {
  const event = httpEvent({ path: '/connections' });
  return { ...event, requestContext: { ...event.requestContext, authorizer: { iam } } } as APIGatewayProxyEventV2;
}

describe('the caller of a request', () => {
  it('is whom IAM found', () => {
    const event = signedEvent({ accessKey: 'ASIA', accountId: '111122223333', callerId: 'AROA:session', userArn });
    assert.deepEqual(requestOf(event, lambdaContext()).caller, { accountId: '111122223333', userArn });
  });

  it('is nobody where the request was not signed, whatever its headers say', () => {
    const headers = { authorizer: userArn, 'x-amzn-iam-user-arn': userArn };
    const request = requestOf(httpEvent({ path: '/connections', headers }), lambdaContext());
    assert.equal('caller' in request, false);
  });

  it('is nobody where the gateway did not say all of it', () => {
    for (const iam of [null, {}, { accountId: '111122223333' }, { userArn }, { accountId: 1, userArn }]) {
      assert.equal(requestOf(signedEvent(iam), lambdaContext()).caller, undefined);
    }
  });
});
