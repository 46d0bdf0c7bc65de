"""The permissions, declared once, and which role has which. Views ask for permissions, never for roles."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Permission(StrEnum):
    """One thing that a person may be allowed to do."""

    USE_OWN = "use-own"  # see and steer one's own jobs, see one's balance and statement
    VIEW_DASHBOARD = "view-dashboard"
    VIEW_JOBS = "view-jobs"  # everybody's
    MANAGE_JOBS = "manage-jobs"  # cancel, hold and release everybody's
    REFUND_JOBS = "refund-jobs"  # give money back, decide about requests for it
    VIEW_PREVIEWS = "view-previews"  # pictures of the pages of everybody's jobs; one's own are always seen
    VIEW_USERS = "view-users"  # names, groups and balances
    MANAGE_USERS = "manage-users"  # make, change, disable; passwords
    MANAGE_ROLES = "manage-roles"  # make roles and give them, of permissions that one has oneself
    VIEW_ACCOUNTS = "view-accounts"  # shared ones, with their statements
    MANAGE_ACCOUNTS = "manage-accounts"  # shared ones: make, change, who may charge to them
    ADJUST_ACCOUNTS = "adjust-accounts"  # everybody's, and shared ones
    MANAGE_SETTINGS = "manage-settings"  # of the whole installation, and which purses there are
    VIEW_REPORTS = "view-reports"  # everybody's printing and what it cost; save reports by name
    VIEW_PRINTERS = "view-printers"
    MANAGE_PRINTERS = "manage-printers"  # queues and prices
    VIEW_PROVIDERS = "view-providers"
    MANAGE_PROVIDERS = "manage-providers"  # enrolment codes, revocation
    VIEW_CLUSTERS = "view-clusters"  # of VMs: hosts, where what runs, fail-overs
    REPORT_CLUSTERS = "report-clusters"  # tell how a cluster stands; for the program beside it
    VIEW_AUDIT_LOG = "view-audit-log"  # who did what to this installation
    MAKE_TOKENS = "make-tokens"  # tokens for the JSON API, with permissions of one's own


class Role(StrEnum):
    """What somebody is to this installation."""

    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"
    USER = "user"


_P = Permission

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(Permission),
    Role.OPERATOR: frozenset(
        {
            _P.USE_OWN,
            _P.VIEW_DASHBOARD,
            _P.VIEW_JOBS,
            _P.MANAGE_JOBS,
            _P.REFUND_JOBS,
            _P.VIEW_USERS,
            _P.VIEW_ACCOUNTS,
            _P.VIEW_REPORTS,
            _P.VIEW_PRINTERS,
            _P.VIEW_PROVIDERS,
        }
    ),
    Role.USER: frozenset({_P.USE_OWN}),
}


def permissions_of(role: str) -> frozenset[Permission]:
    """The role's permissions; none for a role that does not exist."""
    try:
        return ROLE_PERMISSIONS[Role(role)]
    except ValueError:
        return frozenset()


def known_permissions(values: Iterable[str]) -> frozenset[Permission]:
    """The permissions with those values; a value that this release does not know is nothing."""
    known = {permission.value: permission for permission in Permission}
    return frozenset(known[value] for value in values if value in known)
