"""Forms about notifications: somebody's wishes, and the words of a kind."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from everprint.server.edits import fingerprint
from everprint.server.languages import NAMES, Language, language_named
from everprint.server.notifications.kinds import Kind, Words
from everprint.server.notifications.wishes import Wish, change_wishes, kinds_for, mail_language
from everprint.server.notifications.wording import LONGEST_SUBJECT, LONGEST_TEXT, BadWords, change_words, check_words
from everprint.server.pages.forms.edit import EditForm, ProblemForm
from everprint.server.people.models import User

LANGUAGES = [("", _("As the browser says")), *((language.value, name) for language, name in NAMES.items())]


class WishesForm(ProblemForm):
    """How one person wishes to be told."""

    language = forms.ChoiceField(label=_("Language"), required=False, choices=LANGUAGES)
    mail = forms.MultipleChoiceField(label=_("Mails about"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, said: QueryDict | None, user: User, wish: Wish) -> None:
        self._user, self._kinds = user, kinds_for(user)
        initial = {
            "language": wish.language.value if wish.language else "",
            "mail": [kind.key for kind in self._kinds if kind.key not in wish.no_mail],
        }
        super().__init__(said, initial=initial)
        shown_in = mail_language(user, wish)
        mail = self.fields["mail"]
        assert isinstance(mail, forms.MultipleChoiceField)
        mail.choices = [(kind.key, kind.title_in(shown_in)) for kind in self._kinds]

    def save(self) -> None:
        """Keeps them."""
        said = self.cleaned_data
        language = language_named(said["language"]) if said["language"] else None
        change_wishes(self._user, language, [kind.key for kind in self._kinds if kind.key not in said["mail"]])


class WordsForm(EditForm):
    """A kind's words in one language."""

    subject = forms.CharField(label="Subject", max_length=LONGEST_SUBJECT, widget=forms.TextInput)
    text = forms.CharField(label="Text", max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 10}))

    @staticmethod
    def current(words: Words) -> dict[str, object]:
        """What is stored."""
        return {"subject": words.subject, "text": words.text}

    @classmethod
    def about(cls, words: Words) -> WordsForm:
        """The form, filled with the words that hold."""
        current = cls.current(words)
        return cls(initial={**current, "seen": fingerprint(current)})

    def words(self, kind: Kind) -> Words | None:
        """What was written; None, with an error on the form, if it cannot be used."""
        words = Words(self.cleaned_data["subject"], "\n".join(self.cleaned_data["text"].splitlines()))
        try:
            check_words(kind, words)
        except BadWords as error:
            self.add_error(None, f"{error}.")
            return None
        return words

    def save(self, kind: Kind, language: Language, stored: Words) -> bool:
        """Keeps them; False, with an error on the form, if it cannot be."""
        words = self.words(kind)
        if words is None or self.is_stale(self.current(stored)):
            return False
        change_words(kind, language, words)
        return True
