"""What print servers and the analysis of documents say of a job, in English, known again by its words: so that its
owner reads it in their language, whichever release said it.

A text that is none of these stays as it is. Facts in it are other texts of these, or what somebody wrote.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext

from everprint.server.languages import marked as _

# The first that fits counts. `why` and `what` are sentences themselves.
SENTENCES = (
    # What becomes of a job at its print server.
    _("%(what)s (without effect: %(why)s)"),
    _("Held until it is released."),
    _("Held until it is released with its PIN."),
    _("Held by %(name)s."),
    _("Cancelled by %(name)s."),
    _("%(why)s It needs its PIN again."),
    _("It was held, and ends after %(hours)s hours."),
    _("Its document did not come within %(seconds)s seconds."),
    _("Its document cannot be read from the spool: %(why)s."),
    _("Redirected from %(queue)s by %(name)s."),
    _("to %(queue)s, by %(name)s"),
    _("Waits until the Application Server knows its queue %(queue)s."),
    _("The Application Server cannot decide about this job: %(why)s"),
    _("it was cancelled"),
    _("its print server did not take it in time"),
    _("its print server does not know it any more"),
    # While the server was away.
    _(
        "This job costs %(cost)s, and %(left)s can be spent. The Application Server is away: credit that was added "
        "lately is not known here. Print it again when the server is back."
    ),
    _(
        "This job costs %(cost)s, and %(left)s can be spent. The Application Server is away: credit that was added "
        "lately is not known here. It waits, and is looked at again when the server is back."
    ),
    _(
        "The Application Server is away, and until it is back %(name)s can print for %(left)s more; this job costs "
        "%(cost)s. Print it again then."
    ),
    _(
        "The Application Server is away, and until it is back %(name)s can print for %(left)s more; this job costs "
        "%(cost)s. It waits, and is looked at again when the server is back."
    ),
    _("The account of %(name)s is closed. The Application Server is away."),
    _("The account %(account)s is closed. The Application Server is away."),
    # What a rule says of itself, if whoever made it said nothing.
    _("It is not printed: a rule forbids it."),
    _("A rule has it printed in grey."),
    _("A rule has it printed on both sides."),
    _("A rule holds it until it is released."),
    _("Release it if you want to print it."),
    _("A rule sends it to another queue."),
    _("It must be printed in grey, and it cannot be changed so: choose grey where you print."),
    _("It must be printed on both sides, and it cannot be changed so: choose them where you print."),
    # At the printer.
    _("The printer aborted the job."),
    _("The printer aborted the job (%(reasons)s)."),
    _("The printer does not take this job, tried %(times)s times. %(why)s"),
    _("The printer does not know this job any more. See whether it was printed; then release or cancel it."),
    _("The printer refused: %(said)s"),
    _("Waits: no printer of this queue can do all of it (%(lacks)s)."),
    # Why something that was ordered was not done.
    _("job %(job)s is finished"),
    _("job %(job)s may have been printed: see, then release or cancel it"),
    _("job %(job)s is released with its PIN only"),
    _("job %(job)s is in the queue %(queue)s already"),
    _("there is no such queue at its print server"),
    _("the queue %(queue)s takes no jobs"),
    _("the queue %(queue)s does not print %(format)s"),
    _("its queue %(queue)s was removed"),
    # What analysis found in the document, or why it found nothing.
    _("it needs a password"),
    _("it is encrypted"),
    _("it is encrypted in a way that cannot be read"),
    _("it is empty"),
    _("it has no pages"),
    _("none of its pages can be read"),
    _("it has more than %(pages)s pages, which are not counted"),
    _("it is %(format)s, whose pages cannot be counted yet"),
    _("it cannot be read as %(format)s: %(why)s"),
    _("its page tree cannot be read: %(why)s"),
    _("the directory of its ZIP archive is damaged"),
    _("its ZIP archive has no directory: it is cut off or damaged"),
    _("its author allows no printing: a printer may refuse it"),
    _("the analyser took longer than %(seconds)s s and was stopped"),
    _("%(attribute)s is left out: nobody can do it for %(format)s at this printer"),
)
_OF_SENTENCES = frozenset({"what", "why"})
_PLACE = re.compile(r"%\((\w+)\)s")
_LONGEST = 600  # no text of a job is longer: what is, is no sentence of these


def _pattern(words: str) -> re.Pattern[str]:
    pieces = _PLACE.split(words)  # text and names by turns
    return re.compile(
        "".join(f"(?P<{piece}>.+?)" if place % 2 else re.escape(piece) for place, piece in enumerate(pieces))
    )


_PATTERNS = [(words, _pattern(words)) for words in SENTENCES]


def in_active_language(text: str) -> str:
    """The text in the language that is active, if it is one of these or its words are in the catalogue."""
    exact = gettext(text)
    if exact != text or len(text) > _LONGEST:
        return exact
    for words, pattern in _PATTERNS:
        if (found := pattern.fullmatch(text)) is not None:
            facts = found.groupdict()
            facts |= {name: in_active_language(facts[name]) for name in _OF_SENTENCES & facts.keys()}
            return gettext(words) % facts
    return text
