"""Users and print groups. A user is identified by `id`, for ever; `name` is unique and in its one spelling
(contract.user_names)."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

from everprint.server.access.permissions import Permission, Role, permissions_of


class User(AbstractBaseUser):
    """A person who prints or administers. Made by people.users.create_user; never deleted, only disabled."""

    name = models.CharField(max_length=128, unique=True)
    full_name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=20, default=Role.USER.value)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    # Set on a user for whom a token acts (api.tokens): no more than these, whatever the role has.
    limited_to: frozenset[Permission] | None = None
    token_name = ""

    USERNAME_FIELD = "name"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.full_name or self.name

    def may(self, permission: Permission) -> bool:
        """True if the user is not disabled and the role has the permission."""
        if self.limited_to is not None and permission not in self.limited_to:
            return False
        return self.is_active and permission in permissions_of(self.role)


class Group(models.Model):
    """A print group: a class, a department, a year."""

    name = models.CharField(max_length=128, unique=True)
    members = models.ManyToManyField(User, related_name="print_groups", blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
