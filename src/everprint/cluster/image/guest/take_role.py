"""Makes a booted image the VM that its seed says it is: name, address, role, settings.

Runs in the guest at each boot before everything else, with nothing but Python's standard library, and imports little:
an emulated processor takes a tenth of a second for a larger module. The seed is a NoCloud volume (label `cidata`);
its files are JSON, which is YAML too, so that cloud-init would read the same seed. What is not understood is refused:
a VM that is half who it should be is worse than one that does not start its service.
"""

from __future__ import annotations

import json
import os
import shlex
import sys

SEED = "/run/everprint/seed"
DATA = "/var/lib/everprint"
RUN = "/run/everprint"
EMPTY_DATABASE = "/usr/share/everprint/empty.sqlite3"
CODES = f"{RUN}/set-up/codes"
ROLES = ("server", "provider", "database")
_PROGRAM = "/opt/everprint/bin/everprint"
_POSTGRESQL = "/usr/lib/postgresql/15/bin"
_NUMBERS = {"server": 890, "provider": 891, "database": 892}
_KEYS = {"roles", "server", "administrator", "codes", "provider", "enrol", "database"}

Table = dict[str, object]


class SeedError(Exception):
    """The seed cannot be followed; the text says which key of which file, and what was expected."""


def parse(text: str, file: str) -> Table:
    """A file of the seed. An empty one is an empty table.

    Raises SeedError.
    """
    if not text.strip():
        return {}
    body = text.removeprefix("#cloud-config")
    try:
        found = json.loads(body)
    except ValueError as error:
        raise SeedError(f"{file} is not JSON ({error}); `everprint cluster image seed` writes one that is") from None
    return table(found, file)


def table(value: object, where: str) -> Table:
    """Raises SeedError if it is none."""
    if not isinstance(value, dict):
        raise SeedError(f"{where}: expected an object")
    return value


def text(found: Table, key: str, where: str, default: str | None = None) -> str:
    """Raises SeedError."""
    value = found.get(key, default)
    if not isinstance(value, str) or "\n" in value or "\0" in value:
        raise SeedError(f"{where}: {key} is missing or not a line of text")
    return value


def texts(found: Table, key: str, where: str) -> list[str]:
    """A list of lines; empty if it is not there. Raises SeedError."""
    value = found.get(key, [])
    if not isinstance(value, list) or any(not isinstance(item, str) or "\n" in item for item in value):
        raise SeedError(f"{where}: {key} is not a list of lines of text")
    return list(value)


def toml(settings: Table, where: str) -> str:
    """Settings as a TOML file: text, numbers, true and false, and lists of text.

    Raises SeedError for anything else.
    """
    lines = []
    for key, value in settings.items():
        if not key.isidentifier():
            raise SeedError(f"{where}: {key!r} is not a setting's name")
        flat = isinstance(value, str | int | float) or (
            isinstance(value, list) and all(isinstance(item, str) for item in value)
        )
        if not flat:
            raise SeedError(f"{where}: {key} is neither text, number, true, false nor a list of texts")
        lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}\n")
    return "".join(lines)


def roles_of(everprint: Table) -> list[str]:
    """Raises SeedError for a role, or a key, that there is not."""
    unknown = sorted(set(everprint) - _KEYS)
    if unknown:
        raise SeedError(f"user-data: everprint has no key {unknown[0]}; it has {', '.join(sorted(_KEYS))}")
    roles = texts(everprint, "roles", "user-data: everprint")
    for role in roles:
        if role not in ROLES:
            raise SeedError(f"user-data: {role} is no role; there are {', '.join(ROLES)}")
    return roles


def links(network: Table, cards: dict[str, str]) -> list[tuple[str, list[str], str, list[str]]]:
    """Each card's name, addresses (none: it asks by DHCP), gateway and name servers, from a version 2 network-config.

    `cards` are the machine's own, name to MAC address. Raises SeedError.
    """
    network = table(network.get("network", network), "network-config")
    if not network:
        return [(name, [], "", []) for name in sorted(cards)[:1]]
    if network.get("version") != 2:
        raise SeedError("network-config: only version 2 is understood")
    found = []
    for name, value in table(network.get("ethernets", {}), "network-config: ethernets").items():
        where = f"network-config: {name}"
        card = table(value, where)
        mac = text(table(card.get("match", {}), where), "macaddress", where, "").lower()
        real = next((own for own, address in cards.items() if address == mac), "") if mac else name
        if real not in cards:
            raise SeedError(f"{where}: this machine has no such card; it has {', '.join(sorted(cards)) or 'none'}")
        addresses = texts(card, "addresses", where)
        if not addresses and card.get("dhcp4") is not True:
            raise SeedError(f"{where}: neither addresses nor dhcp4 is given")
        servers = texts(table(card.get("nameservers", {}), where), "addresses", where)
        found.append((real, addresses, text(card, "gateway4", where, ""), servers))
    return found


