"""What is asked of the engine and told to it, by Pacemaker's own programs."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence

from everprint.cluster.fault_tolerance.record import Record, read_record

ATTRIBUTE = "everprint-ft-"
"""What our words in the engine's configuration begin with; the VM's name follows."""
_ANSWER_S = 15.0
# Without what would have attrd_updater tell of this host only.
_ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("OCF_RESKEY_CRM_meta_")},
    "LC_ALL": "C",
}
_HOST_AND_VALUE = re.compile(r'name="[^"]*" host="([^"]*)" value="([^"]*)"')
_NO_SUCH = 105  # CRM_EX_NOSUCH


class NoEngine(Exception):
    """The engine does not answer, or refuses. Says what was asked."""


class Engine:
    """The engine of this host, asked about one VM. Every question raises NoEngine."""

    def __init__(self, vm: str, host: str) -> None:
        self._vm = vm
        self.host = host
        """This host, as the engine calls it."""

    def record(self) -> Record | None:
        """Which disk is current; None: it never ran. Raises BadRecord, too."""
        return read_record(_asked(["crm_attribute", *self._property(), "--query", "--quiet"]).strip())

    def write_record(self, record: Record) -> None:
        """Returns when the engine has it, on a majority of the hosts.

        A part that was cut off lets write into its own copy of the configuration, which may become everybody's when
        it comes back: a host that the others have fenced must leave no word there.
        """
        self._need_majority()
        _asked(["crm_attribute", *self._property(), "--update", str(record)])
        self._need_majority()

    def set_score(self, score: int) -> None:
        """How much this host wants to run it, by what the agent knows; 0: it must not."""
        change = ["--update", str(score)] if score else ["--delete"]
        _asked(["crm_attribute", "--promotion", self._vm, "--node", self.host, *change])

    def publish(self, kind: str, text: str) -> None:
        """Tells all hosts something of this one, until it is restarted.

        Not by the configuration: each change there would have the engine think everything over.
        """
        _asked(["attrd_updater", "--name", f"{ATTRIBUTE}{self._vm}-{kind}", "--update", text, "--private"])

    def published(self, kind: str) -> dict[str, str]:
        """What each host has told."""
        said = _asked(["attrd_updater", "--name", f"{ATTRIBUTE}{self._vm}-{kind}", "--query", "--all"])
        return {host: value for host, value in _HOST_AND_VALUE.findall(said) if value}

    def report_failure(self, host: str) -> None:
        """Has the engine do with that host's instance what it does with one that failed."""
        _asked(["crm_resource", "--fail", "--resource", self._vm, "--node", host])

    def _need_majority(self) -> None:
        if _asked(["crm_node", "--quorum"]).strip() != "1":
            raise NoEngine("this part of the cluster has no majority: it does not say which disk is the current one")

    def _property(self) -> list[str]:
        return ["--type", "crm_config", "--name", ATTRIBUTE + self._vm]


def _asked(argv: Sequence[str]) -> str:
    try:
        ended = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_ANSWER_S,
            check=False,
            env=_ENVIRONMENT,
        )
    except subprocess.TimeoutExpired:
        raise NoEngine(f"{argv[0]} did not end within {_ANSWER_S:.0f} s") from None
    except OSError as error:
        raise NoEngine(f"{argv[0]}: {error.strerror}") from error
    if ended.returncode == _NO_SUCH:
        return ""
    if ended.returncode != 0:
        raise NoEngine(f"{' '.join(argv)}: {ended.stderr.strip() or ended.stdout.strip()}")
    return ended.stdout
