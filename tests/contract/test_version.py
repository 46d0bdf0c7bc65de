"""An older provider with a newer server, and the reverse: they work together or say which must be upgraded."""

from __future__ import annotations

import pytest

from everprint.contract.version import NoCommonVersion, Versions, agree


@pytest.mark.parametrize(
    ("provider", "server", "agreed"),
    [
        (Versions(1, 1), Versions(1, 1), 1),
        (Versions(1, 2), Versions(1, 5), 2),
        (Versions(1, 7), Versions(1, 5), 5),
        (Versions(3, 4), Versions(1, 3), 3),
    ],
)
def test_the_newest_common_version_is_used(provider: Versions, server: Versions, agreed: int) -> None:
    assert agree(provider, server) == agreed


@pytest.mark.parametrize(
    ("provider", "server", "who"),
    [
        (Versions(1, 2), Versions(3, 5), "upgrade the Print Provider"),
        (Versions(4, 5), Versions(1, 3), "upgrade the Application Server"),
    ],
)
def test_no_common_version_says_who_is_behind(provider: Versions, server: Versions, who: str) -> None:
    with pytest.raises(NoCommonVersion, match=who):
        agree(provider, server)
