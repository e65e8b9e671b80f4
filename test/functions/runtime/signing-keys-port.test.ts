import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { AppMisconfiguredError } from '../../../functions/core/errors.ts';
import { signingKeysPort } from '../../../functions/runtime/aws-ports.ts';
import { environmentOf } from '../../../functions/runtime/environment.ts';

const directory = mkdtempSync(join(tmpdir(), 'grantkeeper-signing-keys-'));
const apps = {
  'in-kms': { clientId: 'c', flow: 'jwt_bearer' },
  'in-pem': { clientId: 'c', flow: 'jwt_bearer', signingKey: 'pem' },
};
writeFileSync(join(directory, 'config.json'), JSON.stringify({ apps }));

/** What was asked, by service and name; everything is answered as if there were nothing. */
const asked: string[] = [];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const target = String(request.headers['x-amz-target']);
    const { KeyId, SecretId } = JSON.parse(body);
    asked.push(`${target} ${KeyId ?? SecretId}`);
    const type = target.startsWith('secretsmanager.') ? 'ResourceNotFoundException' : 'NotFoundException';
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': type });
    response.end(JSON.stringify({ __type: type }));
  });
});

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
});
after(() => {
  server.close();
  server.closeAllConnections();
  rmSync(directory, { recursive: true });
});

describe('the port of signing keys', () => {
  const expected = {
    'in-kms': [
      'TrentService.DescribeKey alias/keys/in-kms/signing-1',
      'TrentService.DescribeKey alias/keys/in-kms/signing-2',
    ],
    'in-pem': ['secretsmanager.GetSecretValue keys/in-pem/signing-key'],
  } as const;

  for (const [app, requests] of Object.entries(expected)) {
    for (const ask of ['of', 'certificateEnds'] as const) {
      it(`asks where the keys of ${app} lie, and nowhere else, for ${ask}`, async () => {
        const clock = { now: () => 0, wait: () => Promise.resolve() };
        const environment = environmentOf({ SIGNING_KEY_PREFIX: 'keys/' }, directory);
        const { signingKeys } = signingKeysPort(environment, { clock });
        asked.length = 0;
        await assert.rejects(signingKeys[ask](app), AppMisconfiguredError);
        assert.deepEqual(asked.toSorted(), requests);
      });
    }
  }
});
