"""Registers the app with Django."""

from django.apps import AppConfig


class AuditLogConfig(AppConfig):
    """everprint.server.audit_log"""

    name = "everprint.server.audit_log"
    label = "audit_log"
