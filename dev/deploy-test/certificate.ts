/**
 * A certificate for the emulator, good for two days and for loopback names only. With TLS, policies that deny plain
 * HTTP (`enforceSSL`, the bootstrap bucket's) can be left as they are and be evaluated.
 *
 * Made by the emulator's own Python, which has `cryptography`: Node.js can make keys, but no certificates.
 */
import { join } from 'node:path';
import { runChild } from './child.ts';

export interface Certificate {
  readonly certificateFile: string;
  readonly keyFile: string;
}

export async function makeCertificate(python: string, directory: string): Promise<Certificate> {
  const certificate = { certificateFile: join(directory, 'certificate.pem'), keyFile: join(directory, 'key.pem') };
  await runChild({
    command: python,
    args: ['-c', program, certificate.certificateFile, certificate.keyFile],
    env: process.env,
    cwd: directory,
    logFile: join(directory, 'certificate.log'),
    timeoutMs: 30_000,
  });
  return certificate;
}

const program = `
import datetime, ipaddress, os, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
now = datetime.datetime.now(datetime.timezone.utc)
names = [
    x509.DNSName("localhost"),
    x509.DNSName("*.execute-api.localhost"),
    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
]
certificate = (
    x509.CertificateBuilder()
    .subject_name(name)
    .issuer_name(name)
    .public_key(key.public_key())
    .serial_number(x509.random_serial_number())
    .not_valid_before(now - datetime.timedelta(hours=1))
    .not_valid_after(now + datetime.timedelta(days=2))
    .add_extension(x509.SubjectAlternativeName(names), critical=False)
    .sign(key, hashes.SHA256())
)
with open(sys.argv[1], "wb") as out:
    out.write(certificate.public_bytes(serialization.Encoding.PEM))
with open(os.open(sys.argv[2], os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as out:
    out.write(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
`;
