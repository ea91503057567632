"""The settings of the box: one city office on one machine, closed until opened.

What an office may set is read from the environment, and nothing else is needed:

    SHENZHI_HOME      folder for the lake, publications, database   (default: ./var)
    SHENZHI_HOSTS     names of the portal, comma-separated          (default: this machine only)
    SHENZHI_DATABASE  postgresql://user:password@host/name      (default: SQLite in SHENZHI_HOME)
    SHENZHI_SECRET    key for signing                               (default: made once, kept in SHENZHI_HOME)
    SHENZHI_DEBUG     1 shows errors in the browser; never on a public machine
"""

from __future__ import annotations

import os
import pkgutil
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from shenzhi.pipeline.lake.city import home

HOME = home()


def _secret() -> str:
    """The key given by the office, or one made at the first start and kept unreadable for others."""
    if given := os.environ.get("SHENZHI_SECRET"):
        return given
    path = HOME / "secret"
    if not path.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        made = os.open(path.with_suffix(f".{os.getpid()}"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(made, "w") as file:
            file.write(secrets.token_urlsafe(48))
        Path(path.with_suffix(f".{os.getpid()}")).replace(path)
    return path.read_text()


SECRET_KEY = _secret()
DEBUG = os.environ.get("SHENZHI_DEBUG") == "1"
ALLOWED_HOSTS = [name for name in os.environ.get("SHENZHI_HOSTS", "").split(",") if name] or [
    "127.0.0.1",
    "localhost",
    "[::1]",
]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "shenzhi.kernel",
    "shenzhi.web.portal",
    *(f"shenzhi.apps.{duty.name}" for duty in pkgutil.iter_modules([str(Path(__file__).parents[1] / "apps")])),
]
AUTH_USER_MODEL = "kernel.Account"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "shenzhi.config.headers.content_security_policy",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "shenzhi.config.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
WSGI_APPLICATION = "shenzhi.config.wsgi.application"


def _database() -> dict[str, Any]:
    """The office's PostgreSQL where one is named, else one file of SQLite in the box."""
    if not (given := os.environ.get("SHENZHI_DATABASE")):
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME / "shenzhi.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL",
            },
        }
    address = urlsplit(given)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(address.path.lstrip("/")),
        "USER": unquote(address.username or ""),
        "PASSWORD": unquote(address.password or ""),
        "HOST": unquote(address.hostname or ""),
        "PORT": str(address.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Chinese first: addresses without a prefix are Chinese, English stands under /en/.
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
