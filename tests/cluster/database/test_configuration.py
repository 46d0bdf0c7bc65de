"""The settings of a database layer: what a topology says of it, and Patroni's own opinion of what comes out."""

from __future__ import annotations

import json
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner

from everprint.cli.main import everprint_command
from everprint.cluster.database.etcd import etcd_configuration
from everprint.cluster.database.layer import database_cluster
from everprint.cluster.database.members import DatabaseCluster, Member
from everprint.cluster.database.patroni import OLDEST_PATRONI, patroni_configuration
from everprint.cluster.database.pgbackrest import pgbackrest_configuration
from everprint.cluster.database.places import Places
from everprint.cluster.topology.model import DatabaseBackup
from everprint.cluster.topology.reader import read_topology
from everprint.server.database_url import database_entry
from rig.certificates import make_certificates
from rig.postgresql import program

SAMPLE = Path(__file__).parents[3] / "deploy" / "topologies" / "database.toml"
FILES = ("etcd.yml", "patroni.yml", "pgbackrest.conf")
PATRONI = Path(sys.executable).with_name("patroni")


def sample() -> DatabaseCluster:
    topology = read_topology(SAMPLE)
    assert topology.database
    return database_cluster(topology, topology.database)


def test_the_patroni_that_is_installed_is_new_enough() -> None:
    said = subprocess.run([PATRONI, "--version"], capture_output=True, text=True, check=True).stdout
    assert tuple(int(part) for part in said.split()[-1].split(".")[:2]) >= OLDEST_PATRONI


@pytest.mark.parametrize("encrypted", [True, False])
def test_patroni_finds_its_settings_valid(tmp_path: Path, *, encrypted: bool) -> None:
    made = make_certificates(tmp_path / "certificates")
    assert made.key.parent == tmp_path / "certificates"
    cluster = DatabaseCluster(
        "print",
        # Patroni also tries to reach the etcd of each: on the loopback it is told at once that none is there.
        tuple(Member(f"db{n}", ip_address(f"127.0.0.6{n}")) for n in (1, 2, 3)),
        certificates=str(tmp_path / "certificates") if encrypted else "",
        watchdog=True,
        lost_after_s=20,
        backup=DatabaseBackup("/srv/pgbackrest", "192.0.2.5", "pgbackrest", keep_days=35, line=0),
    )
    places = Places(str(tmp_path / "data"), str(Path(program("postgres")).parent), str(tmp_path), str(tmp_path / "p"))
    settings = tmp_path / "patroni.yml"
    settings.write_text(patroni_configuration(cluster, cluster.members[0], places))
    argv = [PATRONI, "--validate-config", "--ignore-listen-port", settings]
    judged = subprocess.run(argv, capture_output=True, text=True, check=False)
    # It also tries to reach etcd, which does not run here; all else it says is about the settings.
    about = [line for line in (judged.stdout + judged.stderr).splitlines() if "etcd3.hosts" not in line]
    assert not about, about


@pytest.mark.parametrize("lost_after_s", [10, 20, 33, 300])
def test_a_claim_is_renewed_before_it_can_run_out(lost_after_s: int) -> None:
    cluster = sample()
    later = DatabaseCluster(cluster.name, cluster.members, "", watchdog=True, lost_after_s=lost_after_s)
    places = Places("/data", "/bin", "/run", "/pass")
    shared = json.loads(patroni_configuration(later, later.members[0], places))["bootstrap"]["dcs"]
    assert shared["ttl"] == lost_after_s
    assert shared["loop_wait"] + 2 * shared["retry_timeout"] <= shared["ttl"]  # its manual, *Dynamic configuration*
    assert shared["retry_timeout"] >= 3  # below that it refuses to run
    assert shared["synchronous_mode"] is True


def test_no_password_is_in_any_file(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        everprint_command, ["cluster", "database", str(SAMPLE), "--output", str(tmp_path), "--json"]
    )
    assert result.exit_code == 0, result.output
    report = json.loads(result.output)
    assert report["files"] == sorted(f"db{n}/{name}" for n in (1, 2, 3) for name in FILES)
    for name in report["files"]:
        assert "assword" not in (tmp_path / name).read_text().replace("password_encryption", "")
    assert [member["address"] for member in report["members"]] == ["192.0.2.61", "192.0.2.62", "192.0.2.63"]


def test_the_server_goes_to_whoever_can_be_written_to() -> None:
    url = sample().server_url("everprint", "everprint")
    entry = database_entry(url, Path("/nowhere"))
    assert entry["HOST"] == "192.0.2.61,192.0.2.62,192.0.2.63"
    asked = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
    assert (asked["target_session_attrs"], asked["sslmode"]) == ("read-write", "verify-full")
    assert int(asked["connect_timeout"]) >= 2  # libpq takes less for 2


def test_the_sample_for_a_single_postgresql_is_what_a_layer_is_set_up_with() -> None:
    single = (SAMPLE.parents[1] / "database" / "pgbackrest.conf").read_text()
    backup = sample().backup
    assert backup
    places = Places("/var/lib/postgresql/15/main", "", "/var/run/postgresql", "")
    made = pgbackrest_configuration("print", backup, places)
    assert [line for line in single.splitlines() if not line.startswith("#")] == made.splitlines()[1:]


def test_addresses_of_ip_6_are_in_brackets() -> None:
    members = tuple(Member(f"db{n}", ip_address(f"2001:db8::{n}")) for n in (1, 2, 3))
    cluster = DatabaseCluster("print", members, "", watchdog=False, lost_after_s=20)
    settings = json.loads(etcd_configuration(cluster, members[0], "/state"))
    assert settings["listen-client-urls"] == "http://[2001:db8::1]:2379"
    assert "db3=http://[2001:db8::3]:2380" in settings["initial-cluster"]


def test_a_topology_without_the_table_is_told() -> None:
    result = CliRunner().invoke(everprint_command, ["cluster", "database", str(SAMPLE.with_name("mode-1.toml"))])
    assert result.exit_code == 1
    assert "has no table [database]" in result.output


def test_a_topology_says_who_and_where() -> None:
    result = CliRunner().invoke(everprint_command, ["cluster", "database", str(SAMPLE)])
    assert result.exit_code == 0, result.output
    assert "db2  192.0.2.62:5432" in result.output
    assert 'database = "postgresql://everprint@192.0.2.61:5432,' in result.output
