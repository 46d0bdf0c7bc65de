"""Throw-away certificates, made by the openssl command: an authority and a server certificate signed by it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM files: what clients trust, and what a server shows."""

    authority: Path
    certificate: Path
    key: Path


def make_certificates(folder: Path, host: str = "localhost") -> Certificates:
    """An authority and a certificate for that name and the loopback addresses, good for a week."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Certificates(folder / "authority.pem", folder / "certificate.pem", folder / "key.pem")
    authority_key = folder / "authority-key.pem"
    _certify("Everprint throw-away authority", authority_key, made.authority, "-addext keyUsage=critical,keyCertSign")
    names = f"-addext subjectAltName=DNS:{host},DNS:localhost,IP:127.0.0.1,IP:::1"
    use = "-addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=serverAuth"
    signer: list[str | Path] = ["-CA", made.authority, "-CAkey", authority_key]
    _certify(host, made.key, made.certificate, f"{names} {use}", *signer)
    return made


def _certify(name: str, key: Path, certificate: Path, extensions: str, *signer: str | Path) -> None:
    fixed = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 7"
    files: list[str | Path] = ["-subj", f"/CN={name}", "-keyout", key, "-out", certificate]
    argv = ["openssl", *fixed.split(), *extensions.split(), *files, *signer]
    result = subprocess.run(argv, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"openssl could not make the certificate of {name}: {result.stderr.strip()}")
