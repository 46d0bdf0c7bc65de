"""A private OpenLDAP server with entries from LDIF, on the loopback; loaded by slapadd, as a large directory is."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rig.folder import private_folder
from rig.ports import free_port
from rig.process import Process

SUFFIX = "dc=example,dc=org"
READER, PASSWORD = f"cn=reader,{SUFFIX}", "reads all"

SETTINGS = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
argsfile {folder}/slapd.args
database mdb
suffix "{suffix}"
rootdn "{reader}"
rootpw "{password}"
directory {folder}/data
maxsize 1073741824
dbnosync
index objectClass,uid,entryUUID eq
sizelimit size.soft=500 size.hard=500 size.prtotal=unlimited
"""

ROOT = f"""dn: {SUFFIX}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=people,{SUFFIX}
objectClass: organizationalUnit
ou: people

dn: ou=groups,{SUFFIX}
objectClass: organizationalUnit
ou: groups
"""


@dataclass(frozen=True, slots=True)
class Slapd:
    """A running LDAP server."""

    process: Process
    port: int

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"ldap://127.0.0.1:{self.port}"


@contextmanager
def run_slapd(ldif: str) -> Iterator[Slapd]:
    """A server with the root entries and those of the LDIF (RFC 2849), for as long as the context lasts."""
    with private_folder("slapd") as folder:
        (folder / "data").mkdir()
        settings = folder / "slapd.conf"
        settings.write_text(SETTINGS.format(folder=folder, suffix=SUFFIX, reader=READER, password=PASSWORD))
        (folder / "entries.ldif").write_text(f"{ROOT}\n{ldif}")
        slapadd = [_program("slapadd"), "-q", "-f", str(settings), "-l", str(folder / "entries.ldif")]
        loaded = subprocess.run(slapadd, capture_output=True, text=True, check=False)
        if loaded.returncode != 0:
            raise RuntimeError(f"slapadd: {loaded.stderr.strip()[-1000:]}")
        port = free_port()
        process = Process(
            [_program("slapd"), "-d", "0", "-f", settings, "-h", f"ldap://127.0.0.1:{port}"],
            log=folder / "log",
            ready=lambda: _answers(port),
            environment={"KRB5_KTNAME": os.devnull},
        )
        with process:
            yield Slapd(process, port)


def person(name: str, full_name: str, password: str = "", **attributes: str) -> str:
    """Somebody as LDIF."""
    secret = f"userPassword: {password}\n" if password else ""
    last = full_name.split()[-1]
    return (
        f"dn: uid={name},ou=people,{SUFFIX}\nobjectClass: inetOrgPerson\nuid: {name}\ncn: {full_name}\nsn: {last}\n"
        f"mail: {name}@example.org\n{secret}"
        + "".join(f"{attribute}: {value}\n" for attribute, value in attributes.items())
        + "\n"
    )


def group(name: str, people: tuple[str, ...] = (), groups: tuple[str, ...] = ()) -> str:
    """A group of people and of other groups as LDIF."""
    members = [
        *(f"uid={one},ou=people,{SUFFIX}" for one in people),
        *(f"cn={one},ou=groups,{SUFFIX}" for one in groups),
    ]
    lines = "".join(f"member: {member}\n" for member in members)
    return f"dn: cn={name},ou=groups,{SUFFIX}\nobjectClass: groupOfNames\ncn: {name}\n{lines}\n"


def _answers(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found is None:
        raise RuntimeError(f"{name} is not there: see requirements/debian.txt")
    return found
