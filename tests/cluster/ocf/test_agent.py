"""What all agents have in common: calls, parameters, exit codes, description."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from everprint.cluster.ocf.agent import Action, Agent, Call, Code, Parameter, Refusal, metadata, run
from everprint.cluster.ocf.fault_tolerant import AGENT as FAULT_TOLERANT
from everprint.cluster.ocf.installation import agent_files
from everprint.cluster.ocf.mirror_target import AGENT as MIRROR_TARGET
from everprint.cluster.ocf.mirrored_machine import AGENT as MIRRORED_MACHINE
from everprint.cluster.ocf.service import AGENT as SERVICE
from everprint.cluster.ocf.virtual_machine import AGENT as VIRTUAL_MACHINE
from tests.cluster.ocf.installed import installed_agents

AGENTS = (VIRTUAL_MACHINE, SERVICE, MIRRORED_MACHINE, MIRROR_TARGET, FAULT_TOLERANT)
SEEN: list[Call] = []


def refuse(call: Call) -> None:
    raise Refusal(Code.ERR_PERM, f"no, {call.instance}")


SAMPLE = Agent(
    name="Sample",
    summary="a < b",
    text="text & more",
    parameters=(Parameter("needed", "string", None, "Must be."), Parameter("count", "integer", "3", "How many.")),
    actions=(Action("start", 10), Action("monitor", 10, 5)),
    does={"start": SEEN.append, "monitor": SEEN.append, "stop": refuse},
)


def test_parameters_come_from_the_environment() -> None:
    SEEN.clear()
    environment = {"OCF_RESKEY_needed": "x", "OCF_RESOURCE_INSTANCE": "a/b", "HA_RSCTMP": "/t"}
    assert run(SAMPLE, ["Sample", "monitor"], environment) is Code.SUCCESS
    assert run(SAMPLE, ["Sample", "monitor"], environment | {"OCF_RESKEY_CRM_meta_interval": "5000"}) == 0
    assert SEEN[0].parameters == {"needed": "x", "count": "3"}
    assert (SEEN[0].instance, SEEN[0].state) == ("a-b", Path("/t"))
    assert [call.is_probe for call in SEEN] == [True, False]


@pytest.mark.parametrize(
    ("argv", "environment", "code"),
    [
        (["promote"], {}, Code.ERR_UNIMPLEMENTED),
        ([], {}, Code.ERR_ARGS),
        (["usage"], {}, Code.SUCCESS),
        (["start"], {}, Code.ERR_CONFIGURED),
        (["start"], {"OCF_RESKEY_needed": "x", "OCF_RESKEY_count": "many"}, Code.ERR_CONFIGURED),
        (["start"], {"OCF_RESKEY_needed": "x", "OCF_RESKEY_count": "-1"}, Code.ERR_CONFIGURED),
        (["stop"], {"OCF_RESKEY_needed": "x"}, Code.ERR_PERM),
    ],
)
def test_endings_have_the_codes_of_the_api(argv: list[str], environment: dict[str, str], code: Code) -> None:
    assert run(SAMPLE, ["Sample", *argv], environment) is code


def test_why_it_ended_is_said_as_the_engine_reads_it(capsys: pytest.CaptureFixture[str]) -> None:
    run(SAMPLE, ["Sample", "stop"], {"OCF_RESKEY_needed": "x", "OCF_RESOURCE_INSTANCE": "one"})
    assert "ocf-exit-reason:no, one\n" in capsys.readouterr().err


def test_an_action_ends_before_the_engine_calls_it_hung() -> None:
    SEEN.clear()
    environment = {"OCF_RESKEY_needed": "x", "OCF_RESKEY_CRM_meta_timeout": "20000"}
    run(SAMPLE, ["Sample", "start"], environment)
    assert SEEN[0].left_s() <= 15


@pytest.mark.parametrize("agent", [SAMPLE, *AGENTS], ids=lambda agent: agent.name)
def test_the_description_is_valid(agent: Agent) -> None:
    checked = subprocess.run(
        ["xmllint", "--noout", "--valid", "-"],
        input=metadata(agent),
        cwd="/usr/share/resource-agents",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")
    described = {action.get("name") for action in ET.fromstring(metadata(agent)).iterfind("actions/action")}
    if agent is not SAMPLE:
        assert described == {*agent.does, "meta-data"} - {"status"}


def test_an_agent_needs_nothing_but_python() -> None:
    installed = {name.partition("/lib/everprint/")[2]: text for name, (text, _) in agent_files().items()}
    for path, text in installed.items():
        for node in ast.walk(ast.parse(text)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                module = node.module or ""
                names += [module, *(f"{module}.{alias.name}" for alias in node.names)]
            for name in names:
                ours = name.startswith("everprint.") and (
                    f"{name.replace('.', '/')}.py" in installed
                    or f"{name.replace('.', '/')}/__init__.py" in installed
                    or f"{name.rpartition('.')[0].replace('.', '/')}.py" in installed
                )
                assert ours or name.split(".")[0] in sys.stdlib_module_names, f"{path}: {name}"


@pytest.mark.parametrize("name", [agent.name for agent in AGENTS])
def test_an_installed_agent_runs_alone(name: str, tmp_path: Path) -> None:
    with installed_agents() as root:
        program = root / "resource.d" / "everprint" / name
        ended = subprocess.run(
            [program, "meta-data"],
            env={"PATH": "/usr/bin"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        assert f'<resource-agent name="{name}"' in ended.stdout
