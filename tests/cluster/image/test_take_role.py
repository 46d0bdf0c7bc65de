"""What a VM makes of its seed: the functions that the guest runs at boot, and that check a seed before."""

from __future__ import annotations

import shlex
import socket
import subprocess
import tomllib

import pytest

from everprint.cluster.image.errors import ImageError
from everprint.cluster.image.guest import take_role
from everprint.cluster.image.guest.take_role import SeedError
from everprint.cluster.image.seed import Seed, check_seed
from rig.ports import free_port

CARDS = {"eth0": "52:54:00:00:00:01", "eth1": "52:54:00:00:00:02"}
SERVER = {"roles": ["server"], "administrator": {"name": "admin", "password": "o'clock $HOME"}}
CODE = "ABCD-EFGH-JKLM-NPQR"
ENROL = {"server": "https://10.0.0.5:9192", "code": "ABCD-1234", "name": "Site A"}


def test_a_file_is_json_after_the_line_that_marks_it_for_cloud_init() -> None:
    assert take_role.parse('#cloud-config\n{"everprint": {}}', "user-data") == {"everprint": {}}
    assert take_role.parse("\n", "user-data") == {}


@pytest.mark.parametrize("text", ["[]", "roles: [server]", '{"a": ', '"text"'])
def test_another_file_is_refused_by_name(text: str) -> None:
    with pytest.raises(SeedError, match="user-data"):
        take_role.parse(text, "user-data")


def test_settings_become_the_same_in_toml() -> None:
    settings: take_role.Table = {
        "server_name": 'Schule "Süd" \\ 1',
        "port": 631,
        "poll_s": 0.5,
        "own_certificate": True,
        "allowed_hosts": ["a", "ü"],
    }
    assert tomllib.loads(take_role.toml(settings, "server")) == settings


@pytest.mark.parametrize("settings", [{"a b": 1}, {"a": None}, {"a": {}}, {"a": [1]}])
def test_other_settings_are_refused(settings: take_role.Table) -> None:
    with pytest.raises(SeedError, match="server"):
        take_role.toml(settings, "server")


def test_without_a_network_config_the_first_card_asks_by_dhcp() -> None:
    assert take_role.links({}, CARDS) == [("eth0", [], "", [])]


def test_a_card_is_found_by_its_address() -> None:
    card = {
        "match": {"macaddress": "52:54:00:00:00:02".upper()},
        "addresses": ["10.0.0.5/24"],
        "gateway4": "10.0.0.1",
        "nameservers": {"addresses": ["10.0.0.2"]},
    }
    network: take_role.Table = {"network": {"version": 2, "ethernets": {"lan": card}}}
    assert take_role.links(network, CARDS) == [("eth1", ["10.0.0.5/24"], "10.0.0.1", ["10.0.0.2"])]


@pytest.mark.parametrize(
    ("ethernets", "said"),
    [
        ({"eth7": {"dhcp4": True}}, "no such card"),
        ({"eth0": {}}, "neither addresses nor dhcp4"),
        ({"eth0": {"addresses": "10.0.0.5/24"}}, "list of lines"),
        ({"eth0": []}, "expected an object"),
    ],
)
def test_a_network_that_cannot_be_is_refused(ethernets: object, said: str) -> None:
    with pytest.raises(SeedError, match=said):
        take_role.links({"version": 2, "ethernets": ethernets}, CARDS)


def test_only_version_2_of_the_network_is_understood() -> None:
    with pytest.raises(SeedError, match="version 2"):
        take_role.links({"version": 1}, CARDS)


def test_a_server_is_reached_by_its_name_and_address_over_https() -> None:
    assert take_role.server_settings({}, "app", ["10.0.0.5/24"]) == {
        "own_certificate": True,
        "allowed_hosts": ["localhost", "127.0.0.1", "app", "10.0.0.5"],
    }


def test_what_the_seed_says_of_a_server_holds() -> None:
    given: take_role.Table = {"server": {"certificate": "/x.pem", "allowed_hosts": ["print"]}}
    found = take_role.server_settings(given, "app", [])
    assert (found["own_certificate"], found["allowed_hosts"]) == (False, ["print"])


@pytest.mark.parametrize(
    "script",
    [
        take_role.server_set_up(SERVER, is_new=True),
        take_role.server_set_up(SERVER, is_new=False),
        take_role.enrolment({"enrol": ENROL}),
        take_role.database_set_up({"database": {"password": "it's", "networks": ["10.0.0.0/24"]}}),
    ],
)
def test_scripts_are_right_for_a_shell(script: str) -> None:
    assert script.startswith("#!/bin/sh\n")
    subprocess.run(["sh", "-n"], input=script, text=True, check=True)


