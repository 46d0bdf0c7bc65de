"""Where this server listens, under which names, and with what certificate."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from everprint.server.configuration import ServerSettings, own_certificate
from everprint.server.doctor.finding import Finding, advise, ok, problem

SOON = timedelta(days=30)


def examine_network(settings: ServerSettings, now: datetime | None = None) -> Iterator[Finding]:
    """Listeners, names, certificate."""
    yield _plain_listeners(settings)
    yield _names(settings)
    if settings.certificate:
        yield _certificate(settings, now or datetime.now(UTC))


def _plain_listeners(settings: ServerSettings) -> Finding:
    check = "plain-http"
    wide = [item for item in settings.http_listen if not _is_loopback(item)]
    if wide and not settings.certificate:
        return problem(
            check,
            f"passwords and credentials cross the network unencrypted on {', '.join(wide)}",
            "give a certificate, or set own_certificate = true, and let http_listen be 127.0.0.1:9191",
        )
    if not settings.certificate:
        return advise(
            check,
            "without a certificate only this machine reaches the server",
            "give a certificate, or set own_certificate = true (docs: use certificates)",
        )
    return ok(check, "pages asked for by plain HTTP are sent on to HTTPS")


def _is_loopback(listen: str) -> bool:
    host = listen.rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _names(settings: ServerSettings) -> Finding:
    check = "allowed-hosts"
    if "*" in settings.allowed_hosts:
        return problem(
            check,
            "requests for any name are taken, also those that a hostile page makes up",
            "list the server's own names in allowed_hosts",
        )
    if settings.certificate and all(_is_local(name) for name in settings.allowed_hosts):
        return advise(
            check,
            "only this machine's own names are allowed: others are answered with 400",
            "add the name under which people reach the server to allowed_hosts",
        )
    return ok(check, ", ".join(settings.allowed_hosts))


def _is_local(name: str) -> bool:
    return name in ("localhost", "127.0.0.1", "[::1]")


def _certificate(settings: ServerSettings, now: datetime) -> Finding:
    check = "certificate"
    path = Path(settings.certificate)
    own = own_certificate(settings) is not None
    if own and not path.exists():
        return ok(check, "is made at the first start")
    try:
        octets = path.read_bytes()
        certificate = x509.load_pem_x509_certificate(octets)
        key_octets = Path(settings.certificate_key).read_bytes() if settings.certificate_key else octets
        key = serialization.load_pem_private_key(key_octets, None)
    except (OSError, ValueError, TypeError) as error:
        return problem(
            check, f"{path} and its key cannot be used ({error})", "give a PEM certificate and an unlocked PEM key"
        )
    spki = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*spki) != certificate.public_key().public_bytes(*spki):
        return problem(check, f"the key is not that of {path}", "give the key that the certificate was made for")
    left = certificate.not_valid_after_utc - now
    if left <= timedelta():
        return problem(check, f"{path} expired {certificate.not_valid_after_utc:%Y-%m-%d}", "renew it")
    missing = sorted(
        name for name in settings.allowed_hosts if not _is_local(name) and not _covers(certificate, name)
    )
    if missing:
        return problem(check, f"{path} does not name {', '.join(missing)}", "have it made for all of allowed_hosts")
    if left < SOON and not own:
        return advise(check, f"{path} expires in {left.days} days", "renew it; the running server takes the new file")
    return ok(check, f"valid until {certificate.not_valid_after_utc:%Y-%m-%d}")


def _covers(certificate: x509.Certificate, name: str) -> bool:
    """RFC 6125, section 6.4: a wildcard stands for one label; Django's leading dot asks for the domain itself."""
    try:
        alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    bare = name.strip("[]").lstrip(".").lower()
    try:
        return ipaddress.ip_address(bare) in alternative.get_values_for_type(x509.IPAddress)
    except ValueError:
        pass
    known = {item.lower() for item in alternative.get_values_for_type(x509.DNSName)}
    return bare in known or f"*.{bare.partition('.')[2]}" in known
