/**
 * The addresses by which a VPC of the deployer's leaves, as customers put them on their lists: only such that Salesforce can
 * see. A private one would be on every list and let nobody in; a range as wide as the internet would let everybody in.
 *
 * Source: RFC 1918, RFC 6598, RFC 6890; docs/deploying.md, "The network"
 */
import { BlockList, isIPv4 } from 'node:net';
import { Token } from 'aws-cdk-lib';
import { ConfigurationError } from '../functions/core/errors.ts';

const widestBits = 8;

/** First address, bits, and what it is. Nobody is met from there on the internet. */
const unseen: readonly (readonly [first: string, bits: number, what: string])[] = [
  ['0.0.0.0', 8, 'of no host (RFC 1122)'],
  ['10.0.0.0', 8, 'private (RFC 1918)'],
  ['100.64.0.0', 10, 'shared by a carrier (RFC 6598)'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local (RFC 3927)'],
  ['172.16.0.0', 12, 'private (RFC 1918)'],
  ['192.168.0.0', 16, 'private (RFC 1918)'],
  ['224.0.0.0', 3, 'multicast or reserved'],
];

/** @throws ConfigurationError where one cannot be the address by which a NAT gateway is seen */
export function requireEgressAddresses(addresses: readonly string[] = []): readonly string[] {
  const path = 'egress.egressAddresses';
  // A list that is known at deployment only, a parameter's say.
  if (Token.isUnresolved(addresses)) return addresses;
  if (addresses.length === 0) {
    const message = 'must name at least one address: those of your NAT gateways, which customers put on their lists';
    throw new ConfigurationError('the deployment', [{ path, message }]);
  }
  const issues = addresses.flatMap((address, index) => {
    const message = Token.isUnresolved(address) ? undefined : unfitAddress(address);
    return message === undefined ? [] : [{ path: `${path}.${index}`, message }];
  });
  if (issues.length > 0) throw new ConfigurationError('the deployment', issues);
  return addresses;
}

/** What is wrong with it, and what to do. */
export function unfitAddress(text: string): string | undefined {
  const [address = '', bitsText, ...more] = text.split('/');
  const bits = bitsText === undefined ? 32 : Number(bitsText);
  const isRange = isIPv4(address) && more.length === 0 && (bitsText === undefined || /^\d{1,2}$/.test(bitsText));
  if (!isRange || bits > 32) return `must be IPv4 addresses or ranges such as 203.0.113.0/28; got ${text}`;
  const todo = 'give the public addresses of your NAT gateways, as aws ec2 describe-nat-gateways shows them (PublicIp)';
  if (bits < widestBits) return `must be no wider than /${widestBits}; got ${text}: ${todo}`;
  const found = unseen.find(([first, itsBits]) => overlap(first, itsBits, address, bits));
  return found && `must be public; got ${text}, which is ${found[2]}, and seen by nobody outside: ${todo}`;
}

/** Of two ranges one holds the other's first address, or they share none. */
function overlap(first: string, firstBits: number, second: string, secondBits: number): boolean {
  return isIn(second, first, firstBits) || isIn(first, second, secondBits);
}

function isIn(address: string, first: string, bits: number): boolean {
  const range = new BlockList();
  range.addSubnet(first, bits);
  return range.check(address);
}
