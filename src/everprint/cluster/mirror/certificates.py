"""Certificates by which the hosts of one cluster know each other, in the names that QEMU looks for.

A new authority signs all hosts' certificates at once, and its key is thrown away: nobody can make another host later,
and there is no key to keep. See QEMU's manual, *TLS setup for network services*.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from everprint.cluster.ocf.mirror.places import AUTHORITY

LASTING = timedelta(days=3650)
_EARLIER = timedelta(days=1)
"""Hosts' clocks may be apart."""


def make_certificates(
    cluster: str, hosts: Mapping[str, tuple[str, ...]], now: datetime | None = None
) -> dict[str, dict[str, bytes]]:
    """For each host its files, by name. `hosts` has each one's addresses."""
    begin = (now or datetime.now(UTC)) - _EARLIER
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority_name = _name(f"Everprint mirrors of {cluster}")
    authority = (
        _certificate(authority_name, authority_key.public_key(), begin)
        .issuer_name(authority_name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    return {
        host: {
            AUTHORITY: authority.public_bytes(Encoding.PEM),
            **_pair("server", host, addresses, authority_key, authority_name, begin),
            **_pair("client", host, addresses, authority_key, authority_name, begin),
        }
        for host, addresses in hosts.items()
    }


def _pair(
    role: str,
    host: str,
    addresses: tuple[str, ...],
    authority_key: ec.EllipticCurvePrivateKey,
    authority_name: x509.Name,
    begin: datetime,
) -> dict[str, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    purpose = ExtendedKeyUsageOID.SERVER_AUTH if role == "server" else ExtendedKeyUsageOID.CLIENT_AUTH
    names = [x509.DNSName(host), *(x509.IPAddress(ip_address(address)) for address in addresses)]
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    certificate = (
        _certificate(_name(host), key.public_key(), begin)
        .issuer_name(authority_name)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(issuer, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    return {
        f"{role}-cert.pem": certificate.public_bytes(Encoding.PEM),
        f"{role}-key.pem": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    }


def _certificate(name: x509.Name, key: ec.EllipticCurvePublicKey, begin: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + LASTING)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )
