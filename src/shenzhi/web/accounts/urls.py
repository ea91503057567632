"""Addresses below /account/: signing in (names as allauth calls them), the own account, people, reads of personal data."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.socialaccount import views as social
from django.urls import include, path, re_path
from django.views.decorators.cache import never_cache
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

# what stands here is one person's: recovery codes, a secret, a name; no browser and no proxy keeps it
urlpatterns = [
    path("", include(OURS)),
    path("login/", never_cache(account.login), name="account_login"),
    path("logout/", never_cache(account.logout), name="account_logout"),
    path("signup/", never_cache(account.signup), name="account_signup"),
    path("inactive/", never_cache(account.account_inactive), name="account_inactive"),
    path("reauthenticate/", never_cache(account.reauthenticate), name="account_reauthenticate"),
    path(
        "confirm-email/", never_cache(account.email_verification_sent), name="account_email_verification_sent"
    ),
    re_path(
        r"^confirm-email/(?P<key>[-:\w]+)/$", never_cache(account.confirm_email), name="account_confirm_email"
    ),
    path("password/change/", never_cache(account.password_change), name="account_change_password"),
    # an account without a password signs in by single sign-on, and has none to set
    path("password/set/", HOME, name="account_set_password"),
    path("password/reset/", never_cache(account.password_reset), name="account_reset_password"),
    path(
        "password/reset/done/", never_cache(account.password_reset_done), name="account_reset_password_done"
    ),
    path(
        "password/reset/key/done/",
        never_cache(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        never_cache(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("codes/", HOME, name="mfa_index"),
    path("codes/give/", never_cache(factor.authenticate), name="mfa_authenticate"),
    path("codes/give-again/", never_cache(factor.reauthenticate), name="mfa_reauthenticate"),
    path("codes/on/", never_cache(totp.activate_totp), name="mfa_activate_totp"),
    path("codes/off/", never_cache(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("codes/recovery/", never_cache(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "codes/recovery/new/",
        never_cache(recovery.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("sso/cancelled/", never_cache(social.login_cancelled), name="socialaccount_login_cancelled"),
    path("sso/<slug:provider_id>/", sso.start, name="openid_connect_login"),
    path("sso/<slug:provider_id>/callback/", sso.callback, name="openid_connect_callback"),
]
