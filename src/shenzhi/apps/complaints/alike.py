"""Cases that look like one another, suggested to whoever handles one: only a person decides that they are the same (article 90)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils import timezone

from shenzhi.apps.complaints.letters import Letter
from shenzhi.apps.complaints.models import Complaint, Problem
from shenzhi.apps.complaints.rules import ALIKE, NEAR_DAYS, NEAR_METRES, Sketch, likeness, metres
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.registers.catalogue import register_of
from shenzhi.kernel.registry import Beside
from shenzhi.kernel.words import Words

LOOKED_AT = 300
"""So many cases of the same category are compared, those next in number: a search of a few milliseconds in any office."""

SUGGESTED = 5


def sketch(case: Letter) -> Sketch:
    """What of a case is compared."""
    on = timezone.localtime(case.made_at).date()
    if isinstance(case, Problem):
        return case.sketch(on)
    if isinstance(case, Complaint):
        about = str(case.respondent_id or case.respondent_named)
        return Sketch(str(case.category_id), about, f"{case.goods} {case.facts}", on)
    raise TypeError(f"{type(case).__name__} is not compared")


def alike(case: Letter, reader: Reader) -> list[tuple[Letter, Words]]:
    """The cases most like this one among those that the reader may see, with what they have in common, the likest first."""
    own = sketch(case)
    found = []
    for other in _near(case, reader):
        theirs = sketch(other)
        like = likeness(own, theirs)
        if like >= ALIKE:
            found.append((like, other, _common(own, theirs, like)))
    found.sort(key=lambda one: (-one[0], one[1].pk))
    return [(other, words) for _, other, words in found[:SUGGESTED]]


def _near(case: Letter, reader: Reader) -> Iterable[Letter]:
    """Cases of the same category that came in shortly before and after, by their numbers, which follow the days."""
    days = dt.timedelta(days=NEAR_DAYS)
    seen: QuerySet[Letter] = type(case).objects.visible_to(reader).filter(category=case.category_id)
    if isinstance(case, Complaint) and case.respondent_id is not None:
        seen = seen.filter(respondent=case.respondent_id)
    half = LOOKED_AT // 2
    for several in (seen.filter(pk__lt=case.pk).order_by("-pk"), seen.filter(pk__gt=case.pk).order_by("pk")):
        for other in several[:half]:
            if abs(other.made_at - case.made_at) <= days + dt.timedelta(days=1):
                yield other


def _common(own: Sketch, other: Sketch, like: float) -> Words:
    if own.place and other.place:
        away = round(metres(own.place, other.place))
        return Words(f"相距约 {away} 米", f"about {away} m away")
    share = f"{like:.0%}"
    return Words(f"文字相似 {share}", f"texts alike by {share}")


TITLE = Words("可能是同一件事", "Cases that look alike")
NOTE = Words(
    f"同一类别、{NEAR_DAYS} 日内、地点在 {NEAR_METRES} 米内或者文字相近的，仅供参考；是否重复由您判断，平台不会自行合并。",
    f"Of the same category within {NEAR_DAYS} days, within {NEAR_METRES} m or in like words. A suggestion only: whether they are "
    "the same is for you to say, and nothing is merged by itself.",
)
BESIDE = tuple(Beside(register_of(model).code, TITLE, NOTE, alike) for model in (Complaint, Problem))
