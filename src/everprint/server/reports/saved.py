"""Reports that are kept by name, for everybody who may see reports."""

from __future__ import annotations

from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.people.models import User
from everprint.server.reports.asked import AskedReport, BadReport, asked_in_words
from everprint.server.reports.kinds import KINDS
from everprint.server.reports.models import SavedReport

MOST = 500


def save_report(name: str, asked: AskedReport, actor: User) -> SavedReport:
    """Keeps the report under that name; one that has it is replaced.

    Raises BadReport.
    """
    name = name.strip()
    if not name or len(name) > 100:
        raise BadReport("a saved report has a name of 1 to 100 letters")
    asked.period()
    words = asked.as_words()

    def work() -> SavedReport:
        before = SavedReport.objects.select_for_update().filter(name=name).first()
        if before is None and SavedReport.objects.count() >= MOST:
            raise BadReport(f"there are {MOST} saved reports already: remove one first")
        saved, _ = SavedReport.objects.update_or_create(name=name, defaults={"asked": words, "made_by": actor})
        note("report.save", saved, before=before.asked if before else {}, after=words)
        return saved

    return transact(work)


def remove_report(saved: SavedReport) -> None:
    """Forgets it; what it reported stays where it was read from."""

    def work() -> None:
        note("report.remove", saved, before=saved.asked)
        saved.delete()

    transact(work)


def ask_for_other(filter_name: str, before: int, after: int) -> None:
    """Lets all that ask for the one, by that filter, ask for the other: the two are one now."""
    for saved in SavedReport.objects.select_for_update().filter(**{f"asked__{filter_name}": str(before)}):
        saved.asked = {**saved.asked, filter_name: str(after)}
        saved.save(update_fields=["asked"])


def asked_of(saved: SavedReport) -> AskedReport:
    """What it asks for."""
    return asked_in_words(saved.asked)


def saved_reports() -> list[SavedReport]:
    """Those that this release can make, by name."""
    return [saved for saved in SavedReport.objects.select_related("made_by") if saved.asked.get("kind") in KINDS]
