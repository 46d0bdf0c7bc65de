"""No module starts a shell, runs text as code, revives objects from octets, or acts on what others announce."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "everprint"

FORBIDDEN_CALLS = {"eval", "exec", "os.system", "os.popen", "asyncio.create_subprocess_shell", "__import__"}
FORBIDDEN_IMPORTS = {"pickle", "marshal", "shelve", "dill", "cups", "yaml"}
# What listens for announcements. Print servers only make them: to listen is for a command that lists what it hears.
LISTENERS = {"ServiceBrowser", "AsyncServiceBrowser", "ServiceListener"}
LISTENS = SOURCE / "provider" / "discovery" / "browse.py"
LISTS = SOURCE / "cli" / "provider_devices.py"


def breaches(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in FORBIDDEN_CALLS or name.startswith(("os.spawn", "subprocess.getoutput")):
                found.add(name)
            for keyword in node.keywords:
                off = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
                if keyword.arg == "shell" and not off:
                    found.add("shell=")
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] in FORBIDDEN_IMPORTS}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or ""} if (node.module or "").split(".")[0] in FORBIDDEN_IMPORTS else set()
            found |= {alias.name for alias in node.names if alias.name in LISTENERS}
    return found


def test_no_module_has_one() -> None:
    found = {path: breaches(ast.parse(path.read_text("utf-8"))) for path in SOURCE.rglob("*.py")}
    found[LISTENS] -= LISTENERS
    assert {str(path): what for path, what in found.items() if what} == {}


def test_only_the_command_that_lists_printers_listens_for_them() -> None:
    module = "everprint.provider.discovery.browse"
    assert [path for path in SOURCE.rglob("*.py") if module in path.read_text("utf-8")] == [LISTS]


@pytest.mark.parametrize(
    "text",
    [
        "import os\nos.system(x)",
        "subprocess.run(x, shell=True)",
        "subprocess.run(x, shell=y)",
        "from pickle import loads",
        "eval(x)",
        "from zeroconf import ServiceBrowser",
    ],
)
def test_the_check_sees_one(text: str) -> None:
    assert breaches(ast.parse(text))


def test_no_file_runs_with_another_users_rights() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [ROOT / name for name in listed.split("\0") if name]
    assert files
    assert [path for path in files if path.exists() and path.lstat().st_mode & 0o6000] == []
