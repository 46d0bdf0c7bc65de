"""Users and print groups. A user is identified by `id`, for ever; `name` is unique and in its one spelling
(contract.user_names)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.utils.functional import cached_property

from everprint.server.access.permissions import Permission, Role, known_permissions, permissions_of

if TYPE_CHECKING:
    StringList = models.JSONField[list[str], list[str]]
else:
    StringList = models.JSONField


class _Workplace(models.Model):
    """Somewhere where people work; made by people.workplaces. None is removed but one that is another's from then on
    (people.workplace_edits): reports and their mails name it."""

    name = models.CharField(max_length=128, unique=True)

    class Meta:
        abstract = True
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Department(_Workplace):
    """What somebody works for. Each user has one at most; a group, which there may be many of, is another thing."""


class Office(_Workplace):
    """Where somebody works."""


class User(AbstractBaseUser):
    """A person who prints or administers. Made by people.users.create_user; never deleted, only disabled."""

    name = models.CharField(max_length=128, unique=True)
    full_name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=20, default=Role.USER.value)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_day = models.DateField(null=True, blank=True)  # of a guest; people.guests disables them after it
    pin_digest = models.CharField(max_length=64, blank=True, default="", db_default="")  # people.cards
    # As it is now; reports follow it, whenever a job was printed. Their indexes hold only those who have one.
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, db_index=False, related_name="users"
    )
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, null=True, blank=True, db_index=False, related_name="users"
    )

    # Whose this person's jobs and money are now (people.merging); then nobody signs in as them.
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_from"
    )

    # Set on a user for whom a token acts (api.tokens): no more than these, whatever the role has.
    limited_to: frozenset[Permission] | None = None
    token_name = ""

    USERNAME_FIELD = "name"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ("name",)
        indexes = (
            models.Index(
                fields=("department",), condition=models.Q(department__isnull=False), name="user_of_department"
            ),
            models.Index(fields=("office",), condition=models.Q(office__isnull=False), name="user_of_office"),
        )

    def __str__(self) -> str:
        return self.full_name or self.name

    def may(self, permission: Permission) -> bool:
        """True if the user is not disabled and one of their roles has the permission."""
        if self.limited_to is not None and permission not in self.limited_to:
            return False
        return self.is_active and permission in self.permissions

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the user's roles have: the built-in one, own ones, and those of their groups."""
        built_in = permissions_of(self.role)
        return built_in if len(built_in) == len(Permission) else built_in | self._of_own_roles

    @cached_property
    def _of_own_roles(self) -> frozenset[Permission]:
        given = OwnRole.objects.filter(models.Q(users=self) | models.Q(groups__members=self))
        return known_permissions(value for values in given.values_list("permissions", flat=True) for value in values)


class FormerName(models.Model):
    """What somebody was called before: jobs that still come under it are theirs, and nobody else is called so."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="former_names")
    name = models.CharField(max_length=128, unique=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Card(models.Model):
    """A card by which a printer knows somebody; its number is kept as a digest. Changed through people.cards."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="cards")
    place = models.PositiveSmallIntegerField()  # 1 or 2
    digest = models.CharField(max_length=64, unique=True)
    set_at = models.DateTimeField()

    class Meta:
        ordering = ("place",)
        constraints = (models.UniqueConstraint(fields=("user", "place"), name="one_card_at_a_place"),)

    def __str__(self) -> str:
        return f"card {self.place} of {self.user_id}"


class SecondFactor(models.Model):
    """What somebody signs in with beside their password. Changed through people.second_factor."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor")
    secret = models.CharField(max_length=255)  # encrypted
    confirmed_at = models.DateTimeField(null=True)  # None: it is being set up, and does not count
    last_step = models.BigIntegerField(default=0)  # of the newest code that was used: none is good twice
    recovery = StringList(default=list)  # digests of codes that are good once

    def __str__(self) -> str:
        return f"second factor of {self.user_id}"


class OwnRole(models.Model):
    """A role that this installation made beside the built-in three, and who has it. Changed through people.roles."""

    name = models.CharField(max_length=100, unique=True)
    permissions = StringList(default=list)
    users = models.ManyToManyField(User, related_name="own_roles", blank=True)
    groups = models.ManyToManyField("people.Group", related_name="own_roles", blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Group(models.Model):
    """A print group: a class, a department, a year."""

    name = models.CharField(max_length=128, unique=True)
    members = models.ManyToManyField(User, related_name="print_groups", blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
