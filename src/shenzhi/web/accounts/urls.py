"""Addresses below /account/: signing in (names as allauth calls them), the own account, people, reads of personal data."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.socialaccount import views as social
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from shenzhi.web.accounts import sso
from shenzhi.web.accounts.views import own, people, reads

HOME = RedirectView.as_view(pattern_name="accounts:home")

OURS = (
    [
        path("", own.home, name="home"),
        path("details/", own.details, name="details"),
        path("keys/add/", own.add_key, name="add_key"),
        path("keys/<int:pk>/revoke/", own.revoke_key, name="revoke_key"),
        path("organisations/<int:pk>/", own.organisation, name="organisation"),
        path("people/", people.people, name="people"),
        path("people/add/", people.add, name="add_person"),
        path("people/<int:pk>/", people.person, name="person"),
        path("people/<int:pk>/<slug:act>/", people.act, name="act"),
        path("reads/", reads.reads, name="reads"),
    ],
    "accounts",
)

urlpatterns = [
    path("", include(OURS)),
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("signup/", account.signup, name="account_signup"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("confirm-email/", account.email_verification_sent, name="account_email_verification_sent"),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", account.confirm_email, name="account_confirm_email"),
    path("password/change/", account.password_change, name="account_change_password"),
    # an account without a password signs in by single sign-on, and has none to set
    path("password/set/", HOME, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("codes/", HOME, name="mfa_index"),
    path("codes/give/", factor.authenticate, name="mfa_authenticate"),
    path("codes/give-again/", factor.reauthenticate, name="mfa_reauthenticate"),
    path("codes/on/", totp.activate_totp, name="mfa_activate_totp"),
    path("codes/off/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("codes/recovery/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("codes/recovery/new/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("sso/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("sso/<slug:provider_id>/", sso.start, name="openid_connect_login"),
    path("sso/<slug:provider_id>/callback/", sso.callback, name="openid_connect_callback"),
]
