"""API keys: shown once, kept as a hash, narrowed to registers and to reading, ended by day, by hand, and with the account."""

from __future__ import annotations

import datetime as dt
import hashlib
import re

import pytest
from django.utils import timezone

from shenzhi.apps.people.models import Officer
from shenzhi.kernel import staff
from shenzhi.kernel.access import keys
from shenzhi.kernel.access.accounts import ApiKey, Membership, reader_of
from shenzhi.kernel.access.keys import reader_by_key
from shenzhi.kernel.access.roles import PLATFORM, Reader
from shenzhi.kernel.parties.models import District
from shenzhi.kernel.registers.writing import Invalid, NotAllowed, create, may_add

TODAY = timezone.localdate()


@pytest.fixture
def make(people):
    def made(name="chen", *, registers=("people_officer",), may_write=False, days=30):
        account = people[name]
        own = reader_of(account)
        return staff.make_key(
            account, "统计程序", by=own, registers=registers, may_write=may_write,
            expires_on=TODAY + dt.timedelta(days=days),
        )  # fmt: skip

    return made


def reader(text):
    return reader_by_key(f"Bearer {text}")


def test_a_key_acts_with_the_roles_of_its_account(make, people):
    key, text = make()
    known = reader(text)
    assert (known.account, known.key, known.may_write) == (people["chen"].pk, key.pk, False)
    assert known.grants == reader_of(people["chen"]).grants


def test_only_a_hash_of_256_random_bits_is_kept(make):
    key, text = make()
    mark, prefix, secret = text.split("_", 2)
    assert (mark, prefix, len(secret)) == ("shenzhi", key.prefix, 43)  # 32 bytes in base64 without padding
    assert key.hashed == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    "spoilt", ["", "Bearer", "Bearer x", "Basic {}", "Bearer {}x", "Bearer  shenzhi__", "{}"]
)
def test_what_is_not_the_key_opens_nothing(make, spoilt):
    _, text = make()
    assert reader_by_key(spoilt.format(text)) is None


def test_a_known_prefix_with_another_secret_opens_nothing(make):
    key, _ = make()
    assert reader(f"shenzhi_{key.prefix}_{'A' * 43}") is None


def test_a_key_ends_after_its_last_day(make):
    key, text = make(days=0)
    assert reader(text) is not None
    ApiKey.objects.filter(pk=key.pk).update(expires_on=TODAY - dt.timedelta(days=1))
    assert reader(text) is None


def test_a_revoked_key_opens_nothing_any_more(make, people):
    key, text = make()
    staff.revoke_key(key, by=reader_of(people["chen"]))
    assert reader(text) is None
    acts = [event.act for event in staff.history_of_account(people["chen"])]
    assert acts == ["opened", "given", "key_made", "key_revoked"]


def test_the_key_of_a_closed_account_opens_nothing(make, people):
    _, text = make()
    staff.close(people["chen"], by=PLATFORM)
    assert reader(text) is None


def test_a_role_that_ended_is_no_longer_the_keys(make, people):
    _, text = make()
    staff.end(Membership.objects.get(account=people["chen"]), by=PLATFORM)
    assert reader(text).grants == ()


def test_outside_its_registers_a_key_sees_what_the_public_sees(make, people):
    _, narrow = make()
    _, other = make(registers=("kernel_district",))
    _, every = make(registers=("*",))
    from shenzhi.kernel.registers.catalogue import register_of
    from shenzhi.kernel.registers.sight import ways

    names = [
        [way.name for way in ways(register_of(Officer), reader(text))] for text in (narrow, other, every)
    ]
    assert names == [["public", "handler"], ["public"], ["public", "handler"]]


def test_a_key_writes_only_where_it_may(make, people):
    from shenzhi.kernel.registers.catalogue import register_of

    officers = register_of(Officer)
    allowed = [
        may_add(officers, reader(make(registers=registers, may_write=write)[1]))
        for registers, write in (
            (("people_officer",), True),
            (("people_officer",), False),
            (("kernel_district",), True),
            (("*",), True),
        )
    ]
    assert allowed == [True, False, False, True]


def test_a_key_of_an_administrator_writes_registers_but_manages_no_accounts(make, people):
    _, text = make("ada", registers=("*",), may_write=True)
    made = create(District(code="990001", name="松风区"), by=reader(text))
    assert made.version == 1
    with pytest.raises(NotAllowed):
        staff.open_account("eve", by=reader(text))
    with pytest.raises(NotAllowed):
        staff.make_key(
            people["ada"], "x", by=reader(text), registers=("*",), may_write=True, expires_on=TODAY
        )


def test_use_is_noted_to_the_minute(make):
    key, text = make()
    assert ApiKey.objects.get(pk=key.pk).used_at is None
    reader(text)
    first = ApiKey.objects.get(pk=key.pk).used_at
    assert (timezone.now() - first).total_seconds() < 5
    reader(text)
    assert ApiKey.objects.get(pk=key.pk).used_at == first
    ApiKey.objects.filter(pk=key.pk).update(used_at=first - keys.USED_EVERY)
    reader(text)
    assert ApiKey.objects.get(pk=key.pk).used_at >= first


def test_a_key_needs_purpose_registers_and_an_end_within_a_year(people):
    with pytest.raises(Invalid) as refused:
        staff.make_key(
            people["chen"], " ", by=reader_of(people["chen"]), registers=(), may_write=False,
            expires_on=TODAY + dt.timedelta(days=367),
        )  # fmt: skip
    assert set(refused.value.faults) == {"title", "registers", "expires_on"}


def test_nobody_makes_a_key_for_another(people):
    for by in (reader_of(people["ada"]), PLATFORM, Reader()):
        with pytest.raises(NotAllowed):
            staff.make_key(people["chen"], "x", by=by, registers=("*",), may_write=True, expires_on=TODAY)


def test_the_page_shows_a_key_once_and_its_use_afterwards(as_, people):
    chen = as_("chen")
    given = {"title": "统计程序", "registers": ["people_officer"], "expires_on": str(TODAY)}
    page = chen.send("/account/keys/add/", given).content.decode()
    text = re.search(r'class="secret">([^<]+)<', page)[1]
    assert reader(text).account == people["chen"].pk
    later = chen.get("/account/").content.decode()
    assert ApiKey.objects.get().prefix in later
    assert text not in later
    assert (
        chen.send(f"/account/keys/{ApiKey.objects.get().pk}/revoke/")["Location"] == "/account/?done=revoked"
    )
    assert reader(text) is None


def test_a_key_of_another_cannot_be_revoked_and_looks_like_none(make, as_):
    key, text = make()
    assert as_("dora").send(f"/account/keys/{key.pk}/revoke/").status_code == 404
    assert reader(text) is not None


def test_the_api_answers_a_key_with_what_it_may_and_a_bad_one_with_401(make, client):
    _, text = make("ada", registers=("kernel_district",))
    for header, status in ((f"Bearer {text}", 200), (f"Bearer {text}x", 401)):
        assert client.get("/api/v1/districts/", headers={"Authorization": header}).status_code == status
