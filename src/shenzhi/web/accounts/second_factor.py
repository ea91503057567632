"""Which roles count only for who signs in with a second factor (SHENZHI_SECOND_FACTOR), and whose wait for one."""

from __future__ import annotations

from dataclasses import replace

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest

from shenzhi.kernel.access.roles import ADMINISTERS, SUPERVISES, Reader

ADVISED = (*ADMINISTERS, *SUPERVISES)
"""The roles whose holders are advised to take one where it is not required: they reach other people, or all cases."""


def narrowed(request: HttpRequest, reader: Reader) -> Reader:
    """The reader without the roles that wait for a second factor; `withheld` names them.

    Where somebody comes by single sign-on, the second factor is the provider's matter. A program with a key is not asked:
    its key was made by a person who was."""
    waiting = {grant.role for grant in reader.grants} & {*settings.SECOND_FACTOR}
    if not waiting or has_codes(reader.account) or _by_single_sign_on(request):
        return reader
    return replace(
        reader,
        grants=tuple(grant for grant in reader.grants if grant.role not in waiting),
        withheld=tuple(sorted(waiting)),
    )


def has_codes(account: int | None) -> bool:
    """Whether the account is asked for a one-time code when it signs in."""
    return Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).exists()


def _by_single_sign_on(request: HttpRequest) -> bool:
    signed = [
        one for one in get_authentication_records(request, request.user) if not one.get("reauthenticated")
    ]
    return bool(signed) and signed[0].get("method") == "socialaccount"
