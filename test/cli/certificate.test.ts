import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { selfSigned } from '../../cli/certificate.ts';

const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const [own, other] = [rsa(), rsa()];
const now = Date.parse('2026-11-21T12:00:00.750Z');

/** A key whose private part is somebody else's. */
function outside(publicKey: KeyObject, privateKey: KeyObject) {
  return {
    publicKey: async () => publicKey.export({ type: 'spki', format: 'der' }),
    sign: async (message: Uint8Array) => sign('sha256', message, privateKey),
  };
}

const order = { name: 'crm-jwt', key: outside(own.publicKey, own.privateKey), now, days: 730 };

describe('a certificate', () => {
  it('is of the app, for its key, and signed by that key', async () => {
    const certificate = new X509Certificate((await selfSigned(order)).pem);
    assert.equal(certificate.subject, 'CN=crm-jwt');
    assert.equal(certificate.issuer, 'CN=crm-jwt');
    assert.ok(certificate.checkPrivateKey(own.privateKey));
    assert.ok(!certificate.checkPrivateKey(other.privateKey));
    assert.ok(certificate.verify(own.publicKey));
    assert.ok(!certificate.verify(other.publicKey));
    assert.ok(certificate.checkIssued(certificate));
    assert.equal(certificate.ca, false);
  });

  it('is good from an hour ago for as many days as asked, and says when it ends', async () => {
    const { pem, endsAt } = await selfSigned({ ...order, days: 1 });
    const { validFromDate, validToDate } = new X509Certificate(pem);
    assert.equal(validFromDate.toISOString(), '2026-11-21T11:00:00.000Z');
    assert.equal(validToDate.toISOString(), '2026-11-22T12:00:00.000Z');
    assert.equal(endsAt, validToDate.getTime());
  });

  it('holds for ten years, beyond where X.509 writes years otherwise', async () => {
    const { pem, endsAt } = await selfSigned({ ...order, now: Date.parse('2045-01-01T00:00:00Z'), days: 3_650 });
    assert.equal(new X509Certificate(pem).validToDate.toISOString(), '2054-12-30T00:00:00.000Z');
    assert.equal(new Date(endsAt).toISOString(), '2054-12-30T00:00:00.000Z');
  });

  it('has a number of its own each time', async () => {
    const numbers = await Promise.all(
      Array.from({ length: 4 }, async () => new X509Certificate((await selfSigned(order)).pem).serialNumber),
    );
    assert.equal(new Set(numbers).size, 4);
    assert.ok(numbers.every((number) => number.length >= 24));
  });

  it('is not given where the signature is of another key', async () => {
    const mixed = { ...order, key: outside(own.publicKey, other.privateKey) };
    await assert.rejects(selfSigned(mixed), /crm-jwt is not signed by its own key/);
  });

  it('is PEM that ends with a newline', async () => {
    assert.match((await selfSigned(order)).pem, /^-----BEGIN CERTIFICATE-----\n[\s\S]+\n-----END CERTIFICATE-----\n$/);
  });
});
