"""Where a mirror's files are on a host, and what the cluster's property is called."""

from __future__ import annotations

from pathlib import Path

CERTIFICATES_FOLDER = "/etc/pki/qemu/everprint"
"""Where libvirt's security modules let QEMU read certificates."""

AUTHORITY = "ca-cert.pem"
KEYS = ("server-key.pem", "client-key.pem")
CERTIFICATES = ("server-cert.pem", "client-cert.pem")


def record_of(disk: str) -> Path:
    """Beside the copy."""
    return Path(f"{disk}.mirror")


def property_of(vm: str) -> str:
    """The CIB's property with the cluster's word."""
    return f"everprint-mirror-{vm}"


def status_of(state: Path, vm: str) -> Path:
    """What the keeper tells of itself."""
    return state / f"everprint-mirror-{vm}.json"


def lock_of(state: Path, vm: str) -> Path:
    """Held by the keeper; its process number is in it."""
    return state / f"everprint-mirror-{vm}.lock"
