"""A certificate of our own, for where nobody gives one: an authority made once, and what it signs for a year.

Clients are told to trust the authority, by its fingerprint or its certificate (RFC 5280); what it signed is made anew
before it expires, or when other names are needed, and no client notices. Both files hold keys: mode 0600.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from everprint.serving.listener import CannotListen
from everprint.serving.own_certificate_file import CERTIFICATE_FILE

log = logging.getLogger(__name__)

AUTHORITY_FILE = "own-authority.pem"

_AUTHORITY_LIFE = timedelta(days=20 * 365)
# Apple's systems take none that is valid for longer than 825 days, and others follow shorter ones.
_LIFE = timedelta(days=397)
_RENEW_BEFORE = timedelta(days=60)
# A client's clock may be late.
_BACKDATED = timedelta(days=1)
_LOOK_EVERY_S = 3600.0
_PEM, _PRIVATE = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8


@dataclass(frozen=True, slots=True)
class _Signer:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


class OwnCertificate:
    """The files of one folder. `file` is what a Listener takes: key, certificate and the authority's, in one PEM."""

    def __init__(self, folder: Path, names: Iterable[str]) -> None:
        """`names` are the host names and addresses that clients use."""
        self.file = folder / CERTIFICATE_FILE
        self._authority = folder / AUTHORITY_FILE
        self._names = frozenset(filter(None, map(_ascii, names)))

    def renew_if_due(self, now: datetime | None = None) -> bool:
        """Makes what is missing, expires soon or lacks a name; True if it made something.

        Raises CannotListen if a file cannot be used or written.
        """
        now = now or datetime.now(UTC)
        try:
            authority = self._load_authority() or self._make_authority(now)
            if self._is_good(authority, now):
                return False
            _store(self.file, _sign(authority, self._names, now))
        except (OSError, ValueError, TypeError) as error:
            raise CannotListen(
                f"{self._authority} and {self.file} cannot be used ({error}): put them back from a copy; or remove "
                "both, and let every client trust the new ones"
            ) from error
        log.info("certificate made file=%s names=%s", self.file, ",".join(sorted(self._names)))
        return True

    async def keep(self) -> None:
        """Makes it anew in time, until it is cancelled. Listeners take the new file by themselves."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            try:
                await asyncio.to_thread(self.renew_if_due)
            except CannotListen as error:
                log.error("certificate cannot be renewed reason=%s", error)  # noqa: TRY400 - it says all

    def authority_pem(self) -> bytes:
        """The authority's certificate, for clients to trust. Raises OSError, ValueError."""
        return x509.load_pem_x509_certificate(self._authority.read_bytes()).public_bytes(_PEM)

    def _load_authority(self) -> _Signer | None:
        try:
            octets = self._authority.read_bytes()
        except FileNotFoundError:
            return None
        key = serialization.load_pem_private_key(octets, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("its key is of another kind")  # noqa: TRY004 - of the file, not of an argument
        return _Signer(key, x509.load_pem_x509_certificate(octets))

    def _make_authority(self, now: datetime) -> _Signer:
        key = ec.generate_private_key(ec.SECP256R1())
        serial = x509.random_serial_number()
        # Two that have one name could be taken for each other.
        name = _name(f"Everprint authority {serial % 10**8:08d}")
        certificate = (
            _begun(name, name, key.public_key(), now, _AUTHORITY_LIFE, serial)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        _store(self._authority, _key_pem(key) + certificate.public_bytes(_PEM))
        return _Signer(key, certificate)

    def _is_good(self, authority: _Signer, now: datetime) -> bool:
        try:
            certificate = x509.load_pem_x509_certificate(self.file.read_bytes())
            certificate.verify_directly_issued_by(authority.certificate)
        except (OSError, ValueError, TypeError):
            return False
        except Exception:
            return False
        in_time = certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc - _RENEW_BEFORE
        return in_time and self._names <= frozenset(names_of(certificate))


def names_of(certificate: x509.Certificate) -> list[str]:
    """The host names and addresses that it is for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]


def fingerprint_of(certificate: x509.Certificate) -> str:
    """SHA-256 of the whole certificate, as openssl and browsers write it."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _sign(authority: _Signer, names: frozenset[str], now: datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.SubjectKeyIdentifier.from_public_key(authority.key.public_key())
    # A name there may have 64 characters; clients look at the alternative names only.
    subject = _name(min((name for name in names if len(name) <= 64), default="everprint"))
    certificate = (
        _begun(subject, authority.certificate.subject, key.public_key(), now, _LIFE, x509.random_serial_number())
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in sorted(names)]), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return _key_pem(key) + certificate.public_bytes(_PEM) + authority.certificate.public_bytes(_PEM)


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
    life: timedelta,
    serial: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(serial)
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _ascii(name: str) -> str:
    """As certificates and clients write it (RFC 5890); empty for what nobody can ask for."""
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(_PEM, _PRIVATE, serialization.NoEncryption())


def _store(path: Path, octets: bytes) -> None:
    """The old file or the new one, never half of it: it holds the key and what belongs to it."""
    new = path.with_name(f".{path.name}.new")
    descriptor = os.open(new, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(descriptor)
    new.replace(path)
