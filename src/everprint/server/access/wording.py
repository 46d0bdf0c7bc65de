"""What each permission lets somebody do, in words for people who give it."""

from __future__ import annotations

from everprint.server.access.permissions import Permission

_P = Permission

WORDS: dict[Permission, str] = {
    _P.USE_OWN: "See and steer one's own jobs, see one's balance and statement",
    _P.VIEW_DASHBOARD: "See the dashboard",
    _P.VIEW_JOBS: "See everybody's jobs",
    _P.MANAGE_JOBS: "Cancel, hold and release everybody's jobs",
    _P.REFUND_JOBS: "Give money back for jobs, decide about requests for it",
    _P.VIEW_PREVIEWS: "See pictures of the pages of everybody's jobs",
    _P.VIEW_USERS: "See users, groups and balances",
    _P.MANAGE_USERS: "Make, change and disable users and groups, set passwords",
    _P.MANAGE_ROLES: "Make roles and give them",
    _P.VIEW_ACCOUNTS: "See shared accounts and their statements",
    _P.MANAGE_ACCOUNTS: "Make and change shared accounts, and say who may charge to them",
    _P.ADJUST_ACCOUNTS: "Give credit and take it",
    _P.VIEW_REPORTS: "See reports of everybody's printing, and save them by name",
    _P.VIEW_PRINTERS: "See printers and what printing costs",
    _P.MANAGE_PRINTERS: "Make, change and remove printers, set costs",
    _P.VIEW_PROVIDERS: "See Print Providers",
    _P.MANAGE_PROVIDERS: "Enrol and revoke Print Providers",
    _P.MANAGE_SETTINGS: "Change the settings of the whole installation",
    _P.VIEW_CLUSTERS: "See clusters of virtual machines",
    _P.REPORT_CLUSTERS: "Tell how a cluster of virtual machines stands",
    _P.VIEW_AUDIT_LOG: "See who did what to this installation",
    _P.MAKE_TOKENS: "Make tokens for the JSON API",
}
