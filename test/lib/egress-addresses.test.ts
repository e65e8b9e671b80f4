import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { unfitAddress } from '../../lib/egress-addresses.ts';

describe('an address by which the functions leave', () => {
  const fit = ['203.0.113.7', '198.51.100.0/28', '8.0.0.0/8', '9.255.255.255', '11.0.0.0', '100.63.255.255'];
  const besides = [
    '100.128.0.0',
    '126.255.255.255',
    '172.15.255.255',
    '172.32.0.0/11',
    '192.167.0.0/16',
    '223.255.255.255',
  ];
  for (const address of [...fit, ...besides]) {
    it(`may be ${address}`, () => assert.equal(unfitAddress(address), undefined));
  }

  const unfit: readonly (readonly [address: string, why: RegExp])[] = [
    ['10.0.4.20', /is private \(RFC 1918\)/],
    ['10.0.0.0/8', /is private/],
    ['172.16.0.0', /is private/],
    ['172.31.255.255/32', /is private/],
    ['192.168.1.0/24', /is private/],
    ['192.0.0.0/8', /is private/],
    ['100.64.0.1', /is shared by a carrier \(RFC 6598\)/],
    ['100.0.0.0/8', /is shared by a carrier/],
    ['127.0.0.1', /is loopback/],
    ['169.254.169.254', /is link-local/],
    ['0.0.0.0', /is of no host/],
    ['224.0.0.1', /is multicast or reserved/],
    ['255.255.255.255', /is multicast or reserved/],
    ['0.0.0.0/0', /no wider than \/8/],
    ['203.0.113.0/7', /no wider than \/8/],
    ['203.0.113.0/33', /IPv4 addresses or ranges/],
    ['203.0.113.0/8/8', /IPv4 addresses or ranges/],
    ['203.0.113.0/', /IPv4 addresses or ranges/],
    ['2001:db8::1', /IPv4 addresses or ranges/],
  ];
  for (const [address, why] of unfit) {
    it(`is not ${address}, and it is said why, and what to do`, () => {
      const message = unfitAddress(address) ?? '';
      assert.match(message, why);
      assert.ok(message.includes(`got ${address}`));
    });
  }
});
