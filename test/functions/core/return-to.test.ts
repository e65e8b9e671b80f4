import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAllowedReturnTo, returnAddress } from '../../../functions/core/return-to.ts';

const listed = ['https://app.example/settings/done', 'https://other.example:8443/'];

test('an address is taken by origin and path, with any query', () => {
  for (const address of [
    'https://app.example/settings/done',
    'https://app.example/settings/done?tenant=acme&x=https://evil.org',
    'HTTPS://APP.example:443/settings/done',
    'https://app.example/settings/x/../done',
    'https://other.example:8443',
  ]) {
    assert.equal(isAllowedReturnTo(address, listed, false), true, address);
  }
});

test('an address beside the list is refused', () => {
  for (const address of [
    '',
    '/settings/done',
    'http://app.example/settings/done',
    'https://app.example/settings/done/',
    'https://app.example/settings/Done',
    'https://app.example/settings',
    'https://app.example:8443/settings/done',
    'https://sub.app.example/settings/done',
    'https://app.example.evil.org/settings/done',
    'https://app.example@evil.org/settings/done',
    'https://user@app.example/settings/done',
    'https://:password@app.example/settings/done',
    'https://app.example/settings/done#x',
    'https://app.example/settings/done#',
    'https://app.example\\@evil.org/settings/done',
    'javascript:alert(1)',
    'http://127.0.0.1:3000/',
  ]) {
    assert.equal(isAllowedReturnTo(address, listed, false), false, address);
  }
});

test('any address on loopback is taken where the configuration says so, and only by http', () => {
  for (const address of ['http://127.0.0.1:3000/x', 'http://localhost/', 'http://[::1]:1/']) {
    assert.equal(isAllowedReturnTo(address, [], true), true, address);
    assert.equal(isAllowedReturnTo(address, [], false), false, address);
  }
  for (const address of [
    'http://127.0.0.1.evil.org/',
    'http://u@127.0.0.1/',
    'http://127.0.0.1/#x',
    'https://evil.org/',
  ]) {
    assert.equal(isAllowedReturnTo(address, [], true), false, address);
  }
});

test('the outcome is laid into the query and nothing else is moved', () => {
  const address = returnAddress('https://app.example/done?tenant=a&status=forged', { status: 'connected', x: 'a b&c' });
  const url = new URL(address);
  assert.equal(url.origin + url.pathname, 'https://app.example/done');
  assert.deepEqual(url.searchParams.getAll('status'), ['connected']);
  assert.equal(url.searchParams.get('tenant'), 'a');
  assert.equal(url.searchParams.get('x'), 'a b&c');
});

test('a parameter of ours that is not due is taken out, for it would pass as ours', () => {
  const address = returnAddress('https://app.example/done?claim=forged&a=1', { status: 'failed', claim: undefined });
  assert.equal(address, 'https://app.example/done?a=1&status=failed');
});
