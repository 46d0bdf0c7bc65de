"""The cluster's word, kept by Pacemaker: a property of its CIB, which every member has on its disk.

It counts only where a majority is: Pacemaker lets a part that was cut off write into its own copy, so the majority is
asked for before and after.
"""

from __future__ import annotations

import os
import subprocess

from everprint.cluster.ocf.mirror.places import property_of
from everprint.cluster.ocf.mirror.truth import Truth, read_truth

_ANSWER_S = 10.0
_NO_SUCH_PROPERTY = 105
"""CRM_EX_NOSUCH (crm_error --list --exit)."""


class NoWord(Exception):
    """The cluster does not answer, or has no majority. Says why."""


class SharedTruth:
    """What the cluster says of one VM's mirror."""

    def __init__(self, vm: str) -> None:
        self._vm, self._name = vm, property_of(vm)

    def read(self) -> Truth | None:
        """None: nothing was ever noted. Raises NoWord, Damaged."""
        self._need_majority()
        said = _run(["crm_attribute", "--type", "crm_config", "--name", self._name, "--query", "--quiet"])
        if said.returncode == _NO_SUCH_PROPERTY:
            return None
        return read_truth(_well(said))

    def note(self, truth: Truth) -> None:
        """When it returns, every member that has a say knows it. Raises NoWord: then it may be known or not."""
        self._need_majority()
        words = ["--type", "crm_config", "--name", self._name, "--update", truth.written()]
        _well(_run(["crm_attribute", *words]))
        self._need_majority()

    def let_start_at(self, host: str) -> None:
        """The engine forgets that a start there was refused: the copy there is good again. Raises NoWord."""
        _well(_run(["crm_resource", "--cleanup", "--resource", self._vm, "--node", host]))

    def _need_majority(self) -> None:
        if _well(_run(["crm_node", "--quorum"])).strip() != "1":
            raise NoWord("this part of the cluster has no majority")


def _well(said: subprocess.CompletedProcess[bytes]) -> str:
    if said.returncode != 0:
        complaint = said.stderr.decode("utf-8", "replace").strip() or f"exit code {said.returncode}"
        raise NoWord(f"{said.args[0]}: {complaint}")
    return said.stdout.decode("utf-8", "replace")


def _run(argv: list[str]) -> subprocess.CompletedProcess[bytes]:
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
    try:
        return subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_ANSWER_S,
            check=False,
            env={**os.environ, "PATH": path, "LC_ALL": "C"},
        )
    except subprocess.TimeoutExpired as error:
        raise NoWord(f"{argv[0]} did not answer within {_ANSWER_S:g} s") from error
    except OSError as error:
        raise NoWord(f"{argv[0]}: {error}") from error
