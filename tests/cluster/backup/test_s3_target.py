"""Points in an S3 store: a real one of rclone's, by restic's own S3, as `[backup] target` names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from everprint.cluster.backup.errors import NotLetIn, TargetGone
from everprint.cluster.backup.repository import Repository
from rig.s3_store import S3Store, run_s3_store
from tests.cluster.backup.target import check_that_points_go_there_and_come_back, repository_at


def repository(store: S3Store, folder: Path, secret: str = "") -> Repository:
    keys = f"[default]\naws_access_key_id = {store.access_key_id}\n"
    (folder / "keys").write_text(keys + f"aws_secret_access_key = {secret or store.secret_access_key}\n")
    return repository_at(f"{store.bucket}/backups", folder, f'credentials_file = "{folder}/keys"\n')


def test_points_go_to_and_come_from_an_s3_store(tmp_path: Path) -> None:
    with run_s3_store(tmp_path / "store") as store:
        check_that_points_go_there_and_come_back(repository(store, tmp_path), tmp_path)


def test_a_store_that_does_not_let_us_in_or_is_gone_is_said_and_no_secret_is_told(tmp_path: Path) -> None:
    with run_s3_store(tmp_path / "store") as store:
        known = repository(store, tmp_path)
        known.make()
        with pytest.raises(NotLetIn, match="keys that it knows") as refused:
            repository(store, tmp_path, "another-secret").contents("print")
        assert "another-secret" not in str(refused.value)
    with pytest.raises(TargetGone, match="connection refused"):
        known.contents("print")