def server_settings(everprint: Table, name: str, addresses: list[str]) -> Table:
    """What the Application Server is told: HTTPS with a certificate of its own unless the seed says otherwise."""
    given = table(everprint.get("server", {}), "user-data: server")
    known = [name, *(address.partition("/")[0] for address in addresses)]
    return {
        "own_certificate": "certificate" not in given,
        "allowed_hosts": ["localhost", "127.0.0.1", *known],
        **given,
    }


def server_set_up(everprint: Table, *, is_new: bool) -> str:
    """The commands that set it up in a new VM, or bring its database to another release."""
    if not is_new:
        return f"#!/bin/sh\nexec {_PROGRAM} server migrate\n"
    administrator = table(everprint.get("administrator", {}), "user-data: administrator")
    name = text(administrator, "name", "user-data: administrator", "admin")
    password = text(administrator, "password", "user-data: administrator")
    codes = f" --code-file {CODES}" if codes_of(everprint) else ""
    return (
        f"#!/bin/sh\n{_begin_with_empty_database(everprint)}"
        # A set-up that was cut off after its last step is found done, and refused; then nothing is left to do.
        f"printf '%s\\n' {shlex.quote(password)} |"
        f" {_PROGRAM} server init --administrator {shlex.quote(name)} --password-file -{codes} ||"
        f" exec {_PROGRAM} server migrate\n"
    )


def _begin_with_empty_database(everprint: Table) -> str:
    """A copy, made aside and renamed: a power cut leaves no half database. Other databases are made by migrations."""
    given = table(everprint.get("server", {}), "user-data: server")
    if given.keys() & {"database", "state_folder"}:
        return ""
    file = f"{DATA}/server/everprint.sqlite3"
    return f"[ -e {file} ] || {{ cp {EMPTY_DATABASE} {file}.new && sync {file}.new && mv {file}.new {file}; }}\n"


def codes_of(everprint: Table) -> list[str]:
    """The codes by which print servers are enrolled at this server. Raises SeedError."""
    return texts(everprint, "codes", "user-data: everprint")


def enrolment(everprint: Table) -> str:
    """The command that makes a new VM a print server of its Application Server. Raises SeedError.

    It is not begun before somebody listens there: each try costs an emulated guest as much as half a boot.
    """
    enrol = table(everprint.get("enrol", {}), "user-data: enrol")
    argv = [_PROGRAM, "provider", "enrol", f"--state-folder={DATA}/provider"]
    argv += [f"--{key}={text(enrol, key, 'user-data: enrol')}" for key in ("server", "code", "name")]
    fingerprint = text(enrol, "fingerprint", "user-data: enrol", "")
    argv += [f"--fingerprint={fingerprint}"] if fingerprint else []
    waiting = ["timeout", "5", "bash", "-c", ': <"/dev/tcp/$0/$1"', *_listens_at(text(enrol, "server", "enrol"))]
    return f"#!/bin/sh\nuntil {_quoted(waiting)} 2>/dev/null; do sleep 2; done\nexec {_quoted(argv)}\n"


def _listens_at(url: str) -> tuple[str, str]:
    """Host and port of a URL; urllib takes long to import."""
    scheme, _, rest = url.partition("://")
    place = rest.partition("/")[0]
    host, colon, port = place.rpartition(":")
    if not colon or place.endswith("]"):
        host, port = place, "443" if scheme == "https" else "80"
    return host.strip("[]"), port


def _quoted(argv: list[str]) -> str:
    return " ".join(shlex.quote(argument) for argument in argv)


def database_set_up(everprint: Table) -> str:
    """The commands that make a PostgreSQL database and its one user. Raises SeedError."""
    wanted = table(everprint.get("database", {}), "user-data: database")
    where = "user-data: database"
    name, user = text(wanted, "name", where, "everprint"), text(wanted, "user", where, "everprint")
    if not (name.isidentifier() and user.isidentifier()):
        raise SeedError(f"{where}: name and user are letters, digits and _")
    password = text(wanted, "password", where).replace("'", "''")
    folder = f"{DATA}/database/main"
    hba = "".join(f"host {name} {user} {net} scram-sha-256\n" for net in texts(wanted, "networks", where))
    sql = f'CREATE ROLE "{user}" LOGIN PASSWORD \'{password}\';\nCREATE DATABASE "{name}" OWNER "{user}";\n'
    # Made aside and renamed: a power cut in between leaves no half database that looks whole.
    return (
        f"#!/bin/sh\nset -e\nrm -rf {folder}.new\n"
        f"{_POSTGRESQL}/initdb -D {folder}.new --auth-local=peer --auth-host=scram-sha-256"
        " --encoding=UTF8 --locale=C.UTF-8\n"
        f"printf '%s' {shlex.quote(hba)} >> {folder}.new/pg_hba.conf\n"
        f"printf '%s' {shlex.quote(sql)} | {_POSTGRESQL}/postgres --single -D {folder}.new postgres\n"
        f"sync\nmv {folder}.new {folder}\n"
    )


