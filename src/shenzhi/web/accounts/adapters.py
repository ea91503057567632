"""What our office says and refuses where allauth asks: names, words, safe addresses, mail, and who comes by single sign-on."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from base64 import b64decode, b64encode
from threading import Thread
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import activate, get_language

from shenzhi.kernel import staff
from shenzhi.kernel.access.accounts import Account
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.labels import label
from shenzhi.kernel.notices.outbox import mails
from shenzhi.kernel.words import Words

log = logging.getLogger("shenzhi.access")


class AccountAdapter(DefaultAccountAdapter):
    """Accounts with a user name and a password."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": label("这个账号已停用。", "This account is closed."),
        "enter_current_password": label(
            "现用密码不对，请重新输入。", "That is not the current password: type it again."
        ),
        "incorrect_code": label(
            "动态口令不对，或者已经用过：请等下一个。",
            "The code is not right, or was used already: wait for the next one.",
        ),
        "incorrect_password": label("密码不对，请重新输入。", "That is not the password: type it again."),
        "invalid_password_reset": label("这个链接已失效。", "This link holds no longer."),
        "too_many_login_attempts": label(
            "尝试次数过多，暂时不能登录：请 15 分钟后再试，或者联系管理员。",
            "Too many attempts: wait 15 minutes and try again, or ask an administrator.",
        ),
        "username_password_mismatch": label(
            "登录名或者密码不对：请检查大小写和输入法后再试。",
            "User name or password is not right: check capitals and keyboard, and try again.",
        ),
        "username_blacklisted": label(
            "这个登录名不能使用，请换一个。", "This user name cannot be used: choose another."
        ),
        "username_taken": label("这个登录名已被使用，请换一个。", "This user name is taken: choose another."),
        "rate_limited": label("操作过于频繁，请稍后再试。", "Too many requests: wait a little."),
    }

    def clean_username(self, username: str, shallow: bool = False) -> str:
        return str(super().clean_username(Account.normalize_username(username), shallow))

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user.language = "en" if (get_language() or "").startswith("en") else "zh-hans"
        with transaction.atomic():
            made = super().save_user(request, user, form, commit)
            if commit:
                staff.note(
                    made, "signed_up", by=Reader(made.pk, str(made)), after={"username": made.username}
                )
        return made

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            log.warning(
                "sign-in locked for %s from %s", credentials.get("username"), self.get_client_ip(request)
            )
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        log.warning("sign-in failed for %s from %s", credentials.get("username"), self.get_client_ip(request))

    def is_safe_url(self, url: str | None) -> bool:
        """Only an address of this portal, from its root: nothing else is ever gone to after signing in or out."""
        return (
            bool(url)
            and str(url).startswith("/")
            and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
        )

    def add_message(self, *_: Any, **__: Any) -> None:
        """Our pages say themselves what has happened."""

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:home") + "?done=password"

    def format_email_subject(self, subject: str) -> str:
        return str(subject)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Sends beside the answer: its time must not tell whether an address is known, nor a lost server break a page."""
        if mails():
            message = self.render_mail(
                template_prefix, email, {"request": self.request, "email": email, **context}
            )
            Thread(target=_send, args=(message,), daemon=True).start()


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except OSError:  # SMTPException is one
        log.exception("a letter about an account was not sent")


class FactorAdapter(DefaultMFAAdapter):
    """One-time codes: their secrets lie encrypted in the database, under a key that lies elsewhere."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
    }

    def get_totp_label(self, user: Any) -> str:
        return str(user.username)

    def encrypt(self, text: str) -> str:
        nonce = secrets.token_bytes(12)
        return b64encode(nonce + _box().encrypt(nonce, text.encode(), None)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        kept = b64decode(encrypted_text)
        return _box().decrypt(kept[:12], kept[12:], None).decode()


def _box() -> AESGCM:
    return AESGCM(hashlib.sha256(f"one-time codes {settings.SECRET_KEY}".encode()).digest())


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Who comes from the city's single sign-on: only a person for whom an administrator opened an account."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Let the person in, or answer with the reason and the way out. Nobody gets an account or a role by this."""
        claims, asked = sociallogin.account.extra_data, sociallogin.state.get("data") or {}
        activate(asked.get("language") or settings.LANGUAGE_CODE)  # the way back has one address for both
        if not hmac.compare_digest(str(claims.get("nonce")), str(asked.get("nonce"))):
            raise _refused(request, claims, NOT_OURS)
        if sociallogin.is_existing:
            return
        account = prepared_for(claims)
        if account is None:
            raise _refused(request, claims, NOT_PREPARED)
        if SocialAccount.objects.filter(user_id=account.pk).exists():
            raise _refused(request, claims, TAKEN)
        with transaction.atomic():
            sociallogin.connect(request, account)
            staff.note(account, "sso_joined", by=Reader(account.pk, str(account)))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def on_authentication_error(self, request: HttpRequest, provider: Any, **found: Any) -> None:
        log.warning("single sign-on failed: %s %s", found.get("error"), found.get("exception"))


NOT_OURS = Words(
    "这次认证不是由本页面发起的：请回到登录页重新开始。",
    "This sign-in was not started here: go back to the sign-in page and begin again.",
)
NOT_PREPARED = Words(
    "您已通过统一身份认证，但管理员还没有为您开设账号：请联系本单位管理员，并告知您的统一认证用户名。",
    "Your single sign-on is valid, but no account was opened for you here: ask an administrator, and give your user name.",
)
TAKEN = Words(
    "为您开设的账号已关联另一个身份：请联系管理员核实。",
    "The account opened for you is joined to another identity: ask an administrator to look into it.",
)


def prepared_for(claims: dict[str, Any]) -> Account | None:
    """The one account that an administrator prepared for the person with these claims; by e-mail only where the
    provider has verified it."""
    claim = settings.SINGLE_SIGN_ON_CLAIM
    given = str(claims.get(claim) or "")
    if not given or (claim == "email" and claims.get("email_verified") is not True):
        return None
    by = {"email__iexact": given} if claim == "email" else {"username": Account.normalize_username(given)}
    found = list(Account.objects.filter(prepared=True, is_active=True, **by)[:2])
    return found[0] if len(found) == 1 else None


def _refused(request: HttpRequest, claims: dict[str, Any], why: Words) -> ImmediateHttpResponse:
    log.warning("single sign-on refused for %s", claims.get("sub"))
    return ImmediateHttpResponse(render(request, "account/sso_refused.html", {"why": why}, status=403))
