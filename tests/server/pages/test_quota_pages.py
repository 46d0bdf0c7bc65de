"""Quotas on the pages."""

from __future__ import annotations

import pytest

from tests.server.pages.signed_in import administrator
from tests.server.world import balance_of

pytestmark = pytest.mark.usefixtures("database")


def test_a_quota_is_made_granted_changed_and_somebody_has_their_own() -> None:
    from everprint.server.people.models import Group
    from everprint.server.people.users import create_user
    from everprint.server.quotas.granting import grant_what_is_due
    from everprint.server.quotas.models import Quota

    group = Group.objects.create(name="Year 12")
    group.members.set([create_user("ann"), create_user("ben")])
    admin = administrator()
    page = admin.fill("/quotas/new", group=str(group.pk), amount="2.50", period="weekly")
    assert "Quota of Year 12" in page
    assert "Nothing was granted yet" in page
    quota = Quota.objects.get()
    assert "There is no user" in admin.fill(f"/quotas/{quota.pk}/exception", user="nobody", own_amount="1")
    assert "of ben was set" in admin.fill(f"/quotas/{quota.pk}/exception", user="Ben", own_amount="4")
    grant_what_is_due()
    assert (balance_of("ann"), balance_of("ben")) == (2.5, 4)
    page = admin.see(f"/quotas/{quota.pk}")
    assert "ann" in page
    assert "€4.00" in page
    assert "takes away what is left needs no cap" not in page
    assert "The quota was saved" in admin.fill(f"/quotas/{quota.pk}/edit", cap="3", is_active=None)
    assert "gathers up to €3.00" in admin.see(f"/quotas/{quota.pk}")
    assert "Year 12" in admin.see("/quotas")


def test_what_a_quota_cannot_be_is_said_at_its_field() -> None:
    admin = administrator()
    assert "choose a group or a shared account" in admin.fill("/quotas/new", amount="2")
    assert "no shared account Physics" in admin.fill("/quotas/new", amount="2", account="Physics")
    admin.fill("/accounts/new", name="Physics")
    page = admin.fill("/quotas/new", amount="2", account="physics", resets="on")
    assert "Quota of Physics" in page
