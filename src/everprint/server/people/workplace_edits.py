"""Departments and offices that are called otherwise, or of which two are one. Who is there is found by their id, so
nothing else is changed but the kept reports that ask for one that goes.
"""

from __future__ import annotations

from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.edits import check_edition
from everprint.server.people.models import Department, Office
from everprint.server.people.workplaces import as_kept
from everprint.server.reports.saved import ask_for_other

Workplace = Department | Office


class WorkplaceExists(ValueError):
    """Another one, where somebody is, has that name."""


class BadWorkplace(ValueError):
    """No name, one that is to be merged into itself, or one that is no more; the text says which."""


def editable(workplace: Workplace) -> dict[str, object]:
    """What can be changed of it: its edition is made of that."""
    return {"name": workplace.name}


def rename_workplace(workplace: Workplace, name: str, seen: str | None = None) -> Workplace:
    """Gives it another name, also in old reports. One of that name where nobody is any more becomes this one.

    Raises WorkplaceExists, BadWorkplace, EditedMeanwhile.
    """
    kind, wanted = type(workplace), as_kept(name)

    def work() -> Workplace:
        rows = kind._default_manager.select_for_update()
        found = rows.filter(pk=workplace.pk).first()
        if found is None:
            raise _is_no_more(kind)
        check_edition(editable(found), seen)
        if not wanted:
            raise BadWorkplace(f"{_one(kind).capitalize()} needs a name.")
        other = rows.filter(name__iexact=wanted).exclude(pk=found.pk).first()
        if other is not None:
            if other.users.exists():
                raise WorkplaceExists(f"There is already {_one(kind)} called {other.name}: merge the two.")
            _give_way(other, found)
        before, found.name = editable(found), wanted
        found.save(update_fields=["name"])
        note(f"{word_for(kind)}.rename", found, before, editable(found))
        return found

    return transact(work)


def merge_workplaces(workplace: Workplace, into: Workplace) -> Workplace:
    """Lets everybody who is in the one be in the other; the one is no more.

    Raises BadWorkplace.
    """
    kind = type(workplace)

    def work() -> Workplace:
        if workplace.pk == into.pk:
            raise BadWorkplace(f"Choose another {word_for(kind)}: none is merged into itself.")
        both = {found.pk: found for found in kind._default_manager.select_for_update().order_by("pk").filter(
            pk__in=(workplace.pk, into.pk)
        )}  # fmt: skip
        if len(both) < 2:
            raise _is_no_more(kind)
        source, target = both[workplace.pk], both[into.pk]
        people = source.users.update(**{word_for(kind): target})
        name = source.name
        _give_way(source, target)
        note(f"{word_for(kind)}.merge", target, None, {"merged": name, "people": people})
        return target

    return transact(work)


def word_for(kind: type[Workplace]) -> str:
    """What one is called, in the audit log and in sentences: also the field of a user, and the filter of a report."""
    return "department" if kind is Department else "office"


def _one(kind: type[Workplace]) -> str:
    return "a department" if kind is Department else "an office"


def _is_no_more(kind: type[Workplace]) -> BadWorkplace:
    return BadWorkplace(f"Somebody else merged this {word_for(kind)} into another one meanwhile.")


def _give_way(source: Workplace, target: Workplace) -> None:
    ask_for_other(word_for(type(source)), source.pk, target.pk)
    source.delete()
