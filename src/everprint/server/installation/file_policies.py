"""What the server's own file settles about people, jobs and their money: shown beside the settings, never set there.

A server that comes up before its database must know these, and each of several servers has a file of its own. So they
are changed in the file, and hold from the next start. None of them is secret.
"""

from __future__ import annotations

from dataclasses import dataclass

from everprint.configuration import describe_settings
from everprint.server.configuration import ROLE, ServerSettings

POLICIES = (
    "create_users_on_first_print",
    "initial_credit",
    "directory",
    "directory_on_first_print",
    "directory_every_h",
    "directory_most_gone_percent",
    "ldap_sign_in",
    "offline_credit",
    "previews_keep_h",
    "archive_folder",
    "currency",
    "time_zone",
)


@dataclass(frozen=True, slots=True)
class FilePolicy:
    """One of them as this server has it."""

    key: str
    about: str
    value: bool | int | str

    @property
    def in_words(self) -> str:
        """The value for people."""
        if isinstance(self.value, bool):
            return "yes" if self.value else "no"
        return str(self.value) or "none"


def file_policies(configuration: ServerSettings) -> list[FilePolicy]:
    """All of them, in order."""
    about = {setting.key: setting.description for setting in describe_settings(ROLE, ServerSettings)}
    return [FilePolicy(key, about[key], getattr(configuration, key)) for key in POLICIES]
