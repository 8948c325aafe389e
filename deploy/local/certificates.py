"""A certificate authority for one broker, which signs once and is gone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from deploy.secret_files import write_secret

_DAYS = 825
_RENEWED_DAYS_BEFORE = 30
_AUTHORITY = "Kobling, authority of one broker"


def ensure_certificates(directory: Path, *, names: Sequence[str]) -> None:
    """`ca.pem` for clients, and `broker.pem` with key and certificate for these names and addresses (0600).

    Both are made anew a month before they end; clients need the new `ca.pem` then.
    """
    if _is_good(directory / "ca.pem") and (directory / "broker.pem").exists():
        return
    authority, own = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
    top = _certificate(_AUTHORITY, authority, authority).add_extension(x509.BasicConstraints(True, 0), critical=True)
    usage = dict.fromkeys(_USAGES, False) | {"key_cert_sign": True}
    ca = top.add_extension(x509.KeyUsage(**usage), critical=True).sign(authority, SHA256())
    leaf = _certificate("Kobling, broker", own, authority)
    leaf = leaf.add_extension(x509.BasicConstraints(False, None), critical=True)
    leaf = leaf.add_extension(x509.SubjectAlternativeName([_name(name) for name in names]), critical=False)
    broker = leaf.sign(authority, SHA256())
    key = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_secret(directory / "broker.pem", key + broker.public_bytes(Encoding.PEM) + ca.public_bytes(Encoding.PEM))
    write_secret(directory / "ca.pem", ca.public_bytes(Encoding.PEM))


_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


def _certificate(
    subject: str, key: EllipticCurvePrivateKey, authority: EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_called(subject))
        .issuer_name(_called(_AUTHORITY))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False)
    )


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _is_good(file: Path) -> bool:
    if not file.exists():
        return False
    end = x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc
    return end > datetime.now(UTC) + timedelta(days=_RENEWED_DAYS_BEFORE)
