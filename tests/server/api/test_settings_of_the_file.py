"""What the server's file settles is read on the page and over the API, and nothing secret with it."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from tests.server.api.program import program
from tests.server.pages.signed_in import administrator

pytestmark = pytest.mark.usefixtures("database")


def test_the_policies_of_the_file_are_read_over_the_api() -> None:
    listed = program().get("/settings/of-the-file")
    policies = {policy["key"]: policy["value"] for policy in listed}
    assert policies["create_users_on_first_print"] is True
    assert policies["initial_credit"] == "0.00"
    assert policies["directory_most_gone_percent"] == 10
    assert all(policy["about"] for policy in listed)
    assert program("user").refused("GET", "/settings/of-the-file") == (HTTPStatus.FORBIDDEN, "forbidden")


def test_they_are_not_set_over_the_api() -> None:
    admin = program()
    assert admin.refused("PATCH", "/settings", {"create_users_on_first_print": False})[1] == "invalid"
    assert admin.refused("PATCH", "/settings/of-the-file", {})[0] == HTTPStatus.METHOD_NOT_ALLOWED


def test_the_page_of_settings_shows_them_in_words() -> None:
    page = administrator().see("/settings")
    assert "create_users_on_first_print yes Make an account for a name" in page
    assert "directory none Where people and groups come from" in page


def test_what_is_shown_is_what_this_server_was_started_with() -> None:
    from everprint.server.configuration import ServerSettings
    from everprint.server.installation.file_policies import file_policies

    shown = {
        policy.key: policy.in_words for policy in file_policies(ServerSettings(create_users_on_first_print=False))
    }
    assert shown["create_users_on_first_print"] == "no"


def test_no_secret_is_among_them() -> None:
    from everprint.server.installation.file_policies import POLICIES

    assert not [key for key in POLICIES if any(word in key for word in ("secret", "password", "key", "database"))]
