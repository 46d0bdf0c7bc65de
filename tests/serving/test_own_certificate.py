"""A certificate of our own, and certificates that are renewed while clients come and go."""

from __future__ import annotations

import shutil
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from everprint.serving import CannotListen, Listener
from everprint.serving.own_certificate import OwnCertificate, fingerprint_of, names_of
from rig.application import run_application
from rig.certificates import make_certificates
from rig.waiting import wait_for
from tests.serving.echo import echo

NAMES = {"print.example", "localhost", "127.0.0.1", "::1"}
NOW = datetime.now(UTC)


def own(folder: Path, *more: str) -> OwnCertificate:
    return OwnCertificate(folder, {*NAMES, *more})


def certificate_of(made: OwnCertificate) -> x509.Certificate:
    return x509.load_pem_x509_certificate(made.file.read_bytes())


def shown_at(address: tuple[str, int], trust: ssl.SSLContext, name: str = "localhost") -> str:
    """The fingerprint of what a client is shown that trusts so."""
    with (
        socket.create_connection(address, timeout=30) as plain,
        trust.wrap_socket(plain, server_hostname=name) as secure,
    ):
        return fingerprint_of(x509.load_der_x509_certificate(secure.getpeercert(binary_form=True) or b""))


def trusting(made: OwnCertificate) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=made.authority_pem().decode())


def test_it_is_made_once_and_is_readable_by_its_user_only(tmp_path: Path) -> None:
    made = own(tmp_path)
    assert made.renew_if_due()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert sorted(before) == ["own-authority.pem", "own-certificate.pem"]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in tmp_path.iterdir())
    assert not own(tmp_path).renew_if_due()
    assert before == {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(names_of(certificate_of(made))) == NAMES
    life = certificate_of(made).not_valid_after_utc - NOW
    assert life < timedelta(days=398), "Apple's systems take no longer ones"


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "print.example"])
def test_who_trusts_the_authority_trusts_each_of_its_names(tmp_path: Path, name: str) -> None:
    made = own(tmp_path)
    made.renew_if_due()
    strict = trusting(made)
    strict.verify_flags |= ssl.VERIFY_X509_STRICT  # as newer Pythons do by themselves
    with run_application(echo, Listener("127.0.0.1", 0, made.file)) as address:
        shown_at(address, strict, name)
        with pytest.raises(ssl.SSLCertVerificationError):
            shown_at(address, strict, "elsewhere.example")
        with pytest.raises(ssl.SSLCertVerificationError):
            shown_at(address, ssl.create_default_context(), name)


def test_it_is_renewed_in_time_and_nobody_must_trust_anew(tmp_path: Path) -> None:
    made = own(tmp_path)
    made.renew_if_due()
    trust = trusting(made)
    with run_application(echo, Listener("127.0.0.1", 0, made.file)) as address:
        first = shown_at(address, trust)
        made.file.unlink()
        assert made.renew_if_due()
        second = fingerprint_of(certificate_of(made))
        assert second != first
        wait_for("the new one to be shown", lambda: shown_at(address, trust) == second)
    assert not made.renew_if_due(NOW + timedelta(days=300)), "not before its time"
    assert made.renew_if_due(NOW + timedelta(days=340))


def test_another_name_makes_another_one(tmp_path: Path) -> None:
    own(tmp_path).renew_if_due()
    wider = own(tmp_path, "print.other.example")
    assert wider.renew_if_due()
    assert "print.other.example" in names_of(certificate_of(wider))
    assert not own(tmp_path).renew_if_due(), "one that is for more will do"


def test_another_authoritys_work_is_not_taken_for_ours(tmp_path: Path) -> None:
    here, there = own(tmp_path / "here"), own(tmp_path / "there")
    for made in (here, there):
        made.file.parent.mkdir()
        made.renew_if_due()
    shutil.copy(there.file, here.file)
    assert here.renew_if_due()
    with run_application(echo, Listener("127.0.0.1", 0, here.file)) as address:
        shown_at(address, trusting(here))


@pytest.mark.parametrize(
    "octets", [b"", b"no PEM", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_an_authority_that_cannot_be_read_is_not_replaced_by_another(tmp_path: Path, octets: bytes) -> None:
    made = own(tmp_path)
    made.renew_if_due()
    (tmp_path / "own-authority.pem").write_bytes(octets)
    with pytest.raises(CannotListen, match=r"own-authority\.pem"):
        made.renew_if_due()
    assert (tmp_path / "own-authority.pem").read_bytes() == octets


def test_a_given_certificate_is_renewed_without_a_new_start_and_a_wrong_one_changes_nothing(tmp_path: Path) -> None:
    first, second = make_certificates(tmp_path / "first"), make_certificates(tmp_path / "second")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    shutil.copy(first.certificate, certificate)
    shutil.copy(first.key, key)
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    expected = fingerprint_of(x509.load_pem_x509_certificate(second.certificate.read_bytes()))
    with run_application(echo, Listener("127.0.0.1", 0, certificate, key)) as address:
        before = shown_at(address, anybody)
        shutil.copy(second.certificate, certificate)  # and the key is not there yet
        assert shown_at(address, anybody) == before
        shutil.copy(second.key, key)
        wait_for("the new one to be shown", lambda: shown_at(address, anybody) == expected)


def test_a_host_whose_name_is_not_ascii_has_its_certificate(tmp_path: Path) -> None:
    made = own(tmp_path, "bücher.example", "b\N{COMBINING DIAERESIS}" * 100)
    assert made.renew_if_due()
    assert set(names_of(certificate_of(made))) == {*NAMES, "xn--bcher-kva.example"}
    assert not made.renew_if_due()
