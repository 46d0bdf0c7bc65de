"""A printer's SNMP agent by a program that we did not write: Debian's snmpd, on a port of its own.

What it says below the printer's two MIBs comes from a file (pass_persist), so that a test can change it at any time.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rig.folder import private_folder
from rig.ports import free_udp_port
from rig.process import Process

COMMUNITY, USER, KEY, PRIVACY_KEY = "letmesee", "watcher", "signed by this", "hidden by this"
# 1.3.6.1.2.1: below it are the Host Resources MIB (25.3) and the Printer MIB (43).
MIB_2 = ".1.3.6.1.2.1"
Objects = Mapping[str, tuple[str, str | int]]
"""By what follows mib-2: the type in snmpd's words (integer, counter, octet, string), and the value."""


class SnmpAgent:
    """Running; `say` changes what it answers."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self._said = folder / "said"

    def say(self, objects: Objects) -> None:
        """From now on these objects are all that it has."""
        lines = [f"{MIB_2}.{oid}\t{kind}\t{value}\n" for oid, (kind, value) in objects.items()]
        new = self._said.with_suffix(".new")
        new.write_text("".join(lines), "utf-8")
        new.replace(self._said)


@contextmanager
def run_snmp_agent(objects: Objects) -> Iterator[SnmpAgent]:
    """An agent that speaks all three versions; version 3 as `USER` with SHA and AES."""
    with private_folder("snmpd") as folder:
        agent = SnmpAgent(folder, free_udp_port())
        agent.say(objects)
        configuration = folder / "snmpd.conf"
        answers = f"{sys.executable} {Path(__file__).with_name('snmp_objects.py')} {folder / 'said'}"
        configuration.write_text(
            f"agentAddress udp:127.0.0.1:{agent.port}\n"
            f"rocommunity {COMMUNITY} 127.0.0.1\n"
            f'createUser {USER} SHA "{KEY}" AES "{PRIVACY_KEY}"\n'
            f"rouser {USER} priv\n"
            f"pass_persist {MIB_2}.25.3 {answers}\n"
            f"pass_persist {MIB_2}.43 {answers}\n"
        )
        # Neither the machine's own objects below 25.3 nor its configuration: only what the test says.
        without = "-hr_device,hr_disk,hr_network,hr_partition,hr_print,hr_proc,hrh_storage,hr_system,host,hw_mem"
        argv = [
            "/usr/sbin/snmpd", "-f", "-Lo", "-C", "-c", configuration, "-I", without,
            "-p", folder / "pid",
        ]  # fmt: skip
        environment = {"SNMP_PERSISTENT_DIR": str(folder / "kept"), "MIBS": "", "SNMPCONFPATH": str(folder)}
        with Process(
            [*map(str, argv)], log=folder / "log", ready=lambda: _answers(agent.port), environment=environment
        ):
            yield agent


def _answers(port: int) -> bool:
    argv = ["snmpgetnext", "-v2c", "-c", COMMUNITY, "-t", "1", "-r", "0", "-Ov", f"127.0.0.1:{port}", f"{MIB_2}.43"]
    return subprocess.run(argv, capture_output=True, check=False, env={"MIBS": ""}).returncode == 0
