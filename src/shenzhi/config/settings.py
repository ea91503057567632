"""The settings of the box: one city office on one machine, closed until opened.

What an office may set is read from the environment, and nothing else is needed:

    SHENZHI_HOME      folder for the lake, publications, database   (default: ./var)
    SHENZHI_HOSTS     names of the portal, comma-separated          (default: this machine only)
    SHENZHI_DATABASE  postgresql://user:password@host/name      (default: SQLite in SHENZHI_HOME)
    SHENZHI_OFFICE    city whose office the box is: a folder of cities/     (default: model, a fictional one)
    SHENZHI_SECRET    key for signing                               (default: made once, kept in SHENZHI_HOME)
    SHENZHI_HTTPS     1 where the office serves https: cookies travel by https only; its proxy must set X-Forwarded-Proto
    SHENZHI_PROXIES   number of the office's own proxies that add to X-Forwarded-For     (default: 0)
    SHENZHI_SECOND_FACTOR  roles that count only with one-time codes, comma-separated, or none
                      (default: administrator in an office with https or PostgreSQL, else none)
    SHENZHI_RATES     how often one caller may ask: key=600/m,account=600/m,address=120/m,public=60/h, or none
    SHENZHI_IDLE      minutes without a request after which a person is signed out       (default: 30)
    SHENZHI_OIDC_ISSUER, SHENZHI_OIDC_CLIENT, SHENZHI_OIDC_SECRET
                      the city's single sign-on by OpenID Connect                        (default: none)
    SHENZHI_OIDC_CLAIM  what finds a prepared account: preferred_username or email       (default: preferred_username)
    SHENZHI_ADDRESS   where readers reach the box, for links in letters    (default: http://127.0.0.1:8000)
    SHENZHI_SMTP      smtp://user:password@host:port, always with TLS (STARTTLS) but on this machine itself;
                      smtps:// for TLS from the first byte                    (default: no e-mail is sent)
    SHENZHI_FROM      sender of letters                                       (default: noreply@ the host of the address)
    SHENZHI_DEBUG     1 shows errors in the browser; never on a public machine
"""

from __future__ import annotations

import os
import pkgutil
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from shenzhi.kernel.access.roles import ADMINISTERS, FOLLOWING, ROLES
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
    "shenzhi.web.accounts",
    "shenzhi.web.history",
    "shenzhi.web.inbox",
    "shenzhi.web.portal",
    "shenzhi.web.workbench",
    "shenzhi.web.registers",
    *(
        f"shenzhi.apps.{duty.name}"
        for duty in pkgutil.iter_modules([str(Path(__file__).parents[1] / "apps")])
    ),
    # "allauth" itself stays out, so that no page of its own look can ever be shown
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]
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
    "shenzhi.web.accounts.sessions.ends_when_idle",
    "allauth.account.middleware.AccountMiddleware",
    "shenzhi.config.limits.rate_limits",
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
# Counts of sign-in attempts and used one-time codes are shared by all processes, and adding to them must be one step:
# the database does that; files in a folder cannot, and memory is each process's own. The table is made with the others.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shenzhi_cache",
        "OPTIONS": {
            "MAX_ENTRIES": 200_000
        },  # or a flood of invented names would push out the counts of real ones
    }
}
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

# Who signs in, and how.
HTTPS = os.environ.get("SHENZHI_HTTPS") == "1"
AUTH_USER_MODEL = "kernel.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "email")},
    },
    {"NAME": "shenzhi.web.accounts.passwords.LongEnough", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 24 * 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "accounts:home"
SESSION_COOKIE_AGE = int(os.environ.get("SHENZHI_IDLE") or 30) * 60
SESSION_LONGEST = 12 * 3600  # signed in again once a working day, however busy
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("SHENZHI_PROXIES") or 0)
ACCOUNT_ADAPTER = "shenzhi.web.accounts.adapters.AccountAdapter"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_UNIQUE_EMAIL = (
    False  # an address is no name here, and to refuse a known one would tell that it is known
)
ACCOUNT_SESSION_REMEMBER = False  # a session ends with the browser: machines at a counter are shared
ACCOUNT_LOGOUT_REDIRECT_URL = "portal:home"
ACCOUNT_EMAIL_VERIFICATION = "optional" if os.environ.get("SHENZHI_SMTP") else "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_RATE_LIMITS = {
    # a whole office may stand behind one address: the lock is on the name, the address has room for a busy morning
    "login": "120/m/ip",
    "login_failed": "20/m/ip,5/15m/key",
    "signup": "20/h/ip",
    "reset_password": "20/m/ip,5/h/key",
}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60  # seconds for which a password given again opens sensitive steps
ACCOUNT_FORMS = {
    name: f"shenzhi.web.accounts.forms.{form}"
    for name, form in {
        "login": "SignIn",
        "signup": "SignUp",
        "change_password": "ChangePassword",
        "reset_password": "ResetPassword",
        "reset_password_from_key": "NewPassword",
        "reauthenticate": "Reauthenticate",
    }.items()
}


