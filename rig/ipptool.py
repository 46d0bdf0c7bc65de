"""CUPS's ipptool as a client: sends one operation written in its own language and reads its report."""

from __future__ import annotations

import plistlib
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from xml.parsers.expat import ExpatError

_HEAD = """
    GROUP operation-attributes-tag
    ATTR charset attributes-charset utf-8
    ATTR naturalLanguage attributes-natural-language en
    ATTR uri printer-uri $uri
"""

Attributes = dict[str, object]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the printer answered."""

    status: str  # "successful-ok", "client-error-not-possible", ...
    message: str  # status-message
    groups: tuple[Attributes, ...]  # one a job or printer; without the operation attributes

    @property
    def first(self) -> Attributes:
        """The only group of most answers; empty if there was none."""
        return self.groups[0] if self.groups else {}


class NoAnswer(Exception):
    """The printer could not be reached, or did not answer in IPP; the text is ipptool's own."""


def ask(
    uri: str,
    operation: str,
    attributes: Sequence[str] = (),
    *,
    document: Path | None = None,
    environment: Mapping[str, str] | None = None,
    within_s: float = 30.0,
) -> Answer:
    """Sends one operation; `attributes` are lines as ipptool writes them ("ATTR integer job-id 3").

    A user name and password go into the URI. Raises NoAnswer.
    """
    body = "\n".join(["{", f"OPERATION {operation}", _HEAD, *attributes])
    if document is not None:
        body += f"\nFILE {document}"
    with tempfile.NamedTemporaryFile("w", suffix=".test") as test:
        test.write(body + "\n}\n")
        test.flush()
        try:
            # Not by its own -T: with that, over TLS, it asks for ever when the answer comes in two records.
            result = subprocess.run(
                ["ipptool", "-X", uri, test.name],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                env=dict(environment) if environment is not None else None,
                start_new_session=True,  # without a terminal it cannot ask for a password
                timeout=within_s,
            )
        except subprocess.TimeoutExpired:
            raise NoAnswer(f"{uri} did not answer within {within_s:g} s") from None
    return _read_report(result.stdout, result.stderr.decode("utf-8", "replace"))


def _read_report(report: bytes, complaint: str) -> Answer:
    try:
        tests = cast("list[dict[str, object]]", plistlib.loads(report)["Tests"])
        test = tests[0]
    except (ExpatError, ValueError, KeyError, IndexError):
        raise NoAnswer(complaint.strip() or report.decode("utf-8", "replace")[-300:]) from None
    groups = cast("list[Attributes]", test.get("ResponseAttributes", []))
    if "StatusCode" not in test or not groups:
        raise NoAnswer(complaint.strip() or "; ".join(cast("list[str]", test.get("Errors", []))) or "no response")
    return Answer(
        status=str(test["StatusCode"]),
        message=str(groups[0].get("status-message", "")),
        groups=tuple(group for group in groups[1:] if group),
    )


def strings(group: Attributes, name: str) -> list[str]:
    """The values of an attribute as text; ipptool gives one value bare and several as a list."""
    value = group.get(name, [])
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]
