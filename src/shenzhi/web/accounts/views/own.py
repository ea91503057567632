"""One's own account: who I am, which roles I hold and where, my organisations, my second factor and my keys."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from shenzhi.kernel import staff
from shenzhi.kernel.access.accounts import Account, ApiKey, Membership, held_on
from shenzhi.kernel.access.keys import EVERY, valid
from shenzhi.kernel.access.requests import reader_for
from shenzhi.kernel.access.roles import ROLES
from shenzhi.kernel.parties.models import Organisation, organisations_of
from shenzhi.kernel.registers.catalogue import register_coded
from shenzhi.kernel.registers.writing import Refused
from shenzhi.kernel.words import Words
from shenzhi.web.accounts.office_forms import DetailsForm, KeyForm, MemberForm, with_faults
from shenzhi.web.accounts.second_factor import ADVISED, has_codes
from shenzhi.web.accounts.views.gates import may_audit, sensitive, signed_in

CRUMB = Words("我的账号", "My account")
DONE = {
    "password": Words(
        "密码已修改，其他设备上的登录已失效。", "The password is changed; other devices are signed out."
    ),
    "details": Words("资料已保存。", "Your details are saved."),
    "revoked": Words("密钥已撤销。", "The key is revoked."),
}


def account_of(request: HttpRequest) -> Account:
    """The account that is signed in; for views behind a gate."""
    if not isinstance(request.user, Account):
        raise Http404
    return request.user


def crumbs(*more: tuple[Words, str]) -> list[dict[str, Any]]:
    """The way back from a page below /account/; `more` are words and URL names in between."""
    return [{"title": words, "href": reverse(name)} for words, name in ((CRUMB, "accounts:home"), *more)]


def roles_told(account: Account) -> list[tuple[Words, Membership]]:
    """The roles that the account holds today, each with where it counts."""
    held = held_on(account, timezone.localdate()).select_related("department", "district", "organisation")
    return [(ROLES[one.role], one) for one in held]


def keys_told(account: Account) -> list[dict[str, Any]]:
    """The account's keys, the newest first, with the registers by their titles."""
    today = timezone.localdate()
    return [
        {
            "key": one,
            "valid": valid(one, today),
            "every": EVERY in one.registers,
            "registers": [found.title for code in one.registers if (found := register_coded(code))],
        }
        for one in account.api_keys.order_by("-id")
    ]


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """`/account/`: who I am and what I may do."""
    account, reader = account_of(request), reader_for(request)
    return render(
        request,
        "accounts/home.html",
        {
            "account": account,
            "done": DONE.get(request.GET.get("done", "")),
            "roles": roles_told(account),
            "organisations": organisations_of(reader).order_by("name"),
            "codes": (codes := has_codes(account.pk)),
            "withheld": [ROLES[role] for role in reader.withheld],
            "advised": not codes and bool(reader.roles() & {*ADVISED}),
            "single_sign_on": SocialAccount.objects.filter(user=account).exists(),
            "keys": keys_told(account),
            "administers": staff.may_administer(reader),
            "audits": may_audit(reader),
        },
    )


@signed_in
@sensitive
def details(request: HttpRequest) -> HttpResponse:
    """`/account/details/`: name, e-mail and language; asks for the password again, since mail resets passwords."""
    account = account_of(request)
    form = DetailsForm(request.POST or None, instance=Account.objects.get(pk=account.pk))
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("name", "email", "language")}
        if staff.change_details(account, by=reader_for(request), **given):
            EmailAddress.objects.filter(user=account).delete()  # the old mailbox must reset nothing any more
        return redirect(reverse("accounts:home") + "?done=details")
    return render(request, "accounts/details.html", {"form": form, "crumbs": crumbs()})


@signed_in
@sensitive
def add_key(request: HttpRequest) -> HttpResponse:
    """`/account/keys/add/`: makes a key and shows it, once."""
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            key, text = staff.make_key(account_of(request), by=reader_for(request), **form.cleaned_data)
        except Refused as refused:
            with_faults(form, refused)
        else:
            return render(request, "accounts/key.html", {"key": key, "text": text, "crumbs": crumbs()})
    return render(request, "accounts/add_key.html", {"form": form, "crumbs": crumbs()})


@signed_in
@require_POST
def revoke_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends a key of one's own."""
    key = get_object_or_404(ApiKey, pk=pk, account=account_of(request))
    staff.revoke_key(key, by=reader_for(request))
    return redirect(reverse("accounts:home") + "?done=revoked")


@signed_in
@sensitive
def organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """`/account/organisations/<key>/`: who acts for my organisation; a member brings others in and lets them go."""
    reader = reader_for(request)
    one: Organisation = get_object_or_404(organisations_of(reader), pk=pk)
    form, refusal, status = MemberForm(request.POST if "username" in request.POST else None), None, 200
    here = HttpResponseRedirect(reverse("accounts:organisation", args=[pk]))
    held = Membership.objects.filter(organisation=one, role="member").select_related("account").order_by("id")
    try:
        if "end" in request.POST:
            staff.end(get_object_or_404(held, pk=_whole(request.POST["end"])), by=reader)
            return here
        if form.is_valid():
            staff.give(form.cleaned_data["username"], "member", by=reader, organisation=one)
            return here
    except Refused as refused:
        refusal, status = refused.why, refused.status
    today = timezone.localdate()
    return render(
        request,
        "accounts/organisation.html",
        {
            "organisation": one,
            "members": [each for each in held if each.valid_to is None or each.valid_to >= today],
            "form": form,
            "refusal": refusal,
            "crumbs": crumbs(),
        },
        status=status,
    )


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
