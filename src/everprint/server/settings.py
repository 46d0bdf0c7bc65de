"""Django's settings, built from ours: nothing is configured in two places.

The secret key is read from the state folder, where `everprint server init` made it. Without it the key is empty and
Django refuses to sign anything.
"""

from __future__ import annotations

from pathlib import Path

from everprint.server.configuration import ServerSettings, read_server_settings
from everprint.server.database_url import database_entry

CONFIGURATION: ServerSettings = read_server_settings()


def _secret_key() -> str:
    try:
        return CONFIGURATION.secret_key_path.read_text("ascii").strip()
    except (FileNotFoundError, PermissionError):
        return ""


SECRET_KEY = _secret_key()
DEBUG = False
HAS_TLS = bool(CONFIGURATION.certificate)
ALLOWED_HOSTS = CONFIGURATION.allowed_hosts

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "everprint.server.installation",
    "everprint.server.people",
    "everprint.server.audit_log",
    "everprint.server.accounts",
    "everprint.server.providers",
    "everprint.server.printers",
    "everprint.server.jobs",
    "everprint.server.release",
    "everprint.server.charging",
    "everprint.server.api",
    "everprint.server.quotas",
    "everprint.server.refunds",
    "everprint.server.rules",
    "everprint.server.topup",
    "everprint.server.directory",
    "everprint.server.oidc",
    "everprint.server.schedule",
    "everprint.server.reports",
    "everprint.server.mail",
    "everprint.server.notifications",
    "everprint.server.clusters",
    "everprint.server.pages",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "everprint.server.security.headers.security_headers",
    "everprint.server.security.hosts.known_host",
    "everprint.server.security.transport.HttpsOnly",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "everprint.server.api.bearer.BearerMiddleware",  # before the CSRF check, which a token has no need of
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "everprint.server.pages.language.PageLanguage",
    "everprint.server.access.guard.AccessMiddleware",
    "everprint.server.audit_log.edge.AuditMiddleware",
]

ROOT_URLCONF = "everprint.server.urls"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["django.templatetags.i18n"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "everprint.server.pages.navigation.navigation",
            ],
        },
    },
]

DATABASES = {"default": database_entry(CONFIGURATION.database, CONFIGURATION.state_path)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["everprint.server.people.backend.UserBackend"]
PASSWORD_HASHERS = ["everprint.server.people.hasher.PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"

LANGUAGE_CODE = "en-gb"
USE_I18N = True
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [Path(__file__).parent / "locale"]
USE_TZ = True
TIME_ZONE = CONFIGURATION.time_zone

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # nothing is uploaded
    "staticfiles": {"BACKEND": "everprint.server.static_files.VersionedFiles"},
}

SESSION_COOKIE_NAME = "everprint-session"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = HAS_TLS
CSRF_COOKIE_NAME = "everprint-csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SECURE = HAS_TLS
CSRF_FAILURE_VIEW = "everprint.server.pages.views.problems.stale_form"
CSRF_TRUSTED_ORIGINS = CONFIGURATION.trusted_origins

# Pages over plain HTTP are sent to HTTPS by security.transport, which knows our ports.
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HAS_TLS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# The bound of a whole request body is kept by security.body_limit, before Django reads it.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

LOGGING_CONFIG = None
