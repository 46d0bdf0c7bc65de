"""Is the image on every host, whole, and the same? A VM that fails over in the middle of an upgrade must find it."""

from __future__ import annotations

import json

from everprint.cluster.hosts.port import Hosts, HostUnreachable
from everprint.cluster.image.build import INITRD, KERNEL, MANIFEST, RAW
from everprint.cluster.topology.model import Topology
from everprint.cluster.upgrade.errors import CannotUpgrade

_PATIENCE_S = 600.0


def check_image(topology: Topology, hosts: Hosts, image: str) -> None:
    """Compares the files' digests with those that the build wrote beside them. Raises CannotUpgrade."""
    files = [f"{image}/{name}" for name in (KERNEL, INITRD, RAW)]
    for host in topology.hosts:
        try:
            listed = hosts.run(host.name, ["cat", f"{image}/{MANIFEST}"])
            if not listed.is_well:
                raise CannotUpgrade(f"{host.name} has no image in {image}: {listed.complaint}. Copy it there")
            sums = hosts.run(host.name, ["sha256sum", "--", *files], timeout_s=_PATIENCE_S)
        except HostUnreachable as error:
            raise CannotUpgrade(
                f"{error}. Every host must have the image, or a VM could not fail over to it"
            ) from error
        wanted = _digests(listed.output, host.name, image)
        found = {line.split()[-1].rpartition("/")[2]: line.split()[0] for line in sums.output.splitlines() if line}
        wrong = [name for name in (KERNEL, INITRD, RAW) if found.get(name) != wanted.get(name)]
        if wrong:
            raise CannotUpgrade(f"{', '.join(wrong)} in {image} on {host.name}: not as it was built. Copy it anew")


def _digests(text: str, host: str, image: str) -> dict[str, str]:
    try:
        digests = json.loads(text)["digests"]
        return {str(name): str(digest) for name, digest in digests.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CannotUpgrade(
            f"{image}/{MANIFEST} on {host} is not what a build writes: build the image anew"
        ) from error
