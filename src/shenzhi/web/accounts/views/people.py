"""The office's people: accounts, the roles they hold, links to set a password, and what administrators did (article 8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from shenzhi.kernel import staff
from shenzhi.kernel.access.accounts import Account, ApiKey, Membership
from shenzhi.kernel.access.requests import reader_for
from shenzhi.kernel.access.roles import ROLES, Reader
from shenzhi.kernel.registers.writing import Invalid, Refused
from shenzhi.kernel.words import Words
from shenzhi.web.accounts.office_forms import PersonForm, RoleForm, with_faults
from shenzhi.web.accounts.second_factor import has_codes
from shenzhi.web.accounts.views.gates import administrators, sensitive
from shenzhi.web.accounts.views.own import crumbs, keys_told, roles_told

PEOPLE = Words("人员与角色", "People and roles")
SHOWN = 50
EVENTS = 50


@administrators
def people(request: HttpRequest) -> HttpResponse:
    """`/account/people/?q=...&page=...`: every account by user name, with its roles of today."""
    text = request.GET.get("q", "").strip()[:80]
    found = Paginator(staff.accounts_found(text), SHOWN).get_page(request.GET.get("page"))
    accounts = list(found)
    roles = _roles_of(accounts)
    return render(
        request,
        "accounts/people.html",
        {
            "rows": [(one, roles.get(one.pk, [])) for one in accounts],
            "page": found,
            "query": text,
            "kept": urlencode({"q": text}),
            "crumbs": crumbs(),
        },
    )


@administrators
@sensitive
def add(request: HttpRequest) -> HttpResponse:
    """`/account/people/add/`: opens an account and gives the link with which its person sets a password."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = staff.open_account(by=reader_for(request), **form.cleaned_data)
        except Refused as refused:
            with_faults(form, refused)
        else:
            return _linked(request, made)
    return render(
        request, "accounts/add_person.html", {"form": form, "crumbs": crumbs((PEOPLE, "accounts:people"))}
    )


@administrators
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """`/account/people/<key>/`: one account, its roles, keys and history."""
    return _page(request, get_object_or_404(Account, pk=pk), RoleForm())


@administrators
@sensitive
@require_POST
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """What an administrator does to an account: one of ACTS."""
    account = get_object_or_404(Account, pk=pk)
    if act not in ACTS:
        raise Http404
    try:
        answer = ACTS[act](request, account, reader_for(request))
    except Refused as refused:
        return _page(request, account, RoleForm(), refused)
    return answer or redirect("accounts:person", pk=pk)


def _give(request: HttpRequest, account: Account, by: Reader) -> HttpResponse | None:
    form = RoleForm(request.POST)
    if form.is_valid():
        try:
            staff.give(account, by=by, **form.cleaned_data)
        except Invalid as invalid:
            with_faults(form, invalid)
        else:
            return None
    return _page(request, account, form, status=Invalid.status)


def _end(request: HttpRequest, account: Account, by: Reader) -> None:
    staff.end(get_object_or_404(Membership, pk=_key(request), account=account), by=by)


def _close(request: HttpRequest, account: Account, by: Reader) -> None:
    staff.close(account, by=by)


def _reopen(request: HttpRequest, account: Account, by: Reader) -> None:
    staff.reopen(account, by=by)


def _link(request: HttpRequest, account: Account, by: Reader) -> HttpResponse:
    staff.note(account, "password_link", by=by)
    return _linked(request, account)


def _factor(request: HttpRequest, account: Account, by: Reader) -> None:
    Authenticator.objects.filter(user=account).delete()
    staff.note(account, "factor_removed", by=by)


def _revoke(request: HttpRequest, account: Account, by: Reader) -> None:
    staff.revoke_key(get_object_or_404(ApiKey, pk=_key(request), account=account), by=by)


ACTS: dict[str, Callable[[HttpRequest, Account, Reader], HttpResponse | None]] = {
    "give": _give,
    "end": _end,
    "close": _close,
    "reopen": _reopen,
    "link": _link,
    "factor": _factor,
    "revoke": _revoke,
}


def _key(request: HttpRequest) -> int:
    given = request.POST.get("key", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0


def _linked(request: HttpRequest, account: Account) -> HttpResponse:
    """The page with the link, which holds for a day and until a password is set; nobody can see it again."""
    key = f"{user_pk_to_url_str(account)}-{default_token_generator.make_token(account)}"
    uid, _, token = key.partition("-")
    address = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
    return render(
        request,
        "accounts/link.html",
        {
            "account": account,
            "address": request.build_absolute_uri(address),
            "crumbs": crumbs((PEOPLE, "accounts:people")),
        },
    )


def _page(
    request: HttpRequest,
    account: Account,
    form: RoleForm,
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of an account; with why a step was refused, and then with the status of that refusal."""
    today = timezone.localdate()
    past = account.memberships.filter(valid_to__lt=today).select_related(
        "department", "district", "organisation"
    )
    events = staff.history_of_account(account).order_by("-version")[:EVENTS]
    return render(
        request,
        "accounts/person.html",
        {
            "account": Account.objects.get(pk=account.pk),
            "own": reader_for(request).account == account.pk,
            "roles": roles_told(account),
            "coming": [(ROLES[one.role], one) for one in account.memberships.filter(valid_from__gt=today)],
            "past": [(ROLES[one.role], one) for one in past.order_by("-valid_to")],
            "keys": keys_told(account),
            "codes": has_codes(account.pk),
            "single_sign_on": SocialAccount.objects.filter(user=account).exists(),
            "events": [_event_told(one) for one in events],
            "form": form,
            "refusal": refused.why if refused is not None else None,
            "crumbs": crumbs((PEOPLE, "accounts:people")),
        },
        status=refused.status if refused is not None else status,
    )


def _event_told(event: Any) -> dict[str, Any]:
    """An event of an account in words: what was done, by whom, when, and about which role or key."""
    told = event.told
    about = {**told.get("before", {}), **told.get("after", {})}
    return {
        "title": staff.ACTS.get(event.act, Words(event.act, event.act)),
        "at": event.moment,
        "by": event.doer,
        "role": ROLES.get(about.get("role", "")),
        "detail": about.get("prefix") or "",
    }


def _roles_of(accounts: list[Account]) -> dict[int, list[Words]]:
    """The roles of today of many accounts, with one query."""
    today = timezone.localdate()
    held = Membership.objects.filter(account__in=accounts, valid_from__lte=today).exclude(valid_to__lt=today)
    found: dict[int, list[Words]] = {}
    for one in held.order_by("id"):
        words = ROLES[one.role]
        if words not in found.setdefault(one.account_id, []):
            found[one.account_id].append(words)
    return found