def test_a_password_is_never_read_by_the_shell() -> None:
    assert "o'clock $HOME" in shlex.split(take_role.server_set_up(SERVER, is_new=True))


def test_codes_are_taken_when_the_server_is_set_up() -> None:
    words = shlex.split(take_role.server_set_up({**SERVER, "codes": [CODE]}, is_new=True))
    assert words[words.index("--code-file") + 1] == take_role.CODES
    assert "--code-file" not in take_role.server_set_up(SERVER, is_new=True)


def test_a_new_server_begins_with_the_images_empty_database() -> None:
    assert f"cp {take_role.EMPTY_DATABASE} " in take_role.server_set_up(SERVER, is_new=True)
    assert take_role.EMPTY_DATABASE not in take_role.server_set_up(SERVER, is_new=False)


@pytest.mark.parametrize("setting", ["database", "state_folder"])
def test_a_server_whose_database_is_elsewhere_makes_it_there(setting: str) -> None:
    elsewhere = {**SERVER, "server": {setting: "/srv/everprint"}}
    assert take_role.EMPTY_DATABASE not in take_role.server_set_up(elsewhere, is_new=True)


def test_a_print_server_is_enrolled_with_what_the_seed_says() -> None:
    script = take_role.enrolment({"enrol": {**ENROL, "fingerprint": "AA:BB"}})
    assert shlex.split(script.splitlines()[-1])[1:] == [
        "/opt/everprint/bin/everprint",
        "provider",
        "enrol",
        "--state-folder=/var/lib/everprint/provider",
        "--server=https://10.0.0.5:9192",
        "--code=ABCD-1234",
        "--name=Site A",
        "--fingerprint=AA:BB",
    ]


@pytest.mark.parametrize(
    ("server", "place"),
    [
        ("https://10.0.0.5:9192", ["10.0.0.5", "9192"]),
        ("https://print.example/there", ["print.example", "443"]),
        ("http://[2001:db8::5]", ["2001:db8::5", "80"]),
        ("http://[2001:db8::5]:9191/", ["2001:db8::5", "9191"]),
    ],
)
def test_it_waits_for_the_place_that_the_url_names(server: str, place: list[str]) -> None:
    script = take_role.enrolment({"enrol": {**ENROL, "server": server}})
    asking = script.splitlines()[1].partition(" 2>")[0]
    assert shlex.split(asking)[-2:] == place


def test_enrolment_begins_when_somebody_listens() -> None:
    port = free_port()
    script = take_role.enrolment({"enrol": {**ENROL, "server": f"http://127.0.0.1:{port}"}})
    script = script.replace("/opt/everprint/bin/everprint", "echo")
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, text=True) as waiting:
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(1)
        with socket.create_server(("127.0.0.1", port)):
            assert waiting.communicate(timeout=60)[0].startswith("provider enrol")


@pytest.mark.parametrize(
    ("everprint", "said"),
    [
        ({"roles": ["Server"]}, "Server is no role"),
        ({"roles": "server"}, "roles is not a list"),
        ({"role": ["server"]}, "no key role"),
        ({"roles": ["server"]}, "password is missing"),
        ({"roles": ["server"], "administrator": {"password": 1}}, "password is missing"),
        ({**SERVER, "server": {"port": {}}}, "port is neither"),
        ({**SERVER, "codes": CODE}, "codes is not a list"),
        ({**SERVER, "codes": ["1234"]}, "none that is hard to guess"),
        ({"roles": ["provider"]}, "server is missing"),
        ({"roles": ["provider"], "enrol": {**ENROL, "code": "A\nB"}}, "code is missing or not a line"),
        ({"roles": ["database"]}, "password is missing"),
        ({"roles": ["database"], "database": {"password": "x", "name": 'a"b'}}, "letters, digits"),
    ],
)
def test_what_a_vm_would_refuse_is_refused_before(everprint: dict[str, object], said: str) -> None:
    with pytest.raises(ImageError, match=said):
        check_seed(Seed("vm", everprint))


@pytest.mark.parametrize(
    "everprint",
    [
        SERVER,
        {**SERVER, "codes": [CODE]},
        {"roles": ["provider"], "enrol": ENROL, "provider": {"port": 631}},
        {"roles": ["database"], "database": {"password": "x"}},
        {**SERVER, "roles": ["server", "provider"], "enrol": ENROL},
    ],
)
def test_what_it_understands_is_taken(everprint: dict[str, object]) -> None:
    check_seed(Seed("vm", everprint))