def second_factor(given: str, *, exposed: bool) -> tuple[str, ...]:
    """The roles that count only for who signs in with one-time codes; administrators where nothing is said and the office
    stands open to others than the person who tries the box out."""
    if not given:
        return ADMINISTERS if exposed else ()
    named = () if given == "none" else tuple(one.strip() for one in given.split(","))
    if unknown := [one for one in named if one not in ROLES or one in FOLLOWING]:
        known = ", ".join(one for one in ROLES if one not in FOLLOWING)
        raise ValueError(
            f"SHENZHI_SECOND_FACTOR：没有角色 {'、'.join(unknown)}，可写 {known} 或者 none；"
            f"there is no role {', '.join(unknown)}: write some of {known}, or none"
        )
    return named


SECOND_FACTOR = second_factor(
    os.environ.get("SHENZHI_SECOND_FACTOR", ""),
    exposed=HTTPS or bool(os.environ.get("SHENZHI_DATABASE")),
)
MFA_ADAPTER = "shenzhi.web.accounts.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 0  # a code counts once: with more tolerance it would outlive the note that it was used
MFA_TOTP_ISSUER = "Shenzhi"
MFA_ALLOW_UNVERIFIED_EMAIL = (
    True  # many an office has no mail server, and its clerks need the second factor most
)
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {
    "authenticate": "shenzhi.web.accounts.forms.GiveCode",
    "reauthenticate": "shenzhi.web.accounts.forms.GiveCodeAgain",
    "activate_totp": "shenzhi.web.accounts.forms.SwitchCodesOn",
}
SOCIALACCOUNT_ADAPTER = "shenzhi.web.accounts.adapters.SingleSignOnAdapter"
SINGLE_SIGN_ON_CLAIM = os.environ.get("SHENZHI_OIDC_CLAIM") or "preferred_username"


def single_sign_on(issuer: str, client: str, secret: str) -> dict[str, Any]:
    """The one provider that may sign people in; none where the office names no issuer."""
    if not issuer:
        return {}
    one = {"provider_id": "city", "name": "city", "client_id": client, "secret": secret}
    return {
        "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [{**one, "settings": {"server_url": issuer}}]}
    }


SOCIALACCOUNT_PROVIDERS = single_sign_on(
    *(os.environ.get(f"SHENZHI_OIDC_{name}", "") for name in ("ISSUER", "CLIENT", "SECRET"))
)


def rates(given: str) -> dict[str, tuple[int, int]]:
    """How many requests in how many seconds, by who asks: over the whole API a program with a key, a person who is signed
    in, or an address; and `public`, whoever writes without an account, by address (config/limits.py)."""
    if given == "none":
        return {}
    found = {"key": (600, 60), "account": (600, 60), "address": (120, 60), "public": (60, 3600)}
    for one in filter(None, given.split(",")):
        said = re.fullmatch(r"\s*(key|account|address|public)=(\d{1,6})/([mhd])\s*", one)
        if said is None:
            raise ValueError(
                f"SHENZHI_RATES：{one} 看不懂，应为 key、account、address 或 public，如 address=300/m（m 分、h 时、d 日）；"
                f"{one} cannot be read: write key, account, address or public, as in address=300/m (m minute, h hour, d day)"
            )
        found[said[1]] = (int(said[2]), {"m": 60, "h": 3600, "d": 86400}[said[3]])
    return found


RATES = rates(os.environ.get("SHENZHI_RATES", ""))

PUBLIC_ADDRESS = (os.environ.get("SHENZHI_ADDRESS") or "http://127.0.0.1:8000").rstrip("/")


def mail(given: str) -> dict[str, Any]:
    """Django's settings for the office's mail server; without one `EMAIL_HOST` is empty and no letter is written.

    A password or a letter crosses a network only under TLS, with the server's certificate checked."""
    address = urlsplit(given)
    wrapped, here = address.scheme == "smtps", address.hostname in ("127.0.0.1", "localhost", "::1")
    if given and (address.scheme not in ("smtp", "smtps") or not address.hostname):
        raise ValueError(
            "SHENZHI_SMTP: 应为 smtp://user:password@host:port; write smtp://user:password@host:port"
        )
    return {
        "EMAIL_HOST": address.hostname or "",
        "EMAIL_PORT": address.port or (465 if wrapped else 25 if here else 587),
        "EMAIL_HOST_USER": unquote(address.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(address.password or ""),
        "EMAIL_USE_SSL": wrapped,
        "EMAIL_USE_TLS": bool(given) and not wrapped and not here,
        "EMAIL_TIMEOUT": 30,
    }


globals().update(mail(os.environ.get("SHENZHI_SMTP", "")))
DEFAULT_FROM_EMAIL = os.environ.get("SHENZHI_FROM") or f"noreply@{urlsplit(PUBLIC_ADDRESS).hostname}"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "shenzhi.config.logs.OneLine"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
