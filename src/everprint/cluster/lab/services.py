"""Everprint's services on the lab's hosts themselves, without VMs: this machine's own Everprint, run as a unit.

What a service knows is in a folder of the shared storage: it goes on where it was on whatever host it is started.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import everprint
from everprint.cluster.lab.errors import LabError
from everprint.cluster.lab.whereabouts import ADMINISTRATOR, SERVER_PORT, address_of, server_url
from everprint.cluster.topology.model import Role, Service, Storage, Topology, VirtualMachine

UNITS = "/etc/systemd/system"
LENT = "/etc/everprint-lab/lent"
_PROGRAMS = "/usr/lib/everprint-lab"
_CODE, _ENROLLED = "code", "enrolled"
_SETTING_UP_S = 300.0


def check_services(topology: Topology, root: Path) -> None:
    """Raises LabError for services that the lab cannot run."""
    if not topology.services:
        return
    storage_of_services(topology)
    if root != Path("/"):
        raise LabError(f"{topology.file}: services are run by this machine's Everprint, which is not in {root}")
    for service in topology.services:
        if service.role not in (Role.APPLICATION_SERVER, Role.PRINT_SERVER):
            raise LabError(f"{topology.file}: {service.name} is a {service.role}; the lab has no such service")
        address_of(topology, service)


def storage_of_services(topology: Topology) -> Storage:
    """The shared folder that has what services know. Raises LabError."""
    for storage in topology.storage:
        if storage.path and storage.is_shared:
            return storage
    raise LabError(f"{topology.file}: services need a shared folder in [[storage]], so that they go on elsewhere")


def unit_files(topology: Topology) -> dict[str, tuple[str, int]]:
    """What each host has of the services: path to text and mode."""
    if not topology.services:
        return {}
    files = {LENT: ("".join(f"{path}\n" for path in lent_folders()), 0o644)}
    for service in topology.services:
        program = f"{_PROGRAMS}/{service.name}"
        files[program] = (_program(topology, service), 0o755)
        unit = f"[Unit]\nDescription={service.name} of the lab\n\n[Service]\nExecStart={program}\n"
        files[f"{UNITS}/{service.unit}"] = (unit, 0o644)
    return files


def lent_folders() -> list[str]:
    """What the services are run with: Python's, and this Everprint's source."""
    source = Path(everprint.__file__).resolve().parents[1]
    found = {Path(sys.prefix), Path(sys.base_prefix), source}
    return sorted(str(path) for path in found if not path.is_relative_to("/usr"))


def set_up_services(topology: Topology, storage_folder: Path, password: str) -> dict[str, str]:
    """The Application Server's database and administrator, and a code for each print server.

    Answers with the codes of those that are VMs, by name. Raises LabError.
    """
    codes: dict[str, str] = {}
    if not topology.services:
        return codes
    home = storage_folder / storage_of_services(topology).name
    servers = [one for one in topology.services if one.role is Role.APPLICATION_SERVER]
    for server in servers:
        environment = _settings(topology, server, home / server.name)
        (home / server.name).mkdir(parents=True, exist_ok=True)
        words = ["server", "init", "--administrator", ADMINISTRATOR, "--password-file", "-"]
        _everprint(words, environment, given=password)
        for program in topology.programs:
            if program.role is not Role.PRINT_SERVER:
                continue
            code = json.loads(_everprint(["server", "provider", "code", "--json"], environment))["code"]
            if isinstance(program, VirtualMachine):
                codes[program.name] = code
            else:
                (home / program.name).mkdir(parents=True, exist_ok=True)
                (home / program.name / _CODE).write_text(code)
    return codes


def _program(topology: Topology, service: Service) -> str:
    home = Path(storage_of_services(topology).path) / service.name
    everprint = shlex.join([sys.executable, "-m", "everprint"])
    lines = ["#!/bin/sh", f"# {service.unit} of the lab.", f"cd {home} || exit 1"]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in _settings(topology, service, home).items()]
    if service.role is Role.APPLICATION_SERVER:
        return "\n".join([*lines, f"exec {everprint} server run", ""])
    enrol = [
        "provider",
        "enrol",
        "--server",
        server_url(topology),
        "--name",
        service.name,
        "--state-folder",
        f"{home}/state",
    ]
    # A code is good once: what came of it is known from the mark that is made then.
    lines += [
        f'until [ -e {_ENROLLED} ] || {everprint} {shlex.join(enrol)} --code "$(cat {_CODE})"; do sleep 0.5; done',
        f"touch {_ENROLLED}",
        f"exec {everprint} provider run",
    ]
    return "\n".join([*lines, ""])


def _settings(topology: Topology, service: Service, home: Path) -> dict[str, str]:
    if service.role is Role.APPLICATION_SERVER:
        return {
            "EVERPRINT_SERVER_STATE_FOLDER": f"{home}/state",
            "EVERPRINT_SERVER_HTTP_LISTEN": f"*:{SERVER_PORT}",
            "EVERPRINT_SERVER_ALLOWED_HOSTS": f"localhost,127.0.0.1,{address_of(topology, service)}",
            "EVERPRINT_SERVER_OWN_CERTIFICATE": "false",
        }
    return {
        "EVERPRINT_PROVIDER_STATE_FOLDER": f"{home}/state",
        "EVERPRINT_PROVIDER_LISTEN": "*",
        "EVERPRINT_PROVIDER_HOST_NAME": str(address_of(topology, service)),
        "EVERPRINT_PROVIDER_DNS_SD": "false",
    }


def _everprint(words: list[str], settings: Mapping[str, str], given: str = "") -> str:
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "everprint", *words],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SETTING_UP_S,
            env={**_without_settings(os.environ), **settings},
        )
    except subprocess.TimeoutExpired as error:
        raise LabError(f"everprint {words[0]} {words[1]} did not end within {_SETTING_UP_S:g} s") from error
    if ended.returncode != 0:
        raise LabError(f"everprint {words[0]} {words[1]} failed: {ended.stderr.strip()}")
    return ended.stdout


def _without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """What this machine's own Everprint is set to, its database above all, is not what those of the lab are."""
    return {name: value for name, value in environment.items() if not name.startswith("EVERPRINT_")}
