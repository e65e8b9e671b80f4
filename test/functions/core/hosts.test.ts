import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hostKindOf, isLoopbackHost, isSalesforceUrl, loginOrigin } from '../../../functions/core/hosts.ts';

const salesforceHosts = [
  'login.salesforce.com',
  'test.salesforce.com',
  'example.my.salesforce.com',
  'a.my.salesforce.com',
  'acme--uat.my.salesforce.com',
  ...['sandbox', 'develop', 'scratch', 'demo', 'patch', 'trailblaze'].map((part) => `acme.${part}.my.salesforce.com`),
  'acme--uat.sandbox.my.salesforce.com',
  'acme.my.site.com',
  'acme.my.salesforce.mil',
  'acme.my.sfcrmproducts.cn',
  'acme.my-salesforce.com',
  'na1.salesforce.com',
  'cs84.salesforce.com',
  'ap16.salesforce.com',
];

for (const host of salesforceHosts) {
  test(`${host} is Salesforce's`, () => {
    assert.equal(isSalesforceUrl(`https://${host}/id/x?y=z`), true);
    assert.equal(loginOrigin(`https://${host}`), `https://${host}`);
  });

  test(`what only looks like ${host} is not Salesforce's`, () => {
    for (const url of [
      `http://${host}`,
      `https://${host}:8443`,
      `https://${host}.`,
      `https://${host}.evil.org`,
      `https://${host}evil.org`,
      `https://evil.org/${host}`,
      `https://evil.org#${host}`,
      `https://evil.org?${host}`,
      `https://${host}@evil.org`,
      `https://user@${host}`,
      `https://user:password@${host}`,
      `https://evil.org\\@${host.replaceAll('.', '-')}`,
      `https://${host.replaceAll('.', '-')}`,
      `https://evil-${host.split('.').slice(-2).join('.')}`,
      `https://${host.replace(/\.[a-z]+$/, '.org')}`,
      `ftp://${host}`,
      `//${host}`,
      host,
      `javascript:${host}`,
      `blob:https://${host}/x`,
      `https://${host.replace(/s(?=[a-z-]*\.[a-z]+$)/, 'ѕ')}`,
    ]) {
      assert.equal(isSalesforceUrl(url), false, url);
      assert.equal(loginOrigin(url), undefined, url);
    }
  });
}

test('hosts beside the patterns are refused', () => {
  for (const host of [
    'salesforce.com',
    'www.salesforce.com',
    'evil-salesforce.com',
    'salesforce.com.evil.org',
    'my.salesforce.com',
    'a.b.my.salesforce.com',
    'acme.production.my.salesforce.com',
    'acme.sandbox.sandbox.my.salesforce.com',
    'acme.sandbox.my.salesforce.mil',
    '-acme.my.salesforce.com',
    'acme-.my.salesforce.com',
    `${'a'.repeat(64)}.my.salesforce.com`,
    'acme.xmy.salesforce.com',
    'acme.my.salesforce.com.cn',
    'acme.site.com',
    'login.salesforce.mil',
    'login2.salesforce.com',
    'toolong1.salesforce.com',
    'na12345.salesforce.com',
    'na.salesforce.com',
    'n1.salesforce.com',
    'evil.na1.salesforce.com',
    'xn--salesforce-9db.com',
    'my-salesforce.com',
    'force.com',
  ]) {
    assert.equal(isSalesforceUrl(`https://${host}`), false, host);
  }
});

test('a browser-like spelling of the very same host is that host', () => {
  assert.equal(isSalesforceUrl('https://LOGIN.Salesforce.COM:443/x'), true);
  assert.equal(loginOrigin('HTTPS://LOGIN.Salesforce.COM:443/'), 'https://login.salesforce.com');
  // The longest label that DNS has.
  assert.equal(isSalesforceUrl(`https://${'a'.repeat(63)}.my.salesforce.com`), true);
});

test('a login URL has no path, query or fragment', () => {
  for (const rest of ['/x', '/?x', '/#x', '//']) {
    assert.equal(loginOrigin(`https://login.salesforce.com${rest}`), undefined, rest);
  }
  assert.equal(loginOrigin('https://login.salesforce.com/'), 'https://login.salesforce.com');
});

test('the one extra origin is taken exactly, and only where it is configured', () => {
  const extra = 'http://127.0.0.1:3001';
  assert.equal(isSalesforceUrl(`${extra}/id/1/2`, extra), true);
  assert.equal(loginOrigin(extra, extra), extra);
  for (const url of [
    'http://127.0.0.1:3002',
    'https://127.0.0.1:3001',
    'http://user@127.0.0.1:3001',
    'http://127.0.0.2:3001',
  ]) {
    assert.equal(isSalesforceUrl(url, extra), false, url);
  }
  assert.equal(isSalesforceUrl(extra), false);
  assert.equal(isSalesforceUrl('https://login.salesforce.com', extra), true);
});

test('no text makes the judgement throw, and what it takes is https on a known suffix', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.webUrl(),
        fc.string().map((text) => `https://${text}.salesforce.com`),
      ),
      (url) => {
        if (!isSalesforceUrl(url)) return;
        const { protocol, hostname } = new URL(url);
        assert.equal(protocol, 'https:');
        assert.match(hostname, /\.(salesforce\.com|site\.com|salesforce\.mil|sfcrmproducts\.cn|my-salesforce\.com)$/);
      },
    ),
  );
});

test('loopback is 127.0.0.0/8, ::1 and localhost, and no name that begins so', () => {
  for (const host of ['127.0.0.1', '127.255.0.9', '[::1]', 'localhost']) assert.equal(isLoopbackHost(host), true, host);
  for (const host of [
    '127.0.0.1.evil.org',
    'localhost.evil.org',
    '128.0.0.1',
    '::1',
    '10.0.0.1',
    '127.0.0',
    'xlocalhost',
  ]) {
    assert.equal(isLoopbackHost(host), false, host);
  }
});

test('a host is told by its kind, and no other host has one', () => {
  const kindOf = (host: string) => hostKindOf(`https://${host}`);
  assert.deepEqual(['login.salesforce.com', 'test.salesforce.com'].map(kindOf), ['login', 'login']);
  assert.deepEqual(
    ['acme.my.salesforce.com', 'acme--uat.sandbox.my.salesforce.com', 'acme.my.salesforce.mil'].map(kindOf),
    ['my_domain', 'my_domain', 'my_domain'],
  );
  assert.deepEqual(['acme.my-salesforce.com', 'acme.my.sfcrmproducts.cn'].map(kindOf), ['my_domain', 'my_domain']);
  assert.deepEqual(['acme.my.site.com', 'acme.sandbox.my.site.com'].map(kindOf), ['site', 'site']);
  assert.equal(kindOf('na1.salesforce.com'), 'instance');
  assert.equal(kindOf('login.example.com'), undefined);
  assert.equal(hostKindOf('http://login.salesforce.com'), undefined);
  assert.equal(hostKindOf('https://login.salesforce.com:8443'), undefined);
});
