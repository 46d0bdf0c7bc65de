"""Signing in with the password of the directory, and making somebody known whom only the directory knows yet."""

from __future__ import annotations

import logging
import threading

from everprint.server.directory.models import DirectoryEntry
from everprint.server.directory.people import DirectoryAway
from everprint.server.directory_settings import LDAP
from everprint.server.people.models import User
from everprint.server.settings import CONFIGURATION

log = logging.getLogger(__name__)

# A directory that does not answer must not take every thread that checks passwords.
_at_once = threading.BoundedSemaphore(4)


def make_known(name: str) -> User | None:
    """The user of that name, made now if the directory has them; None if it has not, or cannot be asked."""
    if CONFIGURATION.directory != LDAP:  # a program can only be asked for everybody
        return None
    # Not imported where nobody is looked for in a directory.
    from everprint.server.directory.ldap_people import find_in_ldap
    from everprint.server.directory.sync import add_person

    try:
        with _at_once:
            found = find_in_ldap(CONFIGURATION, name)
    except DirectoryAway as error:
        log.warning("the directory cannot be asked for user=%r error=%s", name, error)
        return None
    return add_person(found[1]) if found else None


def is_right(user: User, password: str) -> bool:
    """Is that the user's password in the directory? False if they are none of its people, or it cannot be asked."""
    if CONFIGURATION.directory != LDAP or not CONFIGURATION.ldap_sign_in:
        return False
    entry = DirectoryEntry.objects.filter(user=user, left_at=None).first()
    if entry is None:
        return False
    from everprint.server.directory.ldap_people import find_in_ldap, is_password

    try:
        with _at_once:
            found = find_in_ldap(CONFIGURATION, user.name)
            # Who has the name there now may be another person than the one whom we know by it.
            return found is not None and found[1].key == entry.key and is_password(CONFIGURATION, found[0], password)
    except DirectoryAway as error:
        log.warning("the directory cannot check a password user=%r error=%s", user.name, error)
        return False
