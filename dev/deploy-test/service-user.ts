/**
 * IAM users of the emulator: one that may call the service routes, one that may not. So the
 * HTTP API is called as a deployer's service calls it, not as an administrator who may do anything.
 */
import { routes } from '../../functions/core/routes.ts';
import { emulatedAccount, emulatedRegion } from './aws-environment.ts';
import { elements, type IamOptions, iam } from './iam.ts';
import type { Credentials } from './signed-request.ts';

/** @param apiUrl of the HTTP API whose service routes it may call; absent: none */
export async function createServiceUser(options: IamOptions, userName: string, apiUrl?: string): Promise<Credentials> {
  await iam(options, { Action: 'CreateUser', UserName: userName });
  if (apiUrl !== undefined) {
    const PolicyDocument = JSON.stringify(policyOf(apiUrl));
    await iam(options, { Action: 'PutUserPolicy', UserName: userName, PolicyName: 'call', PolicyDocument });
  }
  return createAccessKey(options, userName);
}

/** For a user who is there: one of the stack's own, say, who may what the construct granted him. */
export async function createAccessKey(options: IamOptions, userName: string): Promise<Credentials> {
  const answer = await iam(options, { Action: 'CreateAccessKey', UserName: userName });
  const [accessKeyId = ''] = elements(answer, 'AccessKeyId');
  const [secretAccessKey = ''] = elements(answer, 'SecretAccessKey');
  return { accessKeyId, secretAccessKey };
}

/** A stack that made the user cannot delete him while he has one. */
export async function deleteAccessKeys(options: IamOptions, userName: string): Promise<void> {
  const keys = elements(await iam(options, { Action: 'ListAccessKeys', UserName: userName }), 'AccessKeyId');
  for (const AccessKeyId of keys) await iam(options, { Action: 'DeleteAccessKey', UserName: userName, AccessKeyId });
}

/** As `grantCallApi` of the construct gives it: each service route, and nothing else. */
function policyOf(apiUrl: string) {
  const [apiId] = new URL(apiUrl).hostname.split('.');
  const arn = `arn:aws:execute-api:${emulatedRegion}:${emulatedAccount}:${apiId}/$default`;
  const resources = routes
    .filter(({ audience }) => audience === 'service')
    .map(({ method, path }) => `${arn}/${method}${path.replaceAll(/\{[^}]+\}/g, '*')}`);
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: resources }],
  };
}
