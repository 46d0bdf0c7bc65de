"""Speaks LDAP (RFC 4511) by python-ldap: connects with TLS, binds, searches page by page. Nothing of Everprint's own.

Every wait has an end. Referrals are not followed: they would lead passwords elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from everprint.server.directory.people import DirectoryAway
from everprint.server.directory_settings import DirectorySettings

PAGE = 1000  # what Active Directory gives at most
MOST_ENTRIES = 1_000_000
LONGEST_SEARCH_S = 120
_RANGE = re.compile(r"(?P<name>[^;]+);range=(?P<first>[0-9]+)-(?P<last>[0-9]+|\*)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """What was found: its distinguished name, and the values of its attributes by their names in lower case."""

    dn: str
    values: dict[str, tuple[bytes, ...]]

    def text(self, attribute: str) -> str:
        """The attribute's first value; empty if there is none, or none that is text."""
        found = self.values.get(attribute.lower(), ())
        return found[0].decode("utf-8", "replace").strip() if found else ""


class WrongCredentials(Exception):
    """The directory refuses name and password, or the account."""


class Connection:
    """A connection that is bound. It is used by one thread."""

    def __init__(self, raw: Any, longest_s: int) -> None:  # noqa: ANN401 - python-ldap has no types
        self._raw = raw
        self._longest_s = longest_s

    def search(self, base: str, text: str, attributes: Sequence[str]) -> Iterator[Entry]:
        """Everything below `base` that the filter fits, page by page (RFC 2696).

        Raises DirectoryAway.
        """
        import ldap
        from ldap.controls import SimplePagedResultsControl

        page = SimplePagedResultsControl(True, size=PAGE, cookie="")
        number = 0
        while True:
            with _plain_errors():
                message = self._raw.search_ext(
                    base, ldap.SCOPE_SUBTREE, text, list(attributes), serverctrls=[page], timeout=LONGEST_SEARCH_S
                )
                _, found, _, controls = self._raw.result3(message, timeout=LONGEST_SEARCH_S)
            for dn, values in found:
                if dn is None:  # a referral
                    continue
                number += 1
                if number > MOST_ENTRIES:
                    raise DirectoryAway(
                        f"below {base} are more than {MOST_ENTRIES} entries: make the filter narrower"
                    )
                yield self._whole(dn, values)
            cookies = [c.cookie for c in controls if c.controlType == SimplePagedResultsControl.controlType]
            if not cookies or not cookies[0]:
                return
            page.cookie = cookies[0]

    def _whole(self, dn: str, values: dict[str, list[bytes]]) -> Entry:
        """With all values of attributes that Active Directory gives in parts (MS-ADTS 3.1.1.3.1.3.3)."""
        import ldap

        entry = Entry(dn, {})
        for name, some in values.items():
            part = _RANGE.fullmatch(name)
            if part is None:
                entry.values[name.lower()] = tuple(some)
                continue
            attribute, gathered = part["name"], list(some)
            while part is not None and part["last"] != "*" and len(gathered) < MOST_ENTRIES:
                wanted = f"{attribute};range={len(gathered)}-*"
                with _plain_errors():
                    found = self._raw.search_ext_s(dn, ldap.SCOPE_BASE, attrlist=[wanted], timeout=self._longest_s)
                rest = {key: more for _, row in found if row for key, more in row.items() if _RANGE.fullmatch(key)}
                part = next((_RANGE.fullmatch(key) for key in rest), None)
                gathered += [value for more in rest.values() for value in more]
            entry.values[attribute.lower()] = tuple(gathered)
        return entry


@contextmanager
def connected(settings: DirectorySettings, dn: str | None = None, password: str = "") -> Iterator[Connection]:
    """A connection to the first server that answers, bound as the reader of the settings, or as that `dn`.

    Raises DirectoryAway; WrongCredentials if `dn` is given and refused.
    """
    import ldap

    raw = _opened(
        settings, settings.ldap_bind_dn if dn is None else dn, settings.ldap_bind_password if dn is None else password
    )
    try:
        yield Connection(raw, settings.ldap_timeout_s)
    finally:
        with suppress(ldap.LDAPError):  # it may be gone already
            raw.unbind_s()


def _opened(settings: DirectorySettings, dn: str, password: str) -> Any:  # noqa: ANN401 - python-ldap has no types
    import ldap

    problems: list[str] = []
    for url in settings.ldap_url.split():
        try:
            raw = ldap.initialize(url)
            raw.set_option(ldap.OPT_PROTOCOL_VERSION, ldap.VERSION3)
            raw.set_option(ldap.OPT_REFERRALS, 0)
            raw.set_option(ldap.OPT_NETWORK_TIMEOUT, settings.ldap_timeout_s)
            raw.set_option(ldap.OPT_TIMEOUT, settings.ldap_timeout_s)
            raw.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND)
            if settings.ldap_ca_certificate:
                raw.set_option(ldap.OPT_X_TLS_CACERTFILE, settings.ldap_ca_certificate)
            raw.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
            if settings.ldap_start_tls:
                raw.start_tls_s()
            raw.simple_bind_s(dn, password)
        except (ldap.INVALID_CREDENTIALS, ldap.INAPPROPRIATE_AUTH, ldap.UNWILLING_TO_PERFORM) as error:
            raise WrongCredentials(_words(error)) from None
        except (ldap.LDAPError, ValueError) as error:
            problems.append(f"{url}: {_words(error)}")
        else:
            return raw
    raise DirectoryAway("; ".join(problems))


@contextmanager
def _plain_errors() -> Iterator[None]:
    import ldap

    try:
        yield
    except ldap.LDAPError as error:
        raise DirectoryAway(f"the LDAP server says: {_words(error)}") from None


def _words(error: Exception) -> str:
    """What an LDAP error says, for people."""
    said = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    parts = [str(said.get(key, "")).strip() for key in ("desc", "info")]
    return ": ".join(part for part in parts if part) or str(error)
