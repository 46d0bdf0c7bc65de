"""What every resource agent is: actions by name, parameters from the environment, an exit code that the engine reads.

OCF Resource Agent API 1.1 (ClusterLabs/OCF-spec, ra/1.1). An action raises Refusal for every ending but success.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

VERSION = "1.1"
# What is left of an action's time for tidying up, before the engine calls it hung.
_SPARE_S = 5.0
_META = "OCF_RESKEY_CRM_meta_"


class Code(IntEnum):
    """The exit codes of the API."""

    SUCCESS = 0
    ERR_GENERIC = 1
    ERR_ARGS = 2
    ERR_UNIMPLEMENTED = 3
    ERR_PERM = 4
    ERR_INSTALLED = 5
    ERR_CONFIGURED = 6
    NOT_RUNNING = 7
    RUNNING_PROMOTED = 8
    FAILED_PROMOTED = 9


class Refusal(Exception):
    """How an action ended if not well; the text is shown by `crm_mon` and in the log."""

    def __init__(self, code: Code, reason: str) -> None:
        self.code = code
        super().__init__(reason)


@dataclass(frozen=True)
class Parameter:
    """A parameter of the agent; without a default it is required."""

    name: str
    kind: str
    """*string* or *integer*."""
    default: str | None
    text: str


@dataclass(frozen=True)
class Action:
    """What the engine may ask for."""

    name: str
    timeout_s: int
    interval_s: int = 0
    role: str = ""
    """Of a promotable agent: in which role it is asked."""


@dataclass(frozen=True)
class Call:
    """One call by the engine."""

    parameters: Mapping[str, str]
    instance: str
    """The resource's name."""
    is_probe: bool
    """Only what is, without judgement: may it be that the resource runs already?"""
    deadline: float
    """On the monotonic clock: when the action must have ended."""
    target: str
    """Of a migration: the other host."""
    state: Path
    """A folder that is empty after a restart of the host."""
    host: str = ""
    """This host's name in the cluster."""
    meta: Mapping[str, str] = field(default_factory=dict)
    """What the engine says beside the parameters, by its own words, such as *notify_type*."""
    log: TextIO = field(default_factory=lambda: sys.stderr)

    def say(self, text: str) -> None:
        """A line for the engine's log."""
        print(f"{self.instance}: {text}", file=self.log, flush=True)

    def left_s(self) -> float:
        """Seconds that the action may still take."""
        return self.deadline - time.monotonic()


@dataclass(frozen=True)
class Agent:
    """An agent: its description and what it does."""

    name: str
    summary: str
    text: str
    parameters: tuple[Parameter, ...]
    actions: tuple[Action, ...]
    does: Mapping[str, Callable[[Call], None]]
    heeds: tuple[str, ...] = ()
    """The notifications that it does something for, as *pre-demote*. The engine sends many while people wait."""


def run(agent: Agent, argv: list[str], environment: Mapping[str, str]) -> Code:
    """Does what the engine asks for."""
    action = argv[1] if len(argv) == 2 else ""
    if action in ("meta-data", "meta_data"):
        print(metadata(agent))
        return Code.SUCCESS
    if action in ("", "usage", "help"):
        print(f"usage: {agent.name} {{{'|'.join([*agent.does, 'meta-data'])}}}")
        return Code.SUCCESS if action else Code.ERR_ARGS
    if action not in agent.does:
        return Code.ERR_UNIMPLEMENTED
    try:
        agent.does[action](_call(agent, action, environment))
    except Refusal as refusal:
        # Shown as the reason by crm_mon; these two are no failures of the agent.
        if refusal.code not in (Code.NOT_RUNNING, Code.RUNNING_PROMOTED):
            print(f"ocf-exit-reason:{refusal}", file=sys.stderr)
        return refusal.code
    return Code.SUCCESS


def _call(agent: Agent, action: str, environment: Mapping[str, str]) -> Call:
    parameters = {}
    for parameter in agent.parameters:
        value = environment.get(f"OCF_RESKEY_{parameter.name}", parameter.default)
        if value is None:
            raise Refusal(Code.ERR_CONFIGURED, f"the parameter {parameter.name} is missing")
        if parameter.kind == "integer" and not (value.isascii() and value.isdigit() and len(value) < 12):
            raise Refusal(Code.ERR_CONFIGURED, f"{parameter.name} is no whole number: {value}")
        parameters[parameter.name] = value
    usual_s = next((one.timeout_s for one in agent.actions if one.name == action), 20)
    timeout_ms = environment.get("OCF_RESKEY_CRM_meta_timeout", "")
    timeout_s = int(timeout_ms) / 1000 if timeout_ms.isdigit() else usual_s
    state = Path(environment.get("HA_RSCTMP", "/run/resource-agents"))
    return Call(
        parameters=parameters,
        instance=environment.get("OCF_RESOURCE_INSTANCE", "default").replace("/", "-"),
        is_probe=action == "monitor" and environment.get("OCF_RESKEY_CRM_meta_interval", "0") == "0",
        deadline=time.monotonic() + max(timeout_s - _SPARE_S, timeout_s / 2),
        target=environment.get("OCF_RESKEY_CRM_meta_migrate_target", ""),
        state=state,
        host=environment.get("OCF_RESKEY_CRM_meta_on_node", os.uname().nodename),
        meta={key.removeprefix(_META): value for key, value in environment.items() if key.startswith(_META)},
    )


def metadata(agent: Agent) -> str:
    """The agent's description in XML, as the engine's shells read it."""
    lines = [
        '<?xml version="1.0"?>',
        '<!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">',
        f'<resource-agent name={quoteattr(agent.name)} version="1.0">',
        f"<version>{VERSION}</version>",
        f'<longdesc lang="en">{escape(agent.text)}</longdesc>',
        f'<shortdesc lang="en">{escape(agent.summary)}</shortdesc>',
        "<parameters>",
    ]
    for parameter in agent.parameters:
        required = ' required="1"' if parameter.default is None else ""
        default = f" default={quoteattr(parameter.default)}" if parameter.default else ""
        lines += [
            f'<parameter name={quoteattr(parameter.name)} unique="0"{required}>',
            f'<longdesc lang="en">{escape(parameter.text)}</longdesc>',
            f'<shortdesc lang="en">{escape(parameter.text.partition(".")[0])}</shortdesc>',
            f'<content type="{parameter.kind}"{default}/>',
            "</parameter>",
        ]
    lines += ["</parameters>", "<actions>"]
    for action in agent.actions:
        interval = f' interval="{action.interval_s}s"' if action.interval_s else ""
        role = f' role="{action.role}"' if action.role else ""
        lines.append(f'<action name="{action.name}" timeout="{action.timeout_s}s"{interval}{role}/>')
    lines += ['<action name="meta-data" timeout="5s"/>', "</actions>", "</resource-agent>"]
    return "\n".join(lines)


def main(agent: Agent) -> None:
    """The agent as a program."""
    sys.exit(run(agent, sys.argv, os.environ))
