"""The settings about the directory: where people and groups come from, and who checks their passwords."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from everprint.configuration import ConfigurationError

LDAP, PROGRAM, CSV = "ldap", "program", "csv"
ACTIVE_DIRECTORY = "active-directory"


def _says(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


class DirectorySettings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting about the directory; all of them are of the server's one file."""

    directory: Annotated[
        str,
        msgspec.Meta(
            pattern="^(|ldap|program|csv)$",
            description="Where people and groups come from: ldap, program (an external one), csv (a file), or empty "
            "for none",
        ),
    ] = ""
    directory_every_h: Annotated[
        int,
        msgspec.Meta(
            ge=0, le=720, description="Hours from one sync with the directory to the next; 0 for by hand only"
        ),
    ] = 24
    directory_most_gone_percent: Annotated[
        int,
        msgspec.Meta(
            ge=0,
            le=100,
            description="A sync that would disable more of the directory's people than this changes nothing",
        ),
    ] = 10
    directory_groups: Annotated[
        list[str], _says("Names of the directory's groups that are taken; empty for all that it shows")
    ] = []
    directory_on_first_print: Annotated[
        bool,
        _says(
            "With create_users_on_first_print = false: a name that the LDAP directory has is a user from its first "
            "job on; if this is false too, only users who are here already print"
        ),
    ] = True
    directory_program: Annotated[
        list[str], _says("The external program and its arguments; it prints people as CSV. No shell is between")
    ] = []
    directory_file: Annotated[
        str, _says("The file with people as CSV, as a program would print it; read anew at each sync")
    ] = ""
    ldap_url: Annotated[
        str,
        _says("ldaps://host:port, or ldap:// with ldap_start_tls; several, with spaces between, are tried in turn"),
    ] = ""
    ldap_start_tls: Annotated[bool, _says("Encrypt ldap:// by StartTLS before anything is said")] = False
    ldap_ca_certificate: Annotated[
        str,
        _says("PEM file with the authorities that the LDAP server's certificate is checked against; empty: system"),
    ] = ""
    ldap_bind_dn: Annotated[str, _says("Distinguished name as which the directory is read; empty for anonymous")] = ""
    ldap_bind_password: Annotated[str, _says("The password that goes with it")] = ""
    ldap_kind: Annotated[
        str,
        msgspec.Meta(
            pattern="^(standard|active-directory)$",
            description="Whose attributes and filters are meant where those below are empty: standard "
            "(inetOrgPerson, groupOfNames) or active-directory",
        ),
    ] = "standard"
    ldap_people_base: Annotated[str, _says("Distinguished name below which people are")] = ""
    ldap_people_filter: Annotated[
        str, _says("LDAP filter of people who may print; empty: all, but disabled ones")
    ] = ""
    ldap_name_attribute: Annotated[str, _says("Attribute of the user name; empty: uid, or sAMAccountName")] = ""
    ldap_group_base: Annotated[str, _says("Distinguished name below which groups are; empty: no groups are read")] = (
        ""
    )
    ldap_group_filter: Annotated[str, _says("LDAP filter of groups; empty: all of the kind")] = ""
    ldap_member_attribute: Annotated[
        str, _says("Attribute of a group with its members' names or distinguished names; empty: member")
    ] = ""
    ldap_department_attribute: Annotated[
        str, _says("Attribute of a person's department; empty: departmentNumber, or department")
    ] = ""
    ldap_office_attribute: Annotated[
        str, _says("Attribute of a person's office; empty: physicalDeliveryOfficeName")
    ] = ""
    ldap_sign_in: Annotated[bool, _says("People of the directory sign in with their password there")] = True
    ldap_timeout_s: Annotated[
        int, msgspec.Meta(ge=1, le=600, description="Seconds after which an LDAP server that does not answer is away")
    ] = 10


def check_directory(settings: DirectorySettings) -> None:
    """Raises ConfigurationError for what is missing or cannot be."""
    if settings.directory == PROGRAM and not settings.directory_program:
        raise ConfigurationError("directory_program: the directory is a program, so say which")
    if settings.directory == CSV and not Path(settings.directory_file).is_absolute():
        raise ConfigurationError("directory_file: the directory is a file, so say which, as /path/to/people.csv")
    if settings.directory != LDAP:
        return
    if not settings.ldap_people_base:
        raise ConfigurationError("ldap_people_base: say below which distinguished name people are")
    if not settings.ldap_url.split():
        raise ConfigurationError("ldap_url: say where the LDAP server is, like ldaps://ldap.example.org")
    for url in settings.ldap_url.split():
        parts = urlsplit(url)
        if parts.scheme not in ("ldap", "ldaps") or not parts.hostname:
            raise ConfigurationError(f"ldap_url: {url!r} cannot be used; expected ldaps://host or ldap://host")
        if parts.scheme == "ldap" and not settings.ldap_start_tls and not is_here(parts.hostname):
            raise ConfigurationError(
                f"ldap_url: to {url} passwords would go in the clear; use ldaps:// or set ldap_start_tls"
            )


def is_here(host: str) -> bool:
    """True for a name or an address of this machine that nobody else hears."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
