"""The doctor finds what is wrong with a server's set-up, says what to do, and finds nothing wrong with a good one."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from everprint.server.configuration import ServerSettings
from everprint.server.doctor.files import examine_files
from everprint.server.doctor.finding import Finding, Level
from everprint.server.doctor.mounts import filesystem_of
from everprint.server.doctor.network import examine_network
from everprint.serving.own_certificate import OwnCertificate
from rig.certificates import make_certificates
from tests.server.conftest import Database
from tests.server.world import account_with, new_printer, new_provider


def levels(findings: list[Finding]) -> dict[str, Level]:
    return {finding.check: finding.level for finding in findings}


def with_level(findings: list[Finding], level: Level) -> dict[str, str]:
    return {finding.check: finding.found for finding in findings if finding.level is level}


@pytest.fixture
def settings(tmp_path: Path) -> ServerSettings:
    """A good set-up."""
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    settings = ServerSettings(state_folder=str(state), own_certificate=True, allowed_hosts=["print.school.example"])
    settings.secret_key_path.write_text("k" * 50)
    settings.secret_key_path.chmod(0o600)
    settings = msgspec.structs.replace(settings, certificate=str(state / "own-certificate.pem"), free_space_mib=1)
    OwnCertificate(state, settings.allowed_hosts).renew_if_due()
    return settings


def test_a_good_set_up_has_nothing_wrong(settings: ServerSettings, tmp_path: Path) -> None:
    file = tmp_path / "server.toml"
    file.write_text("")
    findings = [*examine_files(settings, file), *examine_network(settings)]
    assert {finding.level for finding in findings} == {Level.OK}, findings
    assert not any(finding.advice for finding in findings)


def test_secrets_that_others_may_read_are_problems(settings: ServerSettings, tmp_path: Path) -> None:
    settings.secret_key_path.chmod(0o640)
    settings.state_path.chmod(0o755)
    file = tmp_path / "server.toml"
    file.write_text("")
    file.chmod(0o644)
    settings = msgspec.structs.replace(settings, database="postgresql://everprint:secret@db/everprint")
    found = with_level(list(examine_files(settings, file)), Level.PROBLEM)
    assert found.keys() == {"secret-key", "state-folder", "settings-file"}
    assert "secret@" not in " ".join(found.values())


@pytest.mark.parametrize("setting", ["payment_secret", "ldap_bind_password", "smtp_password"])
def test_a_settings_file_with_a_secret_is_for_the_server_alone(
    settings: ServerSettings, tmp_path: Path, setting: str
) -> None:
    file = tmp_path / "server.toml"
    file.write_text("")
    file.chmod(0o644)
    assert levels(list(examine_files(settings, file)))["settings-file"] is Level.OK
    settings = msgspec.structs.replace(settings, **{setting: "s" * 32})
    assert levels(list(examine_files(settings, file)))["settings-file"] is Level.PROBLEM


def test_a_missing_or_short_key_is_a_problem(settings: ServerSettings) -> None:
    settings.secret_key_path.write_text("short")
    assert levels(list(examine_files(settings, None)))["secret-key"] is Level.PROBLEM
    settings.secret_key_path.unlink()
    (key,) = (finding for finding in examine_files(settings, None) if finding.check == "secret-key")
    assert key.level is Level.PROBLEM
    assert "server init" in key.advice


def test_a_disk_that_is_nearly_full_is_a_problem(settings: ServerSettings) -> None:
    free = shutil.disk_usage(settings.state_path).free >> 20
    findings = examine_files(msgspec.structs.replace(settings, free_space_mib=free * 2), None)
    assert levels(list(findings))["disk"] is Level.PROBLEM


@pytest.mark.parametrize(
    ("changes", "check", "level"),
    [
        ({"certificate": "", "own_certificate": False}, "plain-http", Level.ADVICE),
        ({"certificate": "", "http_listen": ["*:9191"]}, "plain-http", Level.PROBLEM),
        ({"certificate": "", "http_listen": ["[::]:9191"]}, "plain-http", Level.PROBLEM),
        ({"certificate": "", "http_listen": ["[::1]:9191", "localhost:80"]}, "plain-http", Level.ADVICE),
        ({"allowed_hosts": ["*"]}, "allowed-hosts", Level.PROBLEM),
        ({"allowed_hosts": ["localhost"]}, "allowed-hosts", Level.ADVICE),
        ({"allowed_hosts": ["other.example"]}, "certificate", Level.PROBLEM),
    ],
)
def test_listeners_and_names(settings: ServerSettings, changes: dict[str, object], check: str, level: Level) -> None:
    findings = list(examine_network(msgspec.structs.replace(settings, **changes)))
    assert levels(findings)[check] is level, findings
    assert all(finding.advice for finding in findings if finding.level is not Level.OK)


def test_certificates_that_end_or_do_not_fit(settings: ServerSettings, tmp_path: Path) -> None:
    made = make_certificates(tmp_path / "tls")
    given = msgspec.structs.replace(
        settings,
        certificate=str(made.certificate),
        certificate_key=str(made.key),
        allowed_hosts=["localhost"],
    )

    def verdict(settings: ServerSettings, now: datetime | None = None) -> Finding:
        (found,) = (finding for finding in examine_network(settings, now) if finding.check == "certificate")
        return found

    assert verdict(given).level is Level.ADVICE  # the rig's is good for a week
    assert "expired" in verdict(given, datetime.now(UTC) + timedelta(days=40 * 365)).found
    other = msgspec.structs.replace(given, certificate_key=settings.certificate)
    assert "not that of" in verdict(other).found
    broken = msgspec.structs.replace(given, certificate=str(settings.secret_key_path))
    assert "cannot be used" in verdict(broken).found
    missing = msgspec.structs.replace(settings, allowed_hosts=["print.school.example", "192.0.2.7"])
    assert "192.0.2.7" in verdict(missing).found


MOUNTS = """\
20 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
21 20 0:5 / /srv rw - nfs4 server:/export rw
22 21 254:9 / /srv/local\\040disk rw - xfs /dev/vdb rw
23 20 0:6 / /both rw - ext4 /dev/vdc rw
24 20 0:7 / /both rw - cifs //server/share rw
not a mount
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/db", "ext4"),
        ("/srv/db", "nfs4"),
        ("/srvx/db", "ext4"),
        ("/srv/local disk/db", "xfs"),
        ("/both/db", "cifs"),
    ],
)
def test_the_file_system_of_a_file_is_that_of_the_longest_and_last_mount(path: str, kind: str) -> None:
    assert filesystem_of(Path(path), MOUNTS) == kind


