"""A topology file is read whole, or refused with the line, the mistake and what to write instead."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from everprint.cluster.topology.model import Accelerator, Protection, QuorumAlgorithm, Role, StorageKind
from everprint.cluster.topology.problem import BadTopology
from everprint.cluster.topology.reader import LARGEST_FILE_OCTETS, parse_topology, read_topology
from tests.cluster.topology.sample import FULL, line_of

SAMPLES = sorted((Path(__file__).parents[3] / "deploy" / "topologies").glob("*.toml"))


def refused(text: str) -> str:
    with pytest.raises(BadTopology) as caught:
        parse_topology(text, "t.toml")
    return str(caught.value)


@pytest.mark.parametrize("path", SAMPLES, ids=[path.stem for path in SAMPLES])
def test_the_samples_are_read(path: Path) -> None:
    assert read_topology(path).name == "print"


def test_there_is_a_sample_for_each_way_to_run_everprint() -> None:
    assert {path.stem for path in SAMPLES} >= {
        "database",
        "hypervisor",
        "mode-1",
        "mirrored",
        "mode-1-and-2",
        "mode-2",
        "services",
        "two-hosts",
        "two-sites",
    }


def test_all_that_can_be_said_is_read() -> None:
    topology = parse_topology(FULL, "t.toml")
    assert (topology.name, topology.modes) == ("print", (1, 2))
    alpha = topology.host("alpha")
    assert (alpha.address, alpha.second_address) == (ip_address("192.0.2.11"), ip_address("198.51.100.11"))
    assert (alpha.memory_mib, alpha.reserved_mib, alpha.usable_mib, alpha.cores) == (16384, 1024, 15360, 8)
    assert (alpha.site, alpha.login) == ("main", "admin")
    ipmi, watchdog = alpha.fencing
    assert (ipmi.agent, ipmi.port, ipmi.user, ipmi.plug) == ("fence_ipmilan", 9021, "everprint", "7")
    assert ipmi.options == (("lanplus", "1"), ("cipher", "3"))
    assert watchdog.is_watchdog
    assert not ipmi.is_watchdog
    network = topology.network("people")
    assert (network.bridge, network.addresses) == ("br0", ip_network("192.0.2.0/24"))
    storage = {one.name: one for one in topology.storage}
    assert storage["images"].kind is StorageKind.NFS
    assert (storage["images"].is_shared, storage["scratch"].is_shared) == (True, False)
    assert topology.reachable_from(storage["scratch"]) == ("alpha",)
    assert topology.reachable_from(storage["images"]) == ("alpha", "beta")
    server, print1, db1, db2 = topology.vms
    assert (server.role, server.protection) == (Role.APPLICATION_SERVER, Protection.APP_HA)
    assert server.health == "https://192.0.2.50:9192/health/live"
    assert (server.mac, server.prefers, server.priority) == ("52:54:00:00:00:50", "beta", 10)
    assert print1.mac.startswith("52:54:00:")
    assert print1.reports_to == "https://192.0.2.50:9192"
    assert topology.kept_apart() == (("db1", "db2"),)
    assert topology.storage_of(db1).name == "images"
    assert db2.standby_of == "db1"
    assert topology.services[0].hosts == ("alpha", "beta")
    assert topology.virtual_addresses[0].follows == "extra"
    assert topology.quorum_device
    assert topology.quorum_device.algorithm is QuorumAlgorithm.LMS
    timing = topology.timing
    assert (timing.token_ms, timing.monitor_ms, timing.start_timeout_ms) == (1500, 10_000, 60_000)
    assert (timing.health_timeout_ms, timing.restart_timeout_ms) == (5_000, 20_000)
    assert (timing.failures_before_move, timing.forget_failures_ms) == (5, 300_000)
    assert topology.migration.uri == "qemu+tls://%s/system"
    assert topology.accelerator is Accelerator.TCG
    assert topology.boot.kernel == "/srv/images/vmlinux"
    backup = topology.backup
    assert backup
    assert (backup.target, backup.folder) == ("s3:https://store.example.org/backups/print", "")
    assert (backup.password_file, backup.scratch) == ("/etc/everprint/backup-password", "/scratch/backup")
    assert backup.credentials_file == "/etc/everprint/backup-credentials"
    kept = (backup.keep_last, backup.keep_daily, backup.keep_weekly, backup.keep_monthly)
    assert (backup.incrementals, kept, backup.within_ms) == (13, (2, 14, 8, 24), 7_200_000)


def test_a_vm_is_the_same_domain_in_every_run_and_another_in_another_cluster() -> None:
    one = parse_topology(FULL, "t.toml")
    assert str(one.vms[0].uuid_in("print")) == "5454a39e-f5e0-582f-ab1b-823a376e29ab"
    assert one.vms[0].uuid_in("print") != one.vms[0].uuid_in("other")
    assert one.vms[0].uuid_in("print") != one.vms[1].uuid_in("print")


# What is replaced in the full sample, by what, where the mistake is then, and what is said of it.
LAYER = (Path(__file__).parents[3] / "deploy" / "topologies" / "database.toml").read_text("utf-8")

MEMBERS = 'members = ["db1", "db2", "db3"]'
MISTAKES_OF_A_LAYER = [
    (MEMBERS, 'members = ["db1", "db2"]', "members", "name 3, 5 or 7 members"),
    (
        'members = ["db1", "db2", "db3"]',
        'members = ["db1", "db2", "server"]',
        "[database]",
        "server cannot be a member",
    ),
    (
        'members = ["db1", "db2", "db3"]',
        'members = ["db1", "db2", "db9"]',
        "[database]",
        "there is no VM or host db9",
    ),
    (
        'members = ["db1", "db2", "db3"]',
        'members = ["db1", "db2", "gamma"]',
        '"db3"\nrole',
        "db3 is a database beside",
    ),
    ("[database]", '[database]\nwatchdog = "yes"', "watchdog", "write true or false"),
    ("[database]", '[database]\nlost_after = "1 s"', "lost_after", "from 10 s to 300 s"),
    ('certificates = "/etc/everprint/database"', 'certificates = "keys"', "certificates", "is no absolute path"),
    ('folder = "/srv/pgbackrest"\n', "", "[database.backup]", "folder is missing"),
    ('folder = "/srv', 'keep_days = 0\nfolder = "/srv', "keep_days", "from 1 to 3660"),
    ('role = "database"\n', 'role = "database"\nstandby_of = "db2"\n', "[database]", "db1 cannot be a member"),
]

MISTAKES = [
    ('name = "print"', 'name = "Print!"', 'name = "Print!"', "cannot be a name"),
    ('name = "print"\n', "", "modes", "name is missing"),
    ("modes = [1, 2]", "modes = [3]", "modes", "write [1], [2] or [1, 2]"),
    ("modes = [1, 2]", "modes = []", "modes", "no list of numbers"),
    ("modes = [1, 2]", 'modes = "both"', "modes", "no list of numbers"),
    ("modes = [1, 2]", "modes = [1]", '[[vms]]\nname = "server"', "write modes = [1, 2]"),
    ("modes = [1, 2]", "modes = [2]", '[[vms]]\nname = "print1"', "which is Mode 1"),
    ('role = "print-server"', 'role = "database"', "reports_to", "is no print server"),
    ('address = "192.0.2.11"', 'address = "alpha.example.org"', 'address = "alpha', "names are not looked up"),
    ('address = "192.0.2.11"', "address = 7", "address = 7", None),
    ('address = "192.0.2.12"', 'address = "192.0.2.11"', '[[hosts]]\nname = "beta"', "is the address of alpha"),
    ('address = "192.0.2.50"', 'address = "192.0.2.12"', '[[vms]]\nname = "server"', "is the address of beta"),
    ('address = "192.0.2.50"', 'address = "10.1.1.1"', '[[vms]]\nname = "server"', "is not in 192.0.2.0/24"),
    ('address = "192.0.2.50"', 'address = "192.0.2.255"', '[[vms]]\nname = "server"', "is no machine's address"),
    ('addresses = "192.0.2.0/24"', 'addresses = "192.0.2.1/24"', "addresses", "is no network"),
    ('gateway = "192.0.2.1"', 'gateway = "10.0.0.1"', "[[networks]]", "is not in 192.0.2.0/24"),
    ('bridge = "br0"', 'bridge = "a bridge with a long name"', "bridge", "cannot be an interface"),
    ('memory = "16 GiB"', 'memory = "16 GB"', 'memory = "16 GB"', 'write it as "512 MiB"'),
    ('memory = "16 GiB"', "memory = 16", "memory = 16", 'write it as "512 MiB"'),
    ('memory = "16 GiB"', 'memory = "0 GiB"', 'memory = "0 GiB"', "above 0"),
    ('memory = "16 GiB"', 'memory = "1 GiB"', 'memory = "1 GiB"', "keeps all its memory"),
    ("cores = 8", "cores = 0", "cores = 0", "from 1 to 4096"),
    ('target = "s3:', 'target = "ftp:', "target =", "no place for backups"),
    ('target = "s3:https://', 'target = "sftp://me:secret@', "target =", "names a password"),
    ('target = "s3:https://store.example.org', 'target = "/mnt', "credentials_file", "only an S3 store"),
    ('within = "2 h"', 'within = "49 h"', "within", "at most 48 h"),
    ("cores = 8", "cores = true", "cores = true", "from 1 to 4096"),
    ('agent = "fence_ipmilan"', 'agent = "ipmi"', 'agent = "ipmi"', "write its name, such as fence_ipmilan"),
    ('address = "203.0.113.12"', 'address = "203.0.113.11"', '[[hosts.fencing]]\nuser = "one"', "is that of alpha"),
    ('agent = "watchdog" # alpha', 'agent = "watchdog"\nport = 1', 'agent = "watchdog"', "in the host itself"),
    ('plug = "7"', 'port = "7"', "port", "no TOML"),
    ('lanplus = "1"', 'passwd = "secret"', "options", "use password_script"),
    ('lanplus = "1"', 'pcmk_host_list = "x"', "options", "leave it away"),
    ('options = { lanplus = "1", cipher = "3" }', "options = { lanplus = 1 }", "options", "no table of texts"),
    ('password_script = "/etc/everprint/bmc"', 'password_script = "bmc"', "password_script", "no absolute path"),
    ('second_address = "198.51.100.12"\n', "", '[[hosts]]\nname = "beta"', "others have"),
    ('kind = "nfs"', 'kind = "replicated"', 'kind = "replicated"', "known here: shared-folder, nfs"),
    ('source = "192.0.2.5:/images"\n', "", '[[storage]]\nname = "images"', "nfs needs a source"),
    ('kind = "local"', 'kind = "ceph"', 'path = "/scratch"', "ceph has no path"),
    ('hosts = ["alpha"]', 'hosts = ["alpah"]', '[[storage]]\nname = "scratch"', "there is no host alpah"),
    ('hosts = ["alpha"]', 'hosts = ["alpha", "alpha"]', 'hosts = ["alpha", "alpha"]', "names something twice"),
    ('protection = "app-ha"', 'protection = "replicated"', "protection", "known here: none, ha"),
    ('protection = "app-ha"', 'protection = "app_ha"', "protection", "did you mean app-ha"),
    ('protection = "ha" # db1', 'protection = "app-ha"', 'protection = "app-ha"\nnot_with', "how db1 is asked"),
    ('standby_of = "db1"', 'standby_of = "print1"', '[[vms]]\nname = "db2"', "no database that can have a standby"),
    ('standby_of = "db1"', 'standby_of = "db2"', '[[vms]]\nname = "db2"', "names itself"),
    ('not_with = ["db2"]', 'not_with = "db2"', "not_with", 'write it as not_with = ["one", "two"]'),
    ('not_with = ["db2"]', 'not_with = ["db3"]', '[[vms]]\nname = "db1"', "there is no VM db3"),
    ('prefers = "beta"', 'prefers = "gamma"', '[[vms]]\nname = "server"', "known: alpha, beta"),
    ('storage = "images" # server', 'storage = "image"', '[[vms]]\nname = "server"', "there is no storage image"),
    ('mac = "52:54:00:00:00:50"', 'mac = "53:54:00:00:00:50"', 'mac = "53', "no MAC address of one machine"),
    (
        'reports_to = "https://192.0.2.50:9192"',
        'reports_to = "192.0.2.50"',
        "reports_to",
        "no address of a web",
    ),
    ('name = "db2"', 'name = "db1"', None, "db1 already, in line 106"),
    ('name = "extra-address"', 'name = "server"', "[[virtual_addresses]]", "there is a VM, service"),
    ('follows = "extra"', 'follows = "server"', "[[virtual_addresses]]", "a VM's own address moves with it"),
    ('unit = "extra.service"', 'unit = "extra; reboot"', "unit", "no unit of systemd"),
    ('token = "1500 ms"', 'token = "100 ms"', "token", "too short"),
    ('token = "1500 ms"', 'token = "soon"', "token", 'write it as "1500 ms"'),
    ('monitor = "10 s"', 'monitor = "1500 ms"', "monitor", "whole seconds"),
    ('health_timeout = "5 s"', 'health_timeout = "500 ms"', "health_timeout", "whole seconds"),
    ('health_timeout = "5 s"', 'restart_timeout = "1500 ms"', "restart_timeout", "whole seconds"),
    ('uri = "qemu+tls://%s/system"', 'uri = "qemu+tls://beta/system"', "uri", "write %s where its name goes"),
    ('accelerator = "tcg"', 'accelerator = "fast"', "accelerator", "known here: kvm, tcg"),
    ("[timing]", "[timings]", "[timings]", "did you mean timing"),
    ("[timing]", "timing = 3\n[boot2]", "timing = 3", None),
    ('algorithm = "lms"', 'algorithm = "most"', "algorithm", "known here: ffsplit, lms"),
    ("priority = 10", "priorty = 10", "priorty = 10", "did you mean priority"),
    ("# end", "[hypervisor]\nuri = 'esx'", "uri = 'esx'", "no connection URI"),
    ("# end", "[hypervisor]\nuri = 'esx://host/'", '[[hosts]]\nname = "alpha"', "the hosts' fencing"),
    ("[quorum_device]", "[[quorum_device]]", "[[quorum_device]]", "is no table"),
    ("# end", "[[nothing]", None, "no TOML"),
]


@pytest.mark.parametrize(("old", "new", "near", "said"), MISTAKES)
def test_a_mistake_is_refused_with_its_line(old: str, new: str, near: str | None, said: str | None) -> None:
    assert FULL.count(old) >= 1
    text = FULL.replace(old, new, 1)
    errors = refused(text)
    if said is not None:
        assert said in errors
    if near is not None and "no TOML" not in errors:
        assert f"t.toml:{line_of(text, near)}: " in errors, errors
    assert all(line.startswith("t.toml:") and "; " in line for line in errors.splitlines())


@pytest.mark.parametrize(("old", "new", "near", "said"), MISTAKES_OF_A_LAYER)
def test_a_mistake_in_a_database_layer_is_refused(old: str, new: str, near: str, said: str) -> None:
    assert old in LAYER
    text = LAYER.replace(old, new, 1)
    errors = refused(text)
    assert said in errors
    line = text[: text.index(near)].count("\n") + 1
    assert any(abs(int(error.split(":")[1]) - line) <= 1 for error in errors.splitlines() if said in error), errors


def test_backups_are_not_beside_the_disks_that_they_are_of() -> None:
    text = FULL.replace("s3:https://store.example.org/", "/srv/images/").replace("credentials_file", "# ")
    assert "the backups would be on images" in refused(text)


def test_all_mistakes_are_told_at_once() -> None:
    text = FULL.replace("cores = 8", "cores = 0").replace('kind = "nfs"', 'kind = "x"').replace("modes", "mode")
    assert len(refused(text).splitlines()) >= 4


def test_a_cluster_needs_hosts_and_something_to_run() -> None:
    errors = refused('name = "print"\nmodes = [2]\n')
    assert "there is no host" in errors
    assert "there is nothing to run" in errors
    assert "Mode 2 needs an Application Server" in errors


def test_more_hosts_than_the_engine_is_made_for_are_refused() -> None:
    host = '[[hosts]]\nname = "h{0}"\naddress = "198.18.0.{0}"\nmemory = "8 GiB"\ncores = 4\n'
    text = 'name = "print"\nmodes = [2]\n' + "".join(host.format(number) for number in range(1, 18))
    assert "more than 16 hosts" in refused(text)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    with pytest.raises(BadTopology, match="cannot be read: No such file"):
        read_topology(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(BadTopology, match="is not UTF-8"):
        read_topology(path)
    path.write_bytes(b"#" * (LARGEST_FILE_OCTETS + 1))
    with pytest.raises(BadTopology, match="larger than 1 MiB"):
        read_topology(path)
    path.write_text("a = " + "[" * 100_000)
    with pytest.raises(BadTopology, match="no TOML"):
        read_topology(path)


def test_every_key_is_in_the_reference() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "topology.md").read_text("utf-8")
    keys = {line.split("=")[0].strip() for line in FULL.splitlines() if "=" in line}
    assert len(keys) > 40
    assert not [key for key in keys if f"`{key}`" not in page]
