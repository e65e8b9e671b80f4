"""Judges assertions as Salesforce would, with nothing of this project: PyJWT and cryptography, against the certificate
file (RFC 7523, section 3; RFC 7519). What is good must be taken; each spoilt one must be refused, and for its own fault.

    python verify.py FOLDER        # as written by write.ts
"""

import json
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

LONGEST_SECONDS = 180


class ExpiryTooFarError(Exception):
    """More than three minutes ahead, as milliseconds always are."""


def public_key_of(pem: bytes) -> RSAPublicKey:
    certificate = x509.load_pem_x509_certificate(pem)
    key = certificate.public_key()
    assert isinstance(key, RSAPublicKey) and key.key_size == 2048, "the key of the certificate is not RSA with 2048 bits"
    assert isinstance(certificate.signature_hash_algorithm, SHA256), "the certificate is not signed with SHA-256"
    # Raises InvalidSignature.
    certificate.verify_directly_issued_by(certificate)
    now = datetime.now(timezone.utc)
    assert certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc, "the certificate is not valid now"
    return key


def judge(assertion: str, key: RSAPublicKey, expected: dict) -> dict:
    """Its claims; raises where it is refused."""
    claims = jwt.decode(
        assertion,
        key,
        algorithms=["RS256"],
        issuer=expected["iss"],
        audience=expected["aud"],
        options={"require": ["iss", "sub", "aud", "exp", "jti"], "strict_aud": True},
    )
    assert claims["sub"] == expected["sub"], f"sub is {claims['sub']}"
    assert isinstance(claims["jti"], str) and len(claims["jti"]) >= 16, f"jti is {claims['jti']}"
    assert type(claims["exp"]) is int, f"exp is no whole number: {claims['exp']}"
    ahead = claims["exp"] - time.time()
    if ahead > LONGEST_SECONDS:
        raise ExpiryTooFarError(f"exp is {ahead:.0f} s ahead; {LONGEST_SECONDS} s are the most")
    return claims


def must_refuse(name: str, error: type[Exception], assertion: str, key: RSAPublicKey, expected: dict) -> None:
    try:
        judge(assertion, key, expected)
    except error as refused:
        print(f"refused, as it must be: {name} ({type(refused).__name__}: {refused})")
        return
    raise SystemExit(f"Taken, but spoilt: {name}")


def main(folder: Path) -> None:
    key = public_key_of((folder / "certificate.pem").read_bytes())
    written = json.loads((folder / "assertions.json").read_text())
    expected, assertions = written["expected"], written["assertions"]

    taken = [judge(assertion, key, expected) for assertion in assertions["good"]]
    assert len(taken) == 2 and taken[0]["jti"] != taken[1]["jti"], "two assertions have one jti"
    print(f"taken: {len(taken)} assertions, {taken[0]['exp'] - time.time():.0f} s before their end")

    must_refuse("signed with another key", jwt.InvalidSignatureError, assertions["otherKey"], key, expected)
    must_refuse("for another audience", jwt.InvalidAudienceError, assertions["otherAudience"], key, expected)
    must_refuse("exp in milliseconds", ExpiryTooFarError, assertions["expiryInMilliseconds"], key, expected)


main(Path(sys.argv[1]))
