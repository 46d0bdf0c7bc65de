"""What the provider must not forget, in one SQLite file: jobs with their states, and events not yet reported.

Invariant: a job's new state and the events that tell of it are written in one transaction, on disk before anything
is done or said because of them. Reading order: schema, rows, entry, writer, journal, reading.
"""

from everprint.provider.journal.entry import Entry, JobEventFact
from everprint.provider.journal.journal import Journal
from everprint.provider.journal.writer import JournalFailed

__all__ = ["Entry", "JobEventFact", "Journal", "JournalFailed"]
