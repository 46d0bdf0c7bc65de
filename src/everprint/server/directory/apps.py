"""Registers the app with Django, and the directory with the sign-in."""

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    """everprint.server.directory"""

    name = "everprint.server.directory"
    label = "directory"

    def ready(self) -> None:
        """From now on people of the directory sign in with their password there."""
        from everprint.server.directory.signing_in import is_right, make_known
        from everprint.server.people import sign_in

        sign_in.elsewhere = sign_in.Elsewhere(make_known, is_right)
