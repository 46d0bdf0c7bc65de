"""One TOML file per role, read against a typed list of settings; the environment may override each."""

from everprint.configuration.reader import ConfigurationError, read_settings
from everprint.configuration.setting import describe_settings

__all__ = ["ConfigurationError", "describe_settings", "read_settings"]
