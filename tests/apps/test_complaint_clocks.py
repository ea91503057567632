"""The limits of complaints and reports, worked out by hand on the calendar of 2025 to 2027 (Order 20 of 2020, and since 15 April 2026
the measures that repeat it until they are confirmed).

Off and worked instead, by the notices of the State Council: 2025: 1 to 8 October off, Sunday 28 September and Saturday 11 October worked.
2026: 1 to 3 January off, Sunday the 4th worked; 15 to 23 February off, Saturdays 14 and 28 worked; 4 to 6 April off; 1 to 5 May off,
Saturday the 9th worked; 19 to 21 June off; 25 to 27 September off, Sunday the 20th worked; 1 to 7 October off, Saturday the 10th worked.
"""

from __future__ import annotations

import datetime as dt

from shenzhi.calc.calendar.clocks import Run
from shenzhi.kernel.clocks.running import book
from shenzhi.kernel.seeding import seed_calendar, seed_limits


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


DUE = {
    # seven working days to accept or refuse (14)
    ("accept", "2026-03-02"): "2026-03-11",  # Tue to Fri 4, Mon 9 to Wed 11
    ("accept", "2026-02-13"): "2026-03-02",  # Sat 14 is 1; Tue 24 to Fri 27 are 2 to 5, Sat 28 is 6, Mon 2
    (
        "accept",
        "2026-02-16",
    ): "2026-03-03",  # received on a holiday: Tue 24 is 1, Fri 27 is 4, Sat 28, Mon 2, Tue 3
    ("accept", "2026-04-14"): "2026-04-23",  # the last day of Order 20: Wed 15 to Fri 17, Mon 20 to Thu 23
    (
        "accept",
        "2026-04-15",
    ): "2026-04-24",  # the first day of the new measures: Thu 16, Fri 17, Mon 20 to Fri 24
    ("accept", "2026-04-30"): "2026-05-13",  # Wed 6 to Fri 8 are 3, Sat 9 is 4, Mon 11 to Wed 13
    ("accept", "2025-12-30"): "2026-01-09",  # over the year's end: Wed 31 is 1, Sun 4 is 2, Mon 5 to Fri 9
    ("accept", "2026-09-19"): "2026-09-29",  # Sun 20 is 1, Mon 21 to Thu 24 are 2 to 5, Mon 28, Tue 29
    ("accept", "2025-09-26"): "2025-10-13",  # Sun 28 to Tue 30 are 3, Thu 9 to Sat 11 are 6, Mon 13
    (
        "accept",
        "2026-12-28",
    ): "2027-01-06",  # Tue 29 to Thu 31 are 3; no notice yet: Fri 1 is 4, Mon 4 to Wed 6
    # 45 working days to mediate (21)
    (
        "mediate",
        "2026-01-05",
    ): "2026-03-13",  # 19 to 30 January, 29 to 13 February, Sat 14, Fri 27 is 34, Sat 28, then two weeks
    (
        "mediate",
        "2026-03-03",
    ): "2026-05-09",  # 3 to 6 March, 23 to 3 April, Tue 7 is 24, 41 to 30 April, Wed 6 to Fri 8, Sat 9 is 45
    # seven working days to tell both sides (21)
    ("tell", "2026-09-24"): "2026-10-12",  # Mon 28 to Wed 30 are 3, Thu 8, Fri 9, Sat 10 is 6, Mon 12
    # fifteen working days to check a lead (23), five to tell who reported (31), seven to agree on jurisdiction (30)
    ("check", "2026-03-02"): "2026-03-23",  # three weeks to the day
    ("tell_reporter", "2026-05-08"): "2026-05-14",  # Sat 9 is 1, Mon 11 to Thu 14
    ("jurisdiction", "2026-06-17"): "2026-06-29",  # Thu 18 is 1, Mon 22 to Fri 26 are 2 to 6, Mon 29
}

TESTED = {
    # the same mediation of 3 March, due on 9 May; a test takes its working days out of the count (20)
    "from Monday 9 to Monday 16 March: five days, so Monday 11 to Friday 15 May": (
        "2026-03-03", (("2026-03-09", "2026-03-16"),), "2026-05-15"),
    "begun and ended on one day: nothing": (
        "2026-03-03", (("2026-03-09", "2026-03-09"),), "2026-05-09"),
    "two tests that meet on the 11th: 9, 10, 11 and 12 March, so Monday 11 to Thursday 14 May": (
        "2026-03-03", (("2026-03-09", "2026-03-11"), ("2026-03-11", "2026-03-13")), "2026-05-14"),
    "over the Spring Festival: only Saturday 14 February was a working day of it, so Monday 16 instead of Friday 13 March": (
        "2026-01-05", (("2026-02-14", "2026-02-24"),), "2026-03-16"),
}  # fmt: skip

LAMPS = {
    # received on Monday 2 March, due on Wednesday 11; the lamp warns two working days before
    "2026-03-06": ("green", 3),  # Mon 9, Tue 10, Wed 11 are left
    "2026-03-07": ("green", 3),  # a Saturday uses up nothing
    "2026-03-09": ("yellow", 2),
    "2026-03-11": ("yellow", 0),  # in time to the end of the day
    "2026-03-12": ("red", 0),
}


def test_each_limit_ends_on_the_day_that_the_law_says(db: None) -> None:
    seed_limits()
    seed_calendar()
    law = book()
    read = {
        (clock, start): law.read_facts(f"complaints.{clock}", Run(day(start)), day(start))
        for clock, start in DUE
    }
    assert {key: str(one.due_on) for key, one in read.items()} == DUE
    # only what ends in a year without a notice may still move
    assert [key for key, one in read.items() if one.provisional] == [("accept", "2026-12-28")]
    cited = [law.limit("complaints.accept", day(start)).citation_en for start in ("2026-04-14", "2026-04-15")]
    assert cited == [
        "Interim Measures for Complaints and Reports (Order 20/2020), article 14",
        "Measures for Complaints and Reports in force since 15 April 2026; the limit is to be confirmed",
    ]

    for told, (start, pauses, due) in TESTED.items():
        run = Run(day(start), tuple((day(begin), day(until)) for begin, until in pauses))
        assert str(law.read_facts("complaints.mediate", run, day(due)).due_on) == due, told
    # a test that lasts: on Monday 16 March 4, 5 and 6 March are used, 42 are left; it would end on 15 May
    waiting = law.read_facts(
        "complaints.mediate", Run(day("2026-03-03"), ((day("2026-03-09"), None),)), day("2026-03-16")
    )
    assert (waiting.lamp, waiting.days_used, waiting.days_left, str(waiting.due_on)) == (
        "paused",
        3,
        42,
        "2026-05-15",
    )
    # a check that was extended by fifteen: 23 March, then 19 to the 27th, 24 to 3 April, 28 to the 10th, 13 and 14 April
    longer = law.read_facts("complaints.check", Run(day("2026-03-02"), extended_days=15), day("2026-03-02"))
    assert str(longer.due_on) == "2026-04-14"

    run = Run(day("2026-03-02"))
    read_on = {on: law.read_facts("complaints.accept", run, day(on)) for on in LAMPS}
    assert {on: (one.lamp, one.days_left) for on, one in read_on.items()} == LAMPS
    # two working days late on the Saturday after, and two on the Sunday
    assert [
        law.read_facts("complaints.accept", run, day(on)).late_days for on in ("2026-03-14", "2026-03-15")
    ] == [2, 2]
