"""The agents as files for a host: one small program each, beside a library that only needs Python."""

from __future__ import annotations

from importlib import resources

from everprint.cluster.ocf.agent import Agent
from everprint.cluster.ocf.fault_tolerant import AGENT as FAULT_TOLERANT
from everprint.cluster.ocf.mirror_target import AGENT as MIRROR_TARGET
from everprint.cluster.ocf.mirrored_machine import AGENT as MIRRORED_MACHINE
from everprint.cluster.ocf.service import AGENT as SERVICE
from everprint.cluster.ocf.virtual_machine import AGENT as VIRTUAL_MACHINE

AGENTS_FOLDER = "/usr/lib/ocf/resource.d/everprint"
LIBRARY_FOLDER = "/usr/lib/ocf/lib/everprint"

_PROGRAMS: dict[str, Agent] = {
    "virtual_machine": VIRTUAL_MACHINE,
    "service": SERVICE,
    "mirrored_machine": MIRRORED_MACHINE,
    "mirror_target": MIRROR_TARGET,
    "fault_tolerant": FAULT_TOLERANT,
}
_OF_MIRRORS = ("copies", "heartbeat", "keeper", "places", "qemu", "record", "served", "shared", "truth")
_OF_TWINS = (
    *("command_line", "condition", "definition", "engine", "keeping", "machine"),
    *("monitor", "processes", "protection", "record", "verdict"),
)
_MODULES = (
    *(f"ocf/{name}" for name in ("agent", "domain_control", "evidence", "half", "health", "runs", "tending")),
    *(f"ocf/{name}" for name in _PROGRAMS),
    *(f"ocf/mirror/{name}" for name in _OF_MIRRORS),
    *(f"fault_tolerance/{name}" for name in _OF_TWINS),
)
_PACKAGES = (
    "everprint",
    "everprint/cluster",
    "everprint/cluster/fault_tolerance",
    "everprint/cluster/ocf",
    "everprint/cluster/ocf/mirror",
    "everprint/monitor",
)


def agent_files(ocf_root: str = "/usr/lib/ocf") -> dict[str, tuple[str, int]]:
    """Path to text and mode of all that a host needs for the agents."""
    library = LIBRARY_FOLDER.replace("/usr/lib/ocf", ocf_root)
    programs = AGENTS_FOLDER.replace("/usr/lib/ocf", ocf_root)
    # Packages of their own, found before an installed Everprint, which may be of another release.
    files = {f"{library}/{package}/__init__.py": ("# Of the resource agents.\n", 0o644) for package in _PACKAGES}
    for module in (*(f"cluster/{name}" for name in _MODULES), "monitor/deadline"):
        text = resources.files("everprint").joinpath(f"{module}.py").read_text("utf-8")
        files[f"{library}/everprint/{module}.py"] = (text, 0o644)
    for module, agent in _PROGRAMS.items():
        text = (
            "#!/usr/bin/python3 -IB\n"
            f"# ocf:everprint:{agent.name}. {agent.summary}.\n"
            f"{_deaf_to_others(agent)}"
            "import sys\n"
            f"sys.path.insert(0, {library!r})\n"
            "from everprint.cluster.ocf.agent import main\n"
            f"from everprint.cluster.ocf.{module} import AGENT\n"
            "main(AGENT)\n"
        )
        files[f"{programs}/{agent.name}"] = (text, 0o755)
    return files


def _deaf_to_others(agent: Agent) -> str:
    """The program's beginning: other notifications end here, before anything is read that takes time."""
    if not agent.heeds:
        return ""
    return (
        "import os, sys\n"
        'words = (os.environ.get(f"OCF_RESKEY_CRM_meta_notify_{word}", "") for word in ("type", "operation"))\n'
        f'if sys.argv[1:] == ["notify"] and "-".join(words) not in {agent.heeds!r}:\n'
        "    sys.exit(0)\n"
    )
