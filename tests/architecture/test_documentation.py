"""What is not documented does not exist: every command, option, setting and endpoint stands in docs/reference."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from everprint.cli.main import PARTS, everprint_command
from everprint.configuration import describe_settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def reference() -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted((DOCS / "reference").glob("*.md")))


REFERENCE = reference()


def commands(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from commands(child, (*path, name))
    else:
        yield path, command


ALL_COMMANDS = list(commands(everprint_command, ("everprint",)))


@pytest.mark.parametrize(("path", "command"), ALL_COMMANDS, ids=[" ".join(path) for path, _ in ALL_COMMANDS])
def test_a_command_and_its_options_are_documented(path: tuple[str, ...], command: click.Command) -> None:
    name = " ".join(path)
    assert re.search(re.escape(name) + r"(?![\w-])", REFERENCE), f"{name} is not in docs/reference"
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            option = max(parameter.opts, key=len)
            assert re.search(re.escape(option) + r"(?![\w-])", REFERENCE), f"{name} {option} is not in docs/reference"


CLUSTER_COMMANDS = [" ".join(path) for path, _ in ALL_COMMANDS if path[1] == "cluster"]


@pytest.mark.parametrize("name", CLUSTER_COMMANDS)
def test_a_command_of_the_cluster_has_its_place_in_a_how_to(name: str) -> None:
    how_tos = [path.read_text("utf-8") for path in sorted((DOCS / "how-to").glob("*.md"))]
    assert any(re.search(re.escape(name) + r"(?![\w-])", text) for text in how_tos), f"{name} is in no how-to"


@pytest.mark.parametrize(("path", "command"), ALL_COMMANDS, ids=[" ".join(path) for path, _ in ALL_COMMANDS])
def test_a_command_explains_itself(path: tuple[str, ...], command: click.Command) -> None:
    assert command.help, f"{' '.join(path)} has no help"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{' '.join(path)} {parameter.opts[-1]} has no help"


def settings_of_roles() -> list[tuple[str, str, str, str]]:
    from everprint.provider.settings import ProviderSettings
    from everprint.server.configuration import ServerSettings

    return [
        (role, setting.key, setting.environment, setting.description)
        for role, settings in (("server", ServerSettings), ("provider", ProviderSettings))
        for setting in describe_settings(role, settings)
    ]


@pytest.mark.parametrize(("role", "key", "environment", "description"), settings_of_roles())
def test_a_setting_is_documented(role: str, key: str, environment: str, description: str) -> None:
    page = (DOCS / "reference" / f"{role}-settings.md").read_text("utf-8")
    assert f"`{key}`" in page
    assert environment in page or environment.removesuffix(key.upper()) in page, f"how to override {key}"
    assert description, f"{role}: {key} has no description"


ROUTES_OF_THE_SERVER = """
import django
django.setup()
from everprint.server.providers.contract.routes import ROUTES
from tests.server.routes import all_routes
print(*({"/" + route.pattern for route in all_routes()} | set(ROUTES)), sep="\\n")
"""


def as_written(route: str) -> str:
    """The route as a pattern of the reference's spelling: a word stands for a value, as in /jobs/NUMBER."""
    return "[A-Za-z-]+".join(re.escape(piece) for piece in re.split(r"<[^>]+>", route))


def said_by_the_server(program: str, folder: Path) -> str:
    """What a program prints that sets the server up without a database."""
    (folder / "secret-key").write_text("only for this test " * 4)
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "everprint.server.settings",
        "EVERPRINT_SERVER_STATE_FOLDER": str(folder),
        "EVERPRINT_SERVER_DATABASE": f"sqlite://{folder}/server.sqlite3",
    }
    return subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


def test_every_route_of_the_server_is_documented(tmp_path: Path) -> None:
    routes = said_by_the_server(ROUTES_OF_THE_SERVER, tmp_path).split()
    assert len(routes) > 20
    assert not [route for route in routes if not re.search(rf"[` ]{as_written(route)}[`?]", REFERENCE)]


ENDPOINTS_OF_THE_API = """
import django
django.setup()
from everprint.server.api.v1 import document
for path, methods in document()["paths"].items():
    for method, operation in methods.items():
        print(method.upper(), path, operation["description"].split("`")[1])
"""


def undocumented(endpoints: list[str], page: str) -> list[str]:
    """Those endpoints that have no row in the page's tables with their permission; a value is written in capitals."""
    missing = []
    for endpoint in endpoints:
        method, path, permission = endpoint.split()
        written = "[A-Z]+".join(re.escape(piece) for piece in re.split(r"{[^}]+}", path))
        row = rf"^\| `{method} {written}` \| `{permission}` \| \S"
        if not re.search(row, page, re.MULTILINE):
            missing.append(endpoint)
    return missing


def test_every_endpoint_of_the_api_is_documented_with_its_permission(tmp_path: Path) -> None:
    endpoints = said_by_the_server(ENDPOINTS_OF_THE_API, tmp_path).splitlines()
    assert len(endpoints) > 30
    assert undocumented(endpoints, (DOCS / "reference" / "api.md").read_text("utf-8")) == []


def test_the_check_sees_an_endpoint_without_a_row_and_one_with_another_permission() -> None:
    page = "| `GET /api/v1/users/USER` | `view-users` | Get one |\n"
    assert undocumented(["GET /api/v1/users/{user_id} view-users"], page) == []
    wrong = ["PUT /api/v1/users/{user_id} view-users", "GET /api/v1/users/{user_id} use-own"]
    assert undocumented(wrong, page) == wrong


def test_every_part_is_in_the_table_of_parts() -> None:
    table = (DOCS / "explanation" / "parts.md").read_text("utf-8")
    folders = sorted(path.parent.name for path in (ROOT / "src" / "everprint").glob("*/__init__.py"))
    assert not [folder for folder in folders if f"`{folder}/`" not in table]


def markdown_files() -> list[Path]:
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


@pytest.mark.parametrize("path", markdown_files(), ids=[str(path.relative_to(ROOT)) for path in markdown_files()])
def test_links_and_pictures_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
    targets += re.findall(r'src="([^"]+)"', path.read_text("utf-8"))
    local = [target for target in targets if not re.match(r"[a-z]+:", target)]
    assert not [target for target in local if not (path.parent / target).exists()]


def test_every_page_of_the_docs_is_reached_from_their_index() -> None:
    reached: set[Path] = set()
    waiting = [DOCS / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        for target in re.findall(r"\]\(([^)#\s]+\.md)", page.read_text("utf-8")):
            linked = (page.parent / target).resolve()
            if linked.exists() and linked not in reached and linked.suffix == ".md":
                waiting.append(linked)
    lost = {path for path in DOCS.rglob("*.md") if path.resolve() not in {p.resolve() for p in reached}}
    assert not lost


def test_the_parts_named_by_the_command_have_a_reference_page() -> None:
    assert set(PARTS) == {"server", "provider", "virtual-printer", "documents", "cluster", "monitor"}
