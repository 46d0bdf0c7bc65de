"""What axe-core finds wrong with a page for people who cannot see it, use no mouse, or see little.

The script is the one in the package axe-playwright-python. The browser's debugger evaluates it, as all that tests ask
of a page: the page's Content-Security-Policy stays in force.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

# WCAG 2.2 on the levels A and AA (its rules keep the tag of the version that brought them), and what the makers of
# axe-core hold to be good practice beside it.
EVERYTHING = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
# The two rules whose answer depends on colours and on the width: what is read, and what a finger hits.
AS_DRAWN = {"type": "rule", "values": ["color-contrast", "target-size"]}

_RULES = {"target-size": {"enabled": True}}  # axe-core leaves it out unless it is asked for

_RUN = """options => axe.run(document, options).then(results => results.violations.flatMap(
  violation => violation.nodes.map(node =>
    `${violation.id} (${violation.help}): ${node.target.join(' ')}: ${node.failureSummary}`)))"""


def violations(page: Page, what: dict[str, Any] = EVERYTHING) -> list[str]:
    """The rules that the page breaks as it is shown now, each with where and why."""
    page.evaluate(_script())
    found: list[str] = page.evaluate(_RUN, {"runOnly": what, "rules": _RULES, "resultTypes": ["violations"]})
    return found


@cache
def _script() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
