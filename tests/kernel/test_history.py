"""History proves itself: a chain that names what was touched, heads, guards, and records that agree with their events."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json

import pytest
from django.db import IntegrityError, connection, transaction

from shenzhi.apps.people.models import Officer
from shenzhi.calc.masks import mask
from shenzhi.kernel.access.roles import PLATFORM, PUBLIC
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.guards import wanted
from shenzhi.kernel.history import heads
from shenzhi.kernel.history.events import (
    CONTENT,
    FIRST,
    Draft,
    Event,
    Lane,
    Stamp,
    append,
    canonical,
    content,
    digest,
    now,
    stamp,
)
from shenzhi.kernel.history.seals import ERASED, Seal
from shenzhi.kernel.parties.models import District, Organisation
from shenzhi.kernel.procedures.declaration import Ask, Move, Procedure, State, faults
from shenzhi.kernel.registers import catalogue
from shenzhi.kernel.registers.erasing import erase
from shenzhi.kernel.registers.receipts import Receipt
from shenzhi.kernel.registers.showing import answers, doer_of
from shenzhi.kernel.registers.writing import Invalid, NotAllowed, change, create, history_of, values_of
from shenzhi.kernel.verifying import verify


def an_officer(office, **more):
    return Officer(
        organisation=office.firm, name="张三", phone="13800001111", appointed_on=dt.date(2026, 1, 5),
        department=office.quality, district=office.pine, **more,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def own_home(settings, tmp_path):
    """Heads are written beside the database: each test has its own place for them."""
    settings.HOME = tmp_path


@pytest.fixture
def listed(office):
    case = file(an_officer(office), by=office.member)
    case = fire(case, "return", by=office.clerk, data={"reason": "培训证明不清"})
    case = fire(case, "supplement", by=office.member, data={"training": "六西格玛"})
    return fire(case, "list", by=office.reviewer)


def behind_the_guards(*statements: str) -> None:
    """What somebody does who owns the database: drop the triggers, write, set them again as they were."""
    guards = wanted()
    with connection.cursor() as cursor:
        for guard in guards:
            on = f" ON {guard.table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {guard.name}{on}")
        for statement in statements:
            cursor.execute(statement)
        for guard in guards:
            for statement in guard.statements(connection.vendor):
                cursor.execute(statement)


def told(**options):
    return [(fault.kind, fault.place) for fault in verify(processes=1, **options).faults]


def place(event: Event) -> str:
    return f"lane {event.lane} seq {event.seq} {event.register}/{event.record} v{event.version}"


def test_a_hash_is_what_its_definition_says():
    # sha256 of the ten content columns, each on a line, then of hash before, lane, place and content hash
    fields = ("s", "2026-01-01T00:00:00.000000Z", "r", 1, 1, "created", "", None, "", "{}")
    inner = hashlib.sha256(b"s\n2026-01-01T00:00:00.000000Z\nr\n1\n1\ncreated\n\n\n\n{}").hexdigest()
    assert content(fields) == inner
    assert digest(FIRST, 3, 1, inner) == hashlib.sha256(f"{'0' * 64}\n3\n1\n{inner}".encode()).hexdigest()


def test_an_untouched_history_is_whole(listed):
    assert told() == []
    assert told(quick=True) == []


def test_equal_contents_have_different_hashes_so_that_none_can_be_guessed(office):
    with transaction.atomic():
        drafts = [Draft("kernel_district", 999, version, "created", PLATFORM, now()) for version in (1, 2)]
        first, second = append(drafts)
    assert first.salt != second.salt
    assert len(first.salt) == 32


@pytest.mark.parametrize("column", ["act", "state", "actor_name", "at", "body", "salt"])
def test_an_altered_event_is_named(listed, column):
    event = history_of(listed)[1]
    behind_the_guards(f"UPDATE kernel_event SET {column} = '2' WHERE id = {event.pk}")
    assert ("altered", place(event)) in told(quick=True)
    assert len(told(quick=True)) == 1


def test_a_missing_event_is_named(listed):
    event = history_of(listed)[1]
    behind_the_guards(f"DELETE FROM kernel_event WHERE id = {event.pk}")
    assert told() == [
        ("missing", f"lane {event.lane} seq {event.seq}"),
        ("record", f"people_officer/{listed.pk} v4"),
    ]


def test_an_event_inserted_at_the_end_is_named(listed):
    last = Event.objects.order_by("-lane", "-seq").first()
    behind_the_guards(
        "INSERT INTO kernel_event (lane, seq, at, register, record, version, act, state, actor_name, body, salt, hash) "
        f"VALUES ({last.lane}, {last.seq + 1}, '{last.at}', 'people_officer', {listed.pk}, 5, 'end', 'ended', '', '{{}}', '', '')"
    )
    assert told() == [
        ("inserted", f"lane {last.lane} seq {last.seq + 1}"),
        ("record", f"people_officer/{listed.pk} v5"),
    ]


def test_a_chain_computed_anew_is_found_by_the_published_head(listed):
    heads.publish(dt.date(2026, 1, 2))
    event = history_of(listed)[0]
    statements = [f"UPDATE kernel_event SET actor_name = 'X' WHERE id = {event.pk}"]
    rows = list(Event.objects.filter(lane=event.lane).order_by("seq"))
    before = FIRST
    for row in rows:
        if row.pk == event.pk:
            row.actor_name = "X"
        before = digest(before, row.lane, row.seq, content(tuple(getattr(row, name) for name in CONTENT)))
        statements.append(f"UPDATE kernel_event SET hash = '{before}' WHERE id = {row.pk}")
    statements.append(f"UPDATE kernel_lane SET hash = '{before}' WHERE number = {event.lane}")
    behind_the_guards(*statements)
    last = rows[-1]
    assert told() == [("head", f"lane {last.lane} seq {last.seq}")]


def test_a_lane_cut_short_is_found_by_the_published_head(listed):
    heads.publish(dt.date(2026, 1, 2))
    last = Event.objects.order_by("-lane", "-seq").first()
    previous = Event.objects.get(lane=last.lane, seq=last.seq - 1)
    behind_the_guards(
        f"DELETE FROM kernel_event WHERE id = {last.pk}",
        f"UPDATE kernel_lane SET seq = {previous.seq}, hash = '{previous.hash}' WHERE number = {last.lane}",
    )
    assert told(quick=True) == [("head", f"lane {last.lane} seq {last.seq}")]


def test_a_head_kept_elsewhere_finds_what_was_rewritten_with_all_our_heads(listed):
    kept = heads.as_data(heads.publish(dt.date(2026, 1, 2)))
    assert told(known=[kept]) == []
    assert told(known=[{**kept, "hash": "f" * 64}]) == [("head", "head 2026-01-02")]
    lane, seq, _ = kept["lanes"][0]
    assert told(known=[{**kept, "lanes": [[lane, seq, "f" * 64]]}]) == [("head", f"lane {lane} seq {seq}")]


def test_a_record_rewritten_behind_the_guards_is_found(listed):
    behind_the_guards(f"UPDATE people_officer SET duties = 'anything' WHERE id = {listed.pk}")
    assert told() == [("record", f"people_officer/{listed.pk} v4")]
    assert told(quick=True) == []


@pytest.mark.parametrize(
    ("assignment", "what"),
    [
        ("state = 'ended'", "the state is ended, in history listed"),
        ("version = 3", "the register has version 3, history 4"),
        ("appointed_on = '2026-01-06'", "the value of appointed_on is not that of history"),
        ("phone = '13800002222'", "the value of phone is not that of history"),
        ("organisation_id = {other}", "the value of organisation is not that of history"),
        ("made_at = '2020-01-01 00:00:00'", "the moment of entry or change is not that of history"),
    ],
)
def test_it_says_what_of_the_record_differs(office, listed, assignment, what):
    behind_the_guards(
        f"UPDATE people_officer SET {assignment.format(other=office.other.pk)} WHERE id = {listed.pk}"
    )
    assert [fault.what.en for fault in verify(processes=1).faults] == [what]


def test_a_record_without_history_and_a_history_without_record_are_found(office, listed):
    behind_the_guards(
        "INSERT INTO kernel_district (version, made_at, changed_at, code, name, name_en) "
        "VALUES (1, '2026-01-01 00:00:00', '2026-01-01 00:00:00', '990009', '无', '')",
        f"DELETE FROM people_officer WHERE id = {listed.pk}",
    )
    added = District.objects.get(code="990009")
    assert told() == [
        ("record", f"kernel_district/{added.pk} v1"),
        ("record", f"people_officer/{listed.pk} v4"),
    ]


def test_a_guard_that_is_gone_or_says_something_else_is_found(db):
    name = "kernel_event_no_update"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute(
                f"CREATE TRIGGER {name} BEFORE UPDATE ON kernel_event FOR EACH ROW WHEN 1=0 "
                "BEGIN SELECT RAISE(ABORT, 'never'); END"
            )
        else:
            cursor.execute(f"ALTER TABLE kernel_event DISABLE TRIGGER {name}")
        cursor.execute(
            "DROP TRIGGER people_officer_no_delete"
            + (" ON people_officer" if connection.vendor != "sqlite" else "")
        )
    assert told() == [("guard", "kernel_event"), ("guard", "people_officer")]


def test_the_head_of_a_day_is_made_once_and_chained(listed, tmp_path):
    first = heads.publish(dt.date(2026, 1, 2))
    assert heads.publish(dt.date(2026, 1, 2)) == first
    second = heads.publish(dt.date(2026, 1, 5))
    assert heads.as_data(second)["before"] == first.hash
    assert json.loads((tmp_path / "heads" / "2026-01-05.json").read_text()) == heads.as_data(second)
    with pytest.raises(ValueError, match="2026-01-05 is published"):
        heads.publish(dt.date(2026, 1, 3))
    assert told() == []


def test_a_head_file_that_was_edited_is_found(listed, tmp_path):
    heads.publish(dt.date(2026, 1, 2))
    (tmp_path / "heads" / "2026-01-02.json").write_text("{}")
    assert told() == [("head", "head 2026-01-02")]


def test_the_exported_chain_leads_to_the_head_and_tells_nothing_else(listed):
    head = heads.publish(dt.date(2026, 1, 2))
    lane, seq, said = json.loads(head.lanes)[0]
    before = FIRST
    for number, at, inner, stored in heads.chain(lane, 1, seq):
        before = hashlib.sha256(f"{before}\n{number}\n{at}\n{inner}".encode()).hexdigest()
        assert before == stored
    assert before == said
    assert heads.COLUMNS == ("lane", "seq", "content", "hash")


def test_personal_values_stand_sealed_in_history_and_open_to_the_platform(listed):
    filed = history_of(listed)[0]
    assert "13800001111" not in filed.body
    assert filed.told["after"]["phone"] == "13800001111"
    assert filed.told["after"]["organisation"] == listed.organisation_id


def test_one_event_and_three_are_read_with_one_query(listed, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert len([event.told for event in history_of(listed)]) == 4


def test_an_erasure_leaves_the_chain_whole_and_the_values_gone(office, listed):
    gone = erase(listed, by=office.head, ground="个人信息保护法第四十七条")
    assert (gone.version, gone.phone) == (5, ERASED)
    events = list(history_of(gone))
    assert events[0].told["after"]["phone"] == ERASED
    assert events[4].told["said"] == {"ground": "个人信息保护法第四十七条"}
    assert not Seal.objects.filter(register="people_officer", record=listed.pk).exists()
    assert not [one for one in Event.objects.all() if "13800001111" in one.body]
    assert told() == []


def test_a_value_entered_after_an_erasure_is_sealed_with_a_new_key(office, listed):
    gone = erase(listed, by=office.head, ground="第四十七条")
    changed = change(gone, by=office.clerk, phone="13800003333")
    assert [event.told.get("after", {}).get("phone") for event in history_of(changed)] == [
        ERASED, None, None, None, ERASED, "13800003333",
    ]  # fmt: skip
    assert told() == []


ADDRESS = Ask("address", ("家庭住址", "Home address"), mask="address")


@pytest.fixture
def asking(monkeypatch):
    """Officers are listed with an answer that is personal, and one that is not."""
    register = catalogue.register_of(Officer)
    moves = tuple(
        dataclasses.replace(move, asks=(ADDRESS, Ask("note", ("说明", "Note"), required=False)))
        if move.code == "list"
        else move
        for move in register.procedure.moves
    )
    changed = dataclasses.replace(register, procedure=dataclasses.replace(register.procedure, moves=moves))
    monkeypatch.setitem(catalogue._all()[0], Officer, changed)


HOME = "松风区桃源路八号三栋二零一室"


def test_personal_answers_and_the_names_of_private_persons_are_sealed_and_erased(office, asking):
    member = dataclasses.replace(office.member, name="欧阳不凡")
    case = file(an_officer(office), by=member)
    case = fire(case, "list", by=office.reviewer, data={"address": HOME, "note": "已核对"})
    filed, listed = history_of(case)
    assert (filed.actor_name, filed.doer) == ("", "欧阳不凡")
    assert listed.told["said"] == {"address": HOME, "note": "已核对"}
    # who did what in an office is what history is for
    assert (listed.actor_name, listed.doer) == ("reviewer 4", "reviewer 4")
    stored = "".join(one.body + one.actor_name for one in Event.objects.all())
    assert ("欧阳不凡" in stored, HOME in stored, "已核对" in stored) == (False, False, True)
    assert told() == []

    erase(case, by=office.head, ground="个人信息保护法第四十七条")
    filed, listed, _ = history_of(case)
    assert (filed.doer, listed.told["said"]) == (ERASED, {"address": ERASED, "note": "已核对"})
    assert listed.doer == "reviewer 4"
    assert told() == []


def test_personal_answers_are_masked_for_overseers_and_closed_to_the_public(office, asking):
    case = file(an_officer(office), by=dataclasses.replace(office.member, name="欧阳不凡"))
    fire(case, "list", by=office.reviewer, data={"address": HOME})
    filed, listed = history_of(case)

    def seen(reader):
        sight = Officer.objects.visible_to(reader).get(pk=case.pk).sight
        said = {ask.code: answer for ask, answer in answers(listed, case.register, sight)}
        return said, doer_of(filed, sight)

    for reader in (office.member, office.clerk):
        assert seen(reader) == ({"address": HOME}, "欧阳不凡")
    assert seen(office.auditor) == ({"address": mask("address", HOME)}, "欧阳**")
    assert mask("address", HOME) != HOME
    assert seen(PUBLIC)[0] == {}


def test_an_answer_under_a_mask_that_does_not_exist_is_refused():
    bad = dataclasses.replace(ADDRESS, mask="veil")
    move = Move("end", ("结", "End"), source="a", to="b", by="clerk", asks=(bad,))
    states = (State("a", ("甲", "A")), State("b", ("乙", "B"), final=True))
    found = faults(Procedure("trial", ("试", "Trial"), states, (move,)), [])
    assert [one.partition("; ")[0] for one in found] == [
        "procedure trial, move end: veil is no rule for masking"
    ]


def test_a_key_lost_without_an_erasure_is_found_where_it_sealed_a_name_alone(office):
    # a district has no personal field: its key opens nothing but who entered it
    private = dataclasses.replace(PLATFORM, account=77, name="欧阳不凡", grants=())
    with transaction.atomic():
        append([Draft("kernel_district", office.pine.pk, 2, "changed", private, now())])
        behind_the_guards(
            f"UPDATE kernel_district SET version = 2 WHERE id = {office.pine.pk}",
        )
    behind_the_guards(
        f"DELETE FROM kernel_seal WHERE register = 'kernel_district' AND record = {office.pine.pk}"
    )
    assert [fault.what.en for fault in verify(processes=1).faults] == [
        "its key is gone, and history tells of no erasure"
    ]


def test_a_receipt_gives_nothing_of_what_was_handed_in_and_after_an_erasure_confirms_nothing(office):
    case = file(an_officer(office), by=office.member, key="k1")
    (kept,) = Receipt.objects.all()
    asked = {"file": case.register.code, **values_of(an_officer(office))}
    plain = {hashlib.sha256(text.encode()).hexdigest() for text in (canonical(asked), "13800001111")}
    assert kept.digest not in plain
    again = file(an_officer(office), by=office.member, key="k1")
    assert again.pk == case.pk
    # the same contents under another key or of another person look different
    file(an_officer(office), by=office.member, key="k2")
    assert len(set(Receipt.objects.values_list("digest", flat=True))) == 2
    erase(case, by=office.head, ground="第四十七条")
    assert Receipt.objects.get(pk=kept.pk).digest == ""


def test_only_the_head_erases_and_only_with_a_ground(office, listed):
    for nobody in (office.clerk, office.member, office.administrator, office.stranger):
        with pytest.raises(NotAllowed):
            erase(listed, by=nobody, ground="x")
    with pytest.raises(Invalid):
        erase(listed, by=office.head, ground=" ")
    assert Officer.objects.get(pk=listed.pk).phone == "13800001111"


def test_a_key_cannot_be_deleted_without_an_erasure_and_its_loss_is_found(office, listed):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM kernel_seal WHERE register = 'people_officer' AND record = {listed.pk}")
    behind_the_guards(f"DELETE FROM kernel_seal WHERE register = 'people_officer' AND record = {listed.pk}")
    assert told() == [("record", f"people_officer/{listed.pk} v4")]


def test_a_sealed_value_cannot_be_moved_to_another_record(office):
    one, two = (
        create(_firm(serial, phone), by=PLATFORM)
        for serial, phone in ((11, "13800000011"), (12, "13800000012"))
    )
    key = Seal.objects.get(register="kernel_organisation", record=one.pk).key
    body = history_of(one)[0].body
    assert _opened(body, key, two) == ERASED
    assert _opened(body, key, one) == "13800000011"


def _opened(body: str, key: str, record) -> str:
    from shenzhi.kernel.history.seals import opened

    return opened(json.loads(body), key, f"kernel_organisation/{record.pk}")["after"]["phone"]


def _firm(serial: int, phone: str) -> Organisation:
    from shenzhi.calc.codes import uscc

    return Organisation(code=uscc.make("91990000", f"{serial:08d}"), name=f"单位{serial}", phone=phone)


def test_values_that_mean_the_same_agree(office):
    # typed without the zeros that the column keeps, and a moment of another time zone
    record = create(_firm(21, "13800000021"), by=PLATFORM)
    assert canonical({"a": dt.date(2026, 1, 5)}) == '{"a":"2026-01-05"}'
    change(record, by=PLATFORM, ended_on="2026-01-05")
    assert told() == []


def test_several_lanes_are_checked_each_to_its_head(office):
    numbers = Lane.objects.count()
    with transaction.atomic():
        for lane in (101, 102):
            Lane.objects.create(number=lane)
    assert told() == []
    assert Lane.objects.count() == numbers + 2


@pytest.mark.parametrize("micros", [0, 1, 120000, 999999])
def test_the_database_writes_a_moment_as_history_does(office, micros):
    moment = dt.datetime(2026, 3, 2, 23, 59, 58, micros, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    made = create(District(code="990009", name="梅溪区"), by=PLATFORM, at=moment)
    written = District.objects.filter(pk=made.pk).values_list(Stamp("made_at"), flat=True).get()
    assert written == stamp(moment) == f"2026-03-02T15:59:58.{micros:06d}Z"
