"""`make lab` as it is called; what it tells is drills, which have their own tests."""

from __future__ import annotations

import pytest

from demo.cluster.__main__ import main


def test_a_failure_that_nobody_knows_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["earthquake"])
    assert "no failure earthquake" in capsys.readouterr().err
