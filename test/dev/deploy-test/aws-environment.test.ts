import assert from 'node:assert/strict';
import { delimiter, dirname } from 'node:path';
import { describe, it } from 'node:test';
import { awsEnvironment } from '../../../dev/deploy-test/aws-environment.ts';

const developer = {
  PATH: '/usr/bin',
  HOME: '/home/dev',
  AWS_PROFILE: 'production',
  AWS_ACCESS_KEY_ID: 'AKIAREAL',
  AWS_SECRET_ACCESS_KEY: 'real',
  AWS_SESSION_TOKEN: 'real',
  AWS_REGION: 'eu-central-1',
  AWS_ENDPOINT_URL_STS: 'https://sts.amazonaws.com',
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/creds',
  AWS_WEB_IDENTITY_TOKEN_FILE: '/token',
  CDK_DEFAULT_ACCOUNT: '123456789012',
  HTTPS_PROXY: 'http://proxy.example:3128',
  https_proxy: 'http://proxy.example:3128',
};

describe('the environment of what the deploy test starts', () => {
  const environment = awsEnvironment(developer, { endpoint: 'http://127.0.0.1:4566' });

  it('points at the emulator, with credentials that are good for nothing elsewhere', () => {
    assert.equal(environment.AWS_ENDPOINT_URL, 'http://127.0.0.1:4566');
    assert.equal(environment.AWS_ACCESS_KEY_ID, 'test');
    assert.equal(environment.AWS_SECRET_ACCESS_KEY, 'test');
    assert.equal(environment.AWS_REGION, 'us-east-1');
  });

  it("holds nothing of the developer's AWS configuration, and no proxy", () => {
    const values = Object.values(environment);
    for (const [name, value] of Object.entries(developer)) {
      if (name !== 'PATH' && name !== 'HOME') assert.equal(values.includes(value), false, name);
    }
    assert.equal('AWS_PROFILE' in environment, false);
    assert.notEqual(environment.AWS_CONFIG_FILE, undefined);
    assert.notEqual(environment.AWS_SHARED_CREDENTIALS_FILE, undefined);
  });

  it('keeps the rest, and puts the Node.js of this process first', () => {
    assert.equal(environment.HOME, '/home/dev');
    assert.equal(environment.PATH, `${dirname(process.execPath)}${delimiter}/usr/bin`);
  });

  it('trusts a certificate only where one is named', () => {
    assert.equal('NODE_EXTRA_CA_CERTS' in environment, false);
    const trusting = awsEnvironment({}, { endpoint: 'https://127.0.0.1:1', certificateFile: '/c.pem' });
    assert.equal(trusting.NODE_EXTRA_CA_CERTS, '/c.pem');
    assert.equal(trusting.AWS_CA_BUNDLE, '/c.pem');
  });
});
