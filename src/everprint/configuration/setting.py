"""What a setting is: a field of a msgspec Struct whose Meta description says what it means.

The same declaration checks values, names the environment override and fills the reference page, so that none of
them can differ from the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

import msgspec


@dataclass(frozen=True, slots=True)
class Setting:
    """One documented setting of a role."""

    key: str
    environment: str  # the variable that overrides it
    type_name: str
    default: str  # as TOML shows it; empty if there is none and it must be given
    description: str


def environment_name(role: str, key: str) -> str:
    """The variable that overrides a key: EVERPRINT_SERVER_DATABASE for *database* of role *server*."""
    return f"EVERPRINT_{role}_{key}".upper().replace("-", "_")


def describe_settings(role: str, settings: type[msgspec.Struct]) -> list[Setting]:
    """Every setting of the role, in the order of its declaration."""
    hints = get_type_hints(settings, include_extras=True)
    return [
        Setting(
            key=field.name,
            environment=environment_name(role, field.name),
            type_name=_type_name(field.type),
            default=_default(field),
            description=_description(hints[field.name]),
        )
        for field in msgspec.structs.fields(settings)
    ]


def _description(hint: Any) -> str:  # noqa: ANN401 - type hints have no common type
    for extra in get_args(hint)[1:]:
        if isinstance(extra, msgspec.Meta) and extra.description:
            return extra.description
    return ""


def _type_name(hint: Any) -> str:  # noqa: ANN401 - type hints have no common type
    arguments = get_args(hint)
    if arguments and isinstance(arguments[-1], msgspec.Meta):
        return _type_name(arguments[0])
    if hint == list[str]:
        return "list of strings"
    names = {str: "string", int: "integer", float: "number", bool: "true or false"}
    return names.get(hint, "string") if not arguments else "string"


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.default is not msgspec.NODEFAULT:
        value = field.default
    elif field.default_factory is not msgspec.NODEFAULT:
        value = field.default_factory()
    else:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(f'"{item}"' for item in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)
