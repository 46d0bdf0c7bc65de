"""The agents as files for a host: one small program each, beside a library that only needs Python."""

from __future__ import annotations

from importlib import resources

from everprint.cluster.ocf.agent import Agent
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
}
_OF_MIRRORS = ("copies", "heartbeat", "keeper", "places", "qemu", "record", "served", "shared", "truth")
_MODULES = (
    *("agent", "domain_control", "evidence", "health", "runs"),
    *_PROGRAMS,
    *(f"mirror/{module}" for module in _OF_MIRRORS),
)
_PACKAGES = (
    "everprint",
    "everprint/cluster",
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
    for module in (*(f"cluster/ocf/{name}" for name in _MODULES), "monitor/deadline"):
        text = resources.files("everprint").joinpath(f"{module}.py").read_text("utf-8")
        files[f"{library}/everprint/{module}.py"] = (text, 0o644)
    for module, agent in _PROGRAMS.items():
        text = (
            "#!/usr/bin/python3 -IB\n"
            f"# ocf:everprint:{agent.name}. {agent.summary}.\n"
            "import sys\n"
            f"sys.path.insert(0, {library!r})\n"
            "from everprint.cluster.ocf.agent import main\n"
            f"from everprint.cluster.ocf.{module} import AGENT\n"
            "main(AGENT)\n"
        )
        files[f"{programs}/{agent.name}"] = (text, 0o755)
    return files
