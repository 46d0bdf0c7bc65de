"""The proof of the ledger, as `everprint server audit` and the page have it."""

from __future__ import annotations

from django.http import HttpRequest
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.accounts.audit import audit
from everprint.server.api.area import Area

area = Area("Accounts")

MOST_SHOWN = 500


class LedgerFinding(BaseModel):
    """One thing that is not as it must be."""

    what: str = Field(description="Which check: balance, transaction, floor, reservation, split, closed")
    where: str
    message: str


class LedgerProof(BaseModel):
    """How much was checked, and what was wrong."""

    accounts: int
    transactions: int
    wrong: int = Field(description="How many findings there are")
    findings: list[LedgerFinding] = Field(description=f"The first {MOST_SHOWN} of them")


@area.get("", LedgerProof, needs=Permission.MANAGE_SETTINGS)
def audit_ledger(request: HttpRequest) -> LedgerProof:
    """Prove every account and transaction of the ledger; of a large one that takes a while."""
    result = audit()
    return LedgerProof(
        accounts=result.accounts,
        transactions=result.transactions,
        wrong=len(result.findings),
        findings=[
            LedgerFinding(what=finding.what, where=finding.where, message=finding.message)
            for finding in result.findings[:MOST_SHOWN]
        ],
    )
