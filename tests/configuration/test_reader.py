"""A role's settings: defaults, then its TOML file, then the environment; anything else is refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import pytest

from everprint.configuration import ConfigurationError, describe_settings, read_settings


class Example(msgspec.Struct, frozen=True):
    state_folder: Annotated[str, msgspec.Meta(description="Where things are kept.")]
    port: Annotated[int, msgspec.Meta(description="TCP port.", ge=0, le=65535)] = 9191
    dns_sd: Annotated[bool, msgspec.Meta(description="Announce the queues.")] = True
    patience_s: Annotated[float, msgspec.Meta(description="Seconds to wait.", gt=0)] = 2.5
    networks: Annotated[list[str], msgspec.Meta(description="Trusted networks.")] = []


def read(text: str, tmp_path: Path, **environment: str) -> Example:
    path = tmp_path / "example.toml"
    path.write_text(text, "utf-8")
    return read_settings("example", Example, path, environment)


def test_defaults_file_and_environment_in_that_order(tmp_path: Path) -> None:
    text = 'state_folder = "/srv"\nport = 1\nnetworks = ["10.0.0.0/8"]\n'
    assert read(text, tmp_path) == Example("/srv", 1, networks=["10.0.0.0/8"])
    assert read(text, tmp_path, EVERPRINT_EXAMPLE_PORT="2").port == 2
    from_environment = read_settings("example", Example, None, {"EVERPRINT_EXAMPLE_STATE_FOLDER": "/x"})
    assert from_environment == Example("/x")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("DNS_SD", "no", False),
        ("DNS_SD", "true", True),
        ("PATIENCE_S", "0.5", 0.5),
        ("NETWORKS", "10.0.0.0/8, ::1/128", ["10.0.0.0/8", "::1/128"]),
        ("NETWORKS", "", []),
    ],
)
def test_the_environment_speaks_every_type(name: str, text: str, expected: object, tmp_path: Path) -> None:
    settings = read('state_folder = "/srv"', tmp_path, **{f"EVERPRINT_EXAMPLE_{name}": text})
    assert getattr(settings, name.lower()) == expected


@pytest.mark.parametrize(
    ("text", "environment", "complaint"),
    [
        ('state_folder = "/s"\nprot = 1', {}, "prot is not a setting; did you mean port?"),
        ('state_folder = "/s"\nzzz = 1', {}, "zzz is not a setting; expected one of: state_folder, port"),
        ('state_folder = "/s"\nport = "high"', {}, "port: Expected `int`, got `str`, got 'high'"),
        ('state_folder = "/s"\nport = 70000', {}, "port: Expected `int` <= 65535, got 70000"),
        ('state_folder = "/s"', {"EVERPRINT_EXAMPLE_PORT": "x"}, "environment variable EVERPRINT_EXAMPLE_PORT: "),
        ('state_folder = "/s"', {"EVERPRINT_EXAMPLE_DNS_SD": "maybe"}, "Expected `bool`"),
        (
            "port = 1",
            {},
            "state_folder is missing (Where things are kept.). Write it into the file or set EVERPRINT_E",
        ),
        ("port = = 1", {}, "is not valid TOML"),
    ],
)
def test_what_is_wrong_is_named(text: str, environment: dict[str, str], complaint: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(text, tmp_path, **environment)
    assert complaint in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.toml: there is no such file"):
        read_settings("example", Example, tmp_path / "none.toml", {})


def test_settings_describe_themselves() -> None:
    port = describe_settings("example", Example)[1]
    assert (port.key, port.environment, port.type_name, port.default, port.description) == (
        "port",
        "EVERPRINT_EXAMPLE_PORT",
        "integer",
        "9191",
        "TCP port.",
    )
