"""The fictional office: its cases come about through the verbs, in the order of time, and the same every time."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter

import pytest
from click.testing import CliRunner
from django.utils import timezone

from shenzhi.apps.plans.models import Plan
from shenzhi.calc.calendar.clocks import Lamp
from shenzhi.calc.codes import uscc
from shenzhi.kernel.access.accounts import Account
from shenzhi.kernel.cases.objections import open_to_objections, opposed
from shenzhi.kernel.clocks.models import ClockRun
from shenzhi.kernel.clocks.running import book
from shenzhi.kernel.history.events import Event
from shenzhi.kernel.model_office import live, play
from shenzhi.kernel.office import office
from shenzhi.kernel.parties.models import Organisation
from shenzhi.kernel.registers.catalogue import registers
from shenzhi.kernel.seeding import seed_office

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def quiet(*_):
    """Nobody watches."""


def a_story(told, name, *hours):
    for hour in hours:
        yield NOON + dt.timedelta(hours=hour)
        told.append(f"{name}{hour}")


def test_stories_are_told_together_in_the_order_of_time_and_end_now():
    told = []
    steps = play([a_story(told, "a", 1, 4, 9), a_story(told, "b", 2, 3)], NOON + dt.timedelta(hours=5), quiet)
    assert (told, steps) == (["a1", "b2", "b3", "a4"], 4)


def test_a_story_cannot_step_back_in_time():
    with pytest.raises(ValueError, match="time only goes on"):
        play([a_story([], "a", 2, 1)], NOON + dt.timedelta(hours=5), quiet)


@pytest.mark.slow
def test_the_model_office_lives(db, monkeypatch):
    monkeypatch.delenv("SHENZHI_OFFICE", raising=False)
    today = timezone.localdate()
    seed_office(office(), progress=quiet)
    assert live(office(), today=today, progress=quiet) > 1000

    codes = list(Organisation.objects.values_list("code", flat=True))
    assert len(codes) == 300
    assert all(uscc.is_valid(code) for code in codes)
    assert {code[2:4] for code in codes} == {"99"}  # no real region begins so

    filled = {one.slug: one.model._default_manager.count() for one in registers()}
    assert filled["officers"] == 150
    assert (
        min(
            filled[slug]
            for slug in ("events", "services", "courses", "tasks", "status-reports", "task-decisions")
        )
        > 10
    )
    officers = next(one for one in registers() if one.slug == "officers").model
    assert len(set(officers.objects.values_list("state", flat=True))) >= 5

    lamps = Counter(book().read(run, today).lamp for run in ClockRun.objects.all())
    assert {Lamp.RED, Lamp.PAUSED, Lamp.DONE} <= set(lamps)
    assert lamps[Lamp.GREEN] + lamps[Lamp.YELLOW] > 0
    # nothing has happened that lies in the future, and the events of each record follow one another in time
    assert Event.objects.order_by("-at").values_list("at", flat=True).first() <= timezone.now().isoformat()
    last: dict[tuple[str, int], str] = {}
    for register, record, at in Event.objects.order_by("register", "record", "version").values_list(
        "register", "record", "at"
    ):
        assert last.get((register, record), "") <= at
        last[register, record] = at

    # one plan is being announced, anybody may object, and somebody has
    (announced,) = Plan.objects.filter(state="announced")
    assert (open_to_objections(announced), opposed(announced)) == (True, True)

    # once more: nothing is told twice
    events = Event.objects.count()
    assert live(office(), today=today, progress=quiet) == 0
    assert Event.objects.count() == events

    # nobody can sign in until the demo accounts are opened, and then with these passwords alone
    assert not any(one.has_usable_password() for one in Account.objects.all())
    from shenzhi.config.commands.office import office as command

    printed = CliRunner().invoke(command, ["demo"]).output.splitlines()
    opened = {line.split()[0]: line.split()[1] for line in printed[:-1]}
    assert len(opened) == 10
    assert Account.objects.get(username="clerk").check_password(opened["clerk"])
    assert Account.objects.filter(username="firm2").get().has_usable_password() is False


def test_a_real_office_has_no_demo_accounts_and_nothing_made_up(db, monkeypatch):
    monkeypatch.setenv("SHENZHI_OFFICE", "shenzhen")
    with pytest.raises(ValueError, match="real office"):
        live(office(), today=dt.date(2026, 3, 2), progress=quiet)
    from shenzhi.config.commands.office import office as command

    refused = CliRunner().invoke(command, ["demo"])
    assert refused.exit_code == 1
    assert "has no demo accounts" in refused.output


def test_chance_is_the_same_every_time_and_apart_for_each_kind():
    from shenzhi.kernel.model_office import Town

    town = Town(office(), dt.date(2026, 3, 2))
    assert town.chance("people").random() == town.chance("people").random()
    assert town.chance("people").random() != town.chance("plans").random()
    assert isinstance(town.chance("people"), random.Random)
