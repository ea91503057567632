"""The city's single sign-on by OpenID Connect: begins it, and checks what comes back (OpenID Connect Core 1.0)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

import jwt
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, override
from django.views.decorators.cache import never_cache
from requests import RequestException

View = Callable[[HttpRequest, str], HttpResponse]

CITY = "city"
CLAIMS = ("iss", "sub", "nonce", "preferred_username", "email", "email_verified")
"""All that is kept of what the provider tells."""

SIGNATURES = ["RS256", "PS256", "ES256", "EdDSA"]
"""Signatures by a private key alone: one that our own secret could make would prove nothing."""

CLOCKS_DIFFER = 60
"""Seconds by which the provider's clock may differ from ours."""


class CityAdapter(OpenIDConnectOAuth2Adapter):
    """Stricter than allauth: the signature is always checked, the issuer is the configured one, both answers speak of
    the same person, and that person is known by issuer and subject together."""

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        issuer = str(app.settings["server_url"]).rstrip("/")
        try:
            said = self._decode_id_token(app, kwargs["response"]["id_token"])
            told = self._fetch_user_info(token.token)
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            raise OAuth2Error("the provider's answer is not valid") from error
        if str(said["iss"]).rstrip("/") != issuer or told.get("sub") != said.get("sub"):
            raise OAuth2Error("the provider's answers speak of another issuer or another person")
        login = self.get_provider().sociallogin_from_response(request, {"userinfo": told})
        login.account.uid = hashlib.sha256(f"{issuer}\n{said['sub']}".encode()).hexdigest()
        login.account.extra_data = {name: value for name, value in {**told, **said}.items() if name in CLAIMS}
        return login

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        """What the identity token says, once its signature, issuer, audience and times hold; jwt.PyJWTError if not."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        named = jwt.get_unverified_header(id_token).get("kid")
        keys = [one for one in jwt.PyJWKSet.from_dict(answer.json()).keys if named in (None, one.key_id)]
        if not keys:
            raise jwt.InvalidKeyError("the provider publishes no key of this name")
        said: dict[str, Any] = jwt.decode(
            id_token,
            keys[0],
            algorithms=SIGNATURES,
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            leeway=CLOCKS_DIFFER,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
        return said

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """One address for both languages, so that the provider need know only one."""
        with override(settings.LANGUAGE_CODE):
            return str(super().get_callback_url(request, app))


def _answered(view: View) -> View:
    """A provider that cannot be reached, or answers nonsense, is told of on a page."""

    @wraps(view)
    def respond(request: HttpRequest, provider_id: str) -> HttpResponse:
        try:
            return view(request, provider_id)
        except (RequestException, KeyError, ValueError) as error:
            provider = _adapter(request, provider_id).get_provider()
            answer: HttpResponse = render_authentication_error(request, provider, exception=error)
            return answer

    return never_cache(respond)


@_answered
def start(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Goes to the provider. A page in between leaves: browsers let a form of ours end on no other host."""
    adapter = _adapter(request, provider_id)
    if request.method != "POST":
        return redirect("account_login")
    nonce = secrets.token_urlsafe(24)
    to = adapter.get_provider().redirect(
        request,
        process="login",
        next_url=get_next_redirect_url(request) or reverse("accounts:home"),
        data={"nonce": nonce, "language": get_language()},
        auth_params={"nonce": nonce},
    )
    if to.status_code != 302:
        return to
    response = render(request, "account/sso_leaving.html", {"address": to["Location"]})
    response["Refresh"] = f"0; url={to['Location']}"
    return response


@_answered
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Where the provider sends the person back to."""
    return OAuth2CallbackView.adapter_view(_adapter(request, provider_id))(request)


def _adapter(request: HttpRequest, provider_id: str) -> CityAdapter:
    if provider_id != CITY or not settings.SOCIALACCOUNT_PROVIDERS:
        raise Http404
    return CityAdapter(request, provider_id)