def main() -> None:
    """Follows the seed, and says on the console what hindered it."""
    _mark("systemd")
    try:
        _take_role()
    except (SeedError, OSError) as error:
        print(f"everprint-role: {error}", file=sys.stderr)  # noqa: T201 - it goes to the console
        sys.exit(1)
    _mark("role")


def _take_role() -> None:
    meta = parse(_read(f"{SEED}/meta-data"), "meta-data")
    user = parse(_read(f"{SEED}/user-data"), "user-data")
    network = parse(_read(f"{SEED}/network-config"), "network-config")
    everprint = table(user.get("everprint", {}), "user-data: everprint")
    roles = roles_of(everprint)
    name = text(meta, "local-hostname", "meta-data", "everprint")
    _write("/etc/hostname", f"{name}\n")
    _write("/etc/hosts", f"127.0.0.1 localhost\n::1 localhost\n127.0.1.1 {name}\n")
    with open("/proc/sys/kernel/hostname", "w") as file:  # noqa: PTH123 - pathlib takes long to import
        file.write(name)
    addresses = _set_up_network(network)
    keys = texts(user, "ssh_authorized_keys", "user-data")
    if keys:
        _write("/root/.ssh/authorized_keys", "".join(f"{key}\n" for key in keys))
    if not roles:
        raise SeedError("no seed says what this VM is: attach a disk with the label cidata (see cluster image seed)")
    if not os.path.exists(f"{RUN}/data"):  # noqa: PTH110
        raise SeedError(
            "there is no data disk, or it is damaged: attach an empty disk, or mend the one that is there"
        )
    for role in roles:
        _prepare(role, everprint, name, addresses)


def _prepare(role: str, everprint: Table, name: str, addresses: list[str]) -> None:
    number = _NUMBERS[role]
    folder = f"{DATA}/{role}"
    os.makedirs(folder, 0o700, exist_ok=True)  # noqa: PTH103
    os.chown(folder, number, number)
    if role == "server":
        _write("/etc/everprint/server.toml", toml(server_settings(everprint, name, addresses), "server"), number)
        done = _read(f"{DATA}/server.image.json")
        if done != _read("/etc/everprint/image.json"):
            _write(CODES, "".join(f"{code}\n" for code in codes_of(everprint)), number)
            _write(f"{RUN}/set-up/server", server_set_up(everprint, is_new=not done), number, 0o700)
    elif role == "provider":
        settings = table(everprint.get("provider", {}), "user-data: provider")
        _write("/etc/everprint/provider.toml", toml({"host_name": name, **settings}, "provider"), number)
        if not os.path.exists(f"{folder}/identity.json"):  # noqa: PTH110
            _write(f"{RUN}/set-up/provider", enrolment(everprint), number, 0o700)
    elif not os.path.exists(f"{folder}/main"):  # noqa: PTH110
        _write(f"{RUN}/set-up/database", database_set_up(everprint), number, 0o700)
    _write(f"{RUN}/roles/{role}", "")


def _set_up_network(network: Table) -> list[str]:
    _run("ip", "link", "set", "lo", "up")
    cards = {}
    for name in os.listdir("/sys/class/net"):  # noqa: PTH208
        if name != "lo":
            cards[name] = _read(f"/sys/class/net/{name}/address").strip()
    found: list[str] = []
    servers: list[str] = []
    for card, addresses, gateway, names in links(network, cards):
        _run("ip", "link", "set", card, "up")
        if not addresses:
            _run("busybox", "udhcpc", "-b", "-q", "-i", card, "-s", "/usr/lib/everprint/dhcp-lease")
        for address in addresses:
            _run("ip", "address", "replace", address, "dev", card)
        if gateway:
            _run("ip", "route", "replace", "default", "via", gateway)
        found += addresses
        servers += names
    if servers:
        _write("/etc/resolv.conf", "".join(f"nameserver {server}\n" for server in servers))
    return found


def _run(program: str, *arguments: str) -> None:
    process = os.posix_spawnp(program, [program, *arguments], os.environ)
    if os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) != 0:
        raise SeedError(f"network-config: `{program} {' '.join(arguments)}` failed")


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            return file.read()
    except FileNotFoundError:
        return ""


def _write(path: str, content: str, owner: int = 0, mode: int = 0o600) -> None:
    """Readable by its owner alone from the first moment on; the folder by all."""
    os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
    public = path.startswith(("/etc/host", "/etc/resolv"))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchown(descriptor, owner, owner)
        os.fchmod(descriptor, 0o644 if public else mode)
        file.write(content)


def _mark(what: str) -> None:
    """A line on the console with the seconds since the kernel began, for whoever asks where they went."""
    up = _read("/proc/uptime").partition(" ")[0]
    with open("/dev/console", "w", encoding="ascii") as console:  # noqa: PTH123
        console.write(f"everprint-boot {up} {what}\n")


if __name__ == "__main__":
    main()
