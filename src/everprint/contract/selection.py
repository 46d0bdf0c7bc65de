"""How the account that a job is charged to is selected; both sides know the ways and what each needs."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class SelectionMode(StrEnum):
    """The ways."""

    PERSONAL = "personal"  # always the person's own
    SHARED = "shared"  # always one shared account
    CHOOSE = "choose"  # the person chooses for each job, on the web page or by job-account-id
    ATTRIBUTE = "attribute"  # what job-account-id names (PWG 5100.7); without it the person's own


class Selection(msgspec.Struct, frozen=True):
    """A way, and for SHARED the account's whole name."""

    mode: SelectionMode = SelectionMode.PERSONAL
    account: str = ""