def examined(*, fails: bool) -> list[Finding]:
    from everprint.cli.server import server

    result = CliRunner().invoke(server, ["doctor", "--json"], prog_name="everprint server")
    assert (result.exit_code != 0) == fails, result.output
    return [msgspec.convert(item, Finding) for item in json.loads(result.stdout)]


def test_an_installation_is_examined_through_its_database(database: Database) -> None:
    from everprint.server.access.permissions import Role
    from everprint.server.people.users import create_user
    from everprint.server.printers.queues import add_printer
    from everprint.server.providers.models import Provider
    from everprint.server.schedule.works import do_what_is_due

    found = with_level(examined(fails=True), Level.PROBLEM)
    assert "no administrator" in found["administrators"]

    create_user("admin", role=Role.ADMINISTRATOR, password="correct horse")
    provider, _ = new_provider()
    new_printer(provider, "office")
    add_printer(provider, name="free-of-charge", device_uri="ipp://192.0.2.8/ipp/print")
    Provider.objects.update(last_seen_at=datetime.now(UTC) - timedelta(hours=1))
    do_what_is_due()
    findings = examined(fails=True)
    assert "north" in with_level(findings, Level.PROBLEM)["print-providers"]
    assert "one person alone" in with_level(findings, Level.ADVICE)["administrators"]
    assert with_level(findings, Level.ADVICE)["printers"] == "printing costs nothing on free-of-charge"
    assert "all is right" in with_level(findings, Level.OK)["ledger"]
    assert not with_level(findings, Level.PROBLEM).keys() & {"database", "scheduled-work", "ledger"}


def test_money_that_does_not_add_up_is_found_by_the_daily_audit(database: Database) -> None:
    from everprint.server.accounts.models import Account
    from everprint.server.schedule.works import do_what_is_due

    account = account_with("5")
    Account.objects.filter(pk=account).update(balance="6")
    do_what_is_due()
    assert "1 findings" in with_level(examined(fails=True), Level.PROBLEM)["ledger"]


def test_failed_work_is_said(database: Database) -> None:
    from everprint.server.schedule.models import ScheduledWork
    from everprint.server.schedule.works import do_what_is_due

    do_what_is_due()
    ScheduledWork.objects.filter(name="quotas").update(outcome="failed: no such purse")
    ScheduledWork.objects.filter(name="guests").update(done_at=datetime.now(UTC) - timedelta(days=2))
    found = [finding.found for finding in examined(fails=True) if finding.check == "scheduled-work"]
    assert found == ["quotas: failed: no such purse", "guests was not done for long"]
