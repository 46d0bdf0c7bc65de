"""The agents as they are on a host, in a folder that everybody may read, and called as the engine calls them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from everprint.cluster.ocf.installation import agent_files


@contextmanager
def installed_agents() -> Iterator[Path]:
    """The OCF root with our agents; not below pytest's own folder, which is private."""
    root = Path(tempfile.mkdtemp(prefix="everprint-ocf-"))
    root.chmod(0o755)
    for name, (text, mode) in agent_files(str(root)).items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        path.chmod(mode)
    try:
        yield root
    finally:
        shutil.rmtree(root)


class Resource:
    """One resource, called as Pacemaker's executor calls it."""

    def __init__(
        self, agent: Path, state: Path, environment: dict[str, str], user: int | None = None, **parameters: object
    ) -> None:
        self._agent = agent
        self._user = user
        self.environment = {
            **os.environ,
            **environment,
            "OCF_ROOT": str(agent.parents[2]),
            "OCF_RESOURCE_INSTANCE": "test",
            "OCF_RESKEY_CRM_meta_timeout": "60000",
            "OCF_RESKEY_CRM_meta_interval": "5000",
            "HA_RSCTMP": str(state),
            **{f"OCF_RESKEY_{name}": str(value) for name, value in parameters.items()},
        }

    def __call__(self, action: str, **meta: str) -> int:
        """The exit code; what was said is in `said`."""
        changed = {f"OCF_RESKEY_CRM_meta_{name}": value for name, value in meta.items()}
        ended = subprocess.run(
            [self._agent, action],
            env={**self.environment, **changed},
            user=self._user,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        self.said = ended.stdout + ended.stderr
        return ended.returncode

    def tested_by(self, name: str, **parameters: object) -> subprocess.CompletedProcess[str]:
        """What ocf-tester says of the agent."""
        options = [word for key, value in parameters.items() for word in ("-o", f"{key}={value}")]
        argv = ["ocf-tester", "-n", name, *options, self._agent]
        # Its working folder is where it finds the DTD; ours is left to it.
        return subprocess.run(
            argv, env=self.environment, user=self._user, capture_output=True, text=True, timeout=300, check=False
        )
