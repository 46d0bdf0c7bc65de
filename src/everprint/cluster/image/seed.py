"""The small disk that tells a VM who it is: a NoCloud seed, which cloud-init would understand, too.

What a seed may say is what `guest/take_role.py` reads; the same functions check it here, before a VM is started.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from everprint.cluster.image.errors import ImageError
from everprint.cluster.image.guest import take_role
from everprint.cluster.image.running import need, run
from everprint.contract.enrolment_codes import is_code

_SECTORS = 2880  # of 512 octets: a floppy disk's worth


@dataclass(frozen=True)
class Seed:
    """Who a VM is.

    `everprint` holds the roles and what each needs (docs/reference/cluster-image.md); `address` is one with its
    prefix length (10.0.0.5/24), or nothing for DHCP; `ssh_keys` are lines of authorized_keys for root.
    """

    name: str
    everprint: dict[str, object]
    address: str = ""
    gateway: str = ""
    name_servers: tuple[str, ...] = ()
    ssh_keys: tuple[str, ...] = field(default=())

    def files(self) -> dict[str, str]:
        """The seed's files by name."""
        card: dict[str, object] = {"addresses": [self.address]} if self.address else {"dhcp4": True}
        if self.gateway:
            card["gateway4"] = self.gateway
        if self.name_servers:
            card["nameservers"] = {"addresses": list(self.name_servers)}
        user: dict[str, object] = {"everprint": self.everprint}
        if self.ssh_keys:
            user["ssh_authorized_keys"] = list(self.ssh_keys)
        return {
            "meta-data": _json({"instance-id": self.name, "local-hostname": self.name}),
            "network-config": _json({"version": 2, "ethernets": {"eth0": card}}),
            "user-data": "#cloud-config\n" + _json(user),
        }


def check_seed(seed: Seed) -> None:
    """Raises ImageError for what the guest would refuse."""
    try:
        for role in take_role.roles_of(seed.everprint):
            if role == "server":
                take_role.toml(take_role.server_settings(seed.everprint, seed.name, [seed.address]), "server")
                take_role.server_set_up(seed.everprint, is_new=True)
                _check_codes(take_role.codes_of(seed.everprint))
            elif role == "provider":
                take_role.toml(take_role.table(seed.everprint.get("provider", {}), "provider"), "provider")
                take_role.enrolment(seed.everprint)
            else:
                take_role.database_set_up(seed.everprint)
    except take_role.SeedError as error:
        raise ImageError(str(error)) from None


def _check_codes(codes: list[str]) -> None:
    for code in codes:
        if not is_code(code):
            raise ImageError(
                f"user-data: {code} in codes is none that is hard to guess: `everprint cluster image code` makes one"
            )


def write_seed(seed: Seed, out: Path) -> None:
    """Writes the seed as a raw disk that only its owner can read: it holds passwords.

    Raises ImageError.
    """
    need("mformat", "mcopy")
    check_seed(seed)
    with tempfile.TemporaryDirectory(prefix="everprint-seed-") as name:
        folder = Path(name)
        for file, content in seed.files().items():
            (folder / file).write_text(content, "utf-8")
        out.unlink(missing_ok=True)
        out.touch(0o600)
        with out.open("r+b") as disk:
            disk.truncate(_SECTORS * 512)
        run(["mformat", "-i", out, "-f", "1440", "-v", "cidata", "::"])
        run(["mcopy", "-i", out, *sorted(folder.iterdir()), "::/"])


def _json(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"
