"""Reads a role's TOML file and the environment into its settings; refuses what it does not know, by name."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from everprint.configuration.setting import Setting, describe_settings

Settings = TypeVar("Settings", bound=msgspec.Struct)


class ConfigurationError(Exception):
    """A file or variable that cannot be used; the text names it and says what was expected."""


def read_settings(
    role: str,
    settings: type[Settings],
    path: Path | None,
    environment: Mapping[str, str] = os.environ,
) -> Settings:
    """The role's settings: defaults, then the file (if a path is given), then the environment.

    Raises ConfigurationError for a file that cannot be read, a key that no setting has, or a value that its
    setting does not allow.
    """
    known = {setting.key: setting for setting in describe_settings(role, settings)}
    values: dict[str, object] = {}
    origin: dict[str, str] = {}
    if path is not None:
        for key, value in _read_file(path).items():
            if key not in known:
                raise ConfigurationError(f"{path}: {_unknown_key(key, known)}")
            values[key], origin[key] = value, f"{path}: {key}"
    for setting in known.values():
        text = environment.get(setting.environment)
        if text is not None:
            values[setting.key] = _from_text(setting, text)
            origin[setting.key] = f"environment variable {setting.environment}"
    for setting in known.values():
        if not setting.default and setting.key not in values:
            where = f"{path}: " if path else ""
            raise ConfigurationError(
                f"{where}{setting.key} is missing ({setting.description}). "
                f"Write it into the file or set {setting.environment}."
            )
    return _convert(settings, values, origin)


def _read_file(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: is not valid TOML: {error}") from None


def _unknown_key(key: str, known: Mapping[str, Setting]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"expected one of: {', '.join(known)}"
    return f"{key} is not a setting; {hint}"


def _from_text(setting: Setting, text: str) -> object:
    if setting.type_name == "list of strings":
        return [item.strip() for item in text.split(",") if item.strip()]
    if setting.type_name == "true or false":
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(text.lower(), text)
    convert = {"integer": int, "number": float}.get(setting.type_name)
    if convert is not None:
        try:
            return convert(text)
        except ValueError:
            return text  # refused below, with the reason
    return text


def _convert(settings: type[Settings], values: dict[str, object], origin: Mapping[str, str]) -> Settings:
    for key, value in values.items():
        field = next(field for field in msgspec.structs.fields(settings) if field.name == key)
        try:
            msgspec.convert(value, field.type)
        except msgspec.ValidationError as error:
            raise ConfigurationError(f"{origin[key]}: {error}, got {value!r}") from None
    return msgspec.convert(values, settings)
