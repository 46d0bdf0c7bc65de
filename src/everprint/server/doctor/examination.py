"""The whole examination, in the order in which one thing needs the other."""

from __future__ import annotations

from collections.abc import Iterator

from everprint.server.configuration import ServerSettings, settings_file
from everprint.server.doctor.data import examine_database
from everprint.server.doctor.files import examine_files
from everprint.server.doctor.finding import Finding, Level
from everprint.server.doctor.installation import examine_installation
from everprint.server.doctor.network import examine_network
from everprint.server.doctor.openid import examine_openid


def examine(settings: ServerSettings) -> Iterator[Finding]:
    """Each finding as soon as it is there. Reads only; safe while the server runs."""
    yield from examine_files(settings, settings_file())
    yield from examine_network(settings)
    answers = True
    for finding in examine_database():
        answers = answers and not (finding.check == "database" and finding.level is Level.PROBLEM)
        yield finding
    if answers:
        yield from examine_installation(settings)
        yield from examine_openid()
