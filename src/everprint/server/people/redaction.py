"""Redaction on request (General Data Protection Regulation, article 17): what says who somebody was is taken away.

What is left is what bookkeeping needs: the ledger, the figures of jobs, and the audit log, word for word. The user
stays as a number without a name.
"""

from __future__ import annotations

from everprint.server.access.permissions import Role
from everprint.server.api.models import ApiToken
from everprint.server.api.tokens import revoke_token
from everprint.server.audit_log.note import note
from everprint.server.charging.models import SharedAccount
from everprint.server.database import transact
from everprint.server.directory.models import DirectoryEntry
from everprint.server.jobs.kept import forget_packed_texts
from everprint.server.jobs.models import Decision, Job, JobStep, PagePreview
from everprint.server.jobs.queries import active
from everprint.server.mail.models import Mail
from everprint.server.notifications.models import Notice, Wishes
from everprint.server.oidc.unlinking import forget_links
from everprint.server.people.authority import check_may_change
from everprint.server.people.models import SecondFactor, User
from everprint.server.people.renaming import name_that_is_free, set_name
from everprint.server.people.users import change_active, change_role
from everprint.server.refunds.models import RefundRequest
from everprint.server.release.delegates import forget_delegates


class BadRedaction(Exception):
    """This user cannot be redacted now; the text says why."""


def redact_user(user_id: int) -> User:
    """Takes name, address, cards, groups and what their jobs said of them away, for ever; disables the user.

    Raises User.DoesNotExist, BadRedaction, BeyondOwn, LastAdministrator.
    """

    def work() -> User:
        user = User.objects.select_for_update().get(pk=user_id)
        check_may_change(user)
        if active(Job.objects.filter(owner=user)).exists():
            raise BadRedaction(f"{user.name} has jobs that wait or print: cancel them first")
        _redact_person(user)
        _redact_jobs(user)
        note("user.redact", user, name=user.name)
        return user

    return transact(work)


def _redact_person(user: User) -> None:
    change_role(user, Role.USER)
    change_active(user, False)
    user.full_name = user.email = user.pin_digest = ""
    user.last_day = user.last_login = user.department = user.office = None
    user.set_unusable_password()
    user.save()
    user.own_roles.clear()
    user.print_groups.clear()
    SharedAccount.access_users.through.objects.filter(user=user).delete()
    user.cards.all().delete()
    SecondFactor.objects.filter(user=user).delete()
    forget_delegates(user)
    user.operated_groups.clear()
    forget_links(user)
    user.former_names.all().delete()
    Mail.objects.filter(user=user).delete()
    Notice.objects.filter(user=user).delete()
    Wishes.objects.filter(user=user).delete()
    DirectoryEntry.objects.filter(user=user).delete()  # else the next sync would call them by their name again
    set_name(user, name_that_is_free(f"redacted-{user.pk}"))
    for token in ApiToken.objects.filter(owner=user, revoked_at=None):
        revoke_token(token)
    ApiToken.objects.filter(owner=user).update(name="", last_address="")


def _redact_jobs(user: User) -> None:
    """Whose they were stays as a number: statement and reports add up as before."""
    jobs = Job.objects.filter(owner=user)
    PagePreview.objects.filter(job__owner=user).delete()
    # All are at their end: nobody asks about them again.
    Decision.objects.filter(job__owner=user).delete()
    JobStep.objects.filter(job__owner=user).update(text="")
    RefundRequest.objects.filter(job__owner=user).update(reason="", answer="")
    forget_packed_texts(jobs)
    jobs.update(
        user_name=user.name,
        name="",
        client_address="",
        charge_comment="",
        job_account_id="",
        job_accounting_user_id="",
        reason="",
        noted=None,
    )
