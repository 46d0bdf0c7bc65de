"""The import of users and balances from CSV."""

from __future__ import annotations

from django.http import HttpRequest
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.fields import Body, Flag
from everprint.server.audit_log.note import as_kept
from everprint.server.people.import_result import ImportResult
from everprint.server.people.user_import import import_users, plan_import

area = Area("Users")


class Csv(Body):
    """A table to be imported."""

    csv: str = Field(max_length=1_000_000, description="Lines, the first with the names of the columns")
    dry_run: Flag = Field(description="True: only say what would change")


class LineChangeRecord(BaseModel):
    """What a line changes."""

    line: int
    name: str
    is_new: bool
    before: dict[str, object]
    after: dict[str, object]


class Imported(BaseModel):
    """What an import changed, or would."""

    made: int
    changed: int
    unchanged: int
    changes: list[LineChangeRecord]


@area.post("", Imported, needs=Permission.MANAGE_USERS)
def import_users_from_csv(request: HttpRequest, wanted: Csv) -> Imported:
    """Import users and balances from CSV, all or nothing, or say what it would change."""
    data = wanted.csv.encode("utf-8", "surrogatepass")
    return record_of(plan_import(data) if wanted.dry_run else import_users(data))


def record_of(result: ImportResult) -> Imported:
    """The result as the API shows it."""
    return Imported(
        made=result.made,
        changed=len(result.changes) - result.made,
        unchanged=result.unchanged,
        changes=[
            LineChangeRecord(
                line=change.line,
                name=change.name,
                is_new=change.is_new,
                before={key: as_kept(value) for key, value in change.before.items()},
                after={key: as_kept(value) for key, value in change.after.items()},
            )
            for change in result.changes
        ],
    )
