"""The forms of signing in, in our words: allauth's own, with labels in both languages and nothing else changed."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as factor
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.core.exceptions import ValidationError

from shenzhi.kernel.labels import label
from shenzhi.kernel.notices.outbox import mails
from shenzhi.web.accounts.adapters import AccountAdapter

LABELS = {
    "login": label("登录名", "User name"),
    "username": label("登录名", "User name"),
    "email": label("电子邮箱", "E-mail"),
    "oldpassword": label("现用密码", "Current password"),
    "password": label("密码", "Password"),
    "password1": label("新密码", "New password"),
    "password2": label("再输入一次新密码", "New password again"),
    "code": label("动态口令", "One-time code"),
}
PASSWORD_HELP = label(
    "至少 12 个字符；一句好记的话比复杂的符号更安全。",
    "At least 12 characters; a sentence that you can remember is safer than odd signs.",
)
DIFFER = label("两次输入的密码不一致，请重新输入。", "The two passwords differ: type them again.")


class Spoken:
    """Gives every field its label in both languages, and takes away what only repeats it."""

    labels: dict[str, Any] = {}
    helps: dict[str, Any] = {"password1": PASSWORD_HELP}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            field.label = {**LABELS, **self.labels}[name]
            field.help_text = self.helps.get(name, "")
            field.widget.attrs.pop("placeholder", None)

    def add_error(self, field: str | None, error: Any) -> None:
        # the one message that allauth adds as a plain text is that two passwords differ
        plain = field == "password2" and not isinstance(error, ValidationError)
        super().add_error(field, DIFFER if plain else error)  # type: ignore[misc]


class SignIn(Spoken, account.LoginForm):
    @property
    def single_sign_on(self) -> bool:
        return bool(settings.SOCIALACCOUNT_PROVIDERS)


class SignUp(Spoken, account.SignupForm):
    labels = {
        "email": label("电子邮箱（选填）", "E-mail (optional)"),
        "password1": label("密码", "Password"),
        "password2": label("再输入一次密码", "Password again"),
    }
    helps = {
        **Spoken.helps,
        "username": label(
            "文字、数字和 . _ @ + -，不分大小写。",
            "Letters, digits and . _ @ + -; capitals make no difference.",
        ),
        "email": label("用于找回密码和接收通知。", "For a forgotten password and for notices."),
    }


class ChangePassword(Spoken, account.ChangePasswordForm):
    pass


class ResetPassword(Spoken, account.ResetPasswordForm):
    @property
    def mails(self) -> bool:
        return mails()


class NewPassword(Spoken, account.ResetPasswordKeyForm):
    pass


class Reauthenticate(Spoken, account.ReauthenticateForm):
    pass


class GiveCode(Spoken, factor.AuthenticateForm):
    helps = {
        "code": label(
            "手机应用上的六位数字，或者一个恢复码。", "The six digits of your app, or a recovery code."
        )
    }


class GiveCodeAgain(Spoken, factor.ReauthenticateForm):
    helps = GiveCode.helps


class SwitchCodesOn(Spoken, totp.ActivateTOTPForm):
    helps = {"code": label("应用现在显示的六位数字。", "The six digits that the app shows now.")}

    def clean_code(self) -> str:
        code = str(super().clean_code())
        # the code that switches them on is spent as well: whoever looked on must not sign in with it
        if not TOTP(Authenticator(user=self.user))._mark_code_used(code):
            raise ValidationError(AccountAdapter.error_messages["incorrect_code"])
        return code
