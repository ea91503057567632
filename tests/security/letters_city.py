"""A city full of letters in every state, all by one writer, of whom every detail is a secret; and those who would like to know him."""

from __future__ import annotations

import datetime as dt
import io
import itertools
from dataclasses import dataclass, field
from typing import Any

from declared_sight import Role, Somebody
from django.utils import timezone
from marked_city import City
from PIL import Image

from shenzhi.apps.complaints.models import Category, Complaint, Problem, Report
from shenzhi.kernel.access.roles import PLATFORM, PUBLIC, Reader
from shenzhi.kernel.attachments.attaching import attach
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.registers.writing import change, create

WHO = {
    "name": "万俟秘安",
    "phone": "010-00007391",
    "email": "secret.writer@example.org",
    "address": "无名路七三九一号",
}
ACCOUNT = {"name": "慕容暗语", "username": "darkwriter"}
WORDS = {
    "facts": "壶底漏水密句",
    "violation": "暗秤少秤密句",
    "comment": "评价里的密句",
    "reason": "复查理由密句",
    "corrected": "密写的旧商品名",
    "answer": "只答复来信人的密句",
}
PICTURE = "密照七三九一.jpg"
CAMERA = "SecretCamera7391"
SECRETS = (*WHO.values(), *ACCOUNT.values(), *WORDS.values(), "密照七三九一", CAMERA)
"""What nobody but the office and the writer may read anywhere; of a telephone the digits alone would do as well."""

S = {"statement": "要求更换。"}
A = {"answer": WORDS["answer"]}
ACCEPT, SETTLE = ("accept", "clerk", S), ("settle", "clerk", {**A, "remedy": "更换"})
END, TELL = ("end", "clerk", {**A, "ground": "no_agreement"}), ("tell", "clerk", {})
REFUSE = ("refuse", "clerk", {**A, "ground": "three_years"})
TEST = ("test", "clerk", {"reason": "双方同意送检"})
REOPEN = ("reopen", "writer", {"reason": WORDS["reason"]})
RATE = ("rate", "writer", {"satisfaction": "2", "fixed": "not_fixed", "comment": WORDS["comment"]})
SPLIT = ("split", "reviewer", {"violation": WORDS["violation"]})
WAYS_OF_COMPLAINTS: tuple[tuple[Any, ...], ...] = (
    (),
    (("dispute", "clerk", {"reason": WORDS["reason"]}),),
    (ACCEPT, SPLIT),
    (ACCEPT, TEST),
    (ACCEPT, TEST, ("tested", "clerk", {"result": "不合格"}), SETTLE),
    (ACCEPT, SETTLE, TELL, RATE, ("publish", "reviewer", {"summary": "电热水壶漏水，已更换。"})),
    (ACCEPT, END, TELL, RATE, REOPEN),
    (ACCEPT, END, TELL, REOPEN, ("retry", "head", {"reason": WORDS["reason"]})),
    (
        ACCEPT,
        END,
        TELL,
        REOPEN,
        ("uphold", "head", A),
        ("publish", "reviewer", {"summary": "双方未达成一致。"}),
    ),
    (REFUSE, RATE),
    (("transfer", "clerk", {**A, "to_whom": "市消费者协会"}),),
    (ACCEPT, ("withdraw", "writer", {})),
    (("withdraw", "writer", {}),),
    (REFUSE, REOPEN),
    (REFUSE, REOPEN, ("retry", "head", {"reason": WORDS["reason"], **S})),
    (ACCEPT, SPLIT, SETTLE, TELL, RATE, ("publish", "reviewer", {"summary": "电热水壶漏水，已更换。"})),
)
WAYS_OF_REPORTS: tuple[tuple[Any, ...], ...] = (
    (),
    (("extend", "head", {"reason": WORDS["reason"]}), ("open", "reviewer", {}), ("tell", "clerk", A)),
    (("drop", "reviewer", {**A, "reason": WORDS["reason"]}), ("close", "clerk", {})),
    (("open", "reviewer", {}), ("conclude", "reviewer", {**A, "result": "penalty"})),
    (("transfer", "clerk", {**A, "to_whom": "公安机关"}),),
)
SAY = {"answer": "已修复。"}
DISPATCH, MEND = ("dispatch", "clerk", {"summary": "井盖破损"}), ("mend", "clerk", SAY)
CONFIRM = ("confirm", "reviewer", {})
WAYS_OF_PROBLEMS: tuple[tuple[Any, ...], ...] = (
    (),
    (DISPATCH,),
    (DISPATCH, MEND, ("redo", "reviewer", {"reason": WORDS["reason"]})),
    (DISPATCH, MEND, CONFIRM, RATE, REOPEN),
    (("refuse", "clerk", {**SAY, "reason": WORDS["reason"]}), RATE),
    (("transfer", "clerk", {**SAY, "to_whom": "供电公司"}),),
    (DISPATCH, ("hide", "clerk", {"reason": WORDS["reason"]})),
)


@dataclass
class Letters:
    """The city with its letters; `readers` act, `city.people` look."""

    city: City
    readers: dict[str, Reader]
    office: Any
    secrets: set[str] = field(default_factory=lambda: set(SECRETS))
    tracking: dict[str, str] = field(default_factory=dict)
    writer: Any = None

    def letter(self, model: Any, **more: Any) -> Any:
        """A letter of the writer about the firm, or about a cover in the street."""
        given: dict[str, Any] = {**WHO, "facts": WORDS["facts"], "district": self.office.pine, **more}
        if model is Complaint:
            given = {"respondent": self.office.firm, "goods": WORDS["corrected"], **given}
        if model is Report:
            given = {"subject": self.office.firm, **given}
        if model is Problem:
            given = {"place": "质量路", **given}
        kind = "problem" if model is Problem else "complaint"
        return model(category=Category.objects.get(kind=kind), **given)

    def hand_in(self, model: Any, ways: tuple[Any, ...], *, account: bool = True, **more: Any) -> Any:
        """File a letter, attach a photograph, correct what it says of the goods, and take it along the way."""
        writer = self.readers["writer"] if account or any(by == "writer" for _, by, _ in ways) else PUBLIC
        case: Any = file(self.letter(model, **more), by=writer)
        self.tracking[case.number] = case.secret
        self.secrets.add(case.secret)
        shot = attach(case, photograph(), by=self.readers["clerk"])
        self.secrets.add(shot.sha256)
        case = type(case)._base_manager.get(pk=case.pk)
        if model is Complaint:
            case = change(case, by=self.readers["clerk"], goods="电热水壶")
        for act, by, data in ways:
            case = fire(case, act, by=self.readers[by], data=data)
        return case


def photograph() -> Any:
    """A photograph that says in which house it was taken, under a name that says more."""
    exif = Image.Exif()
    exif[0x010F] = CAMERA
    exif.get_ifd(0x8825)[1], exif.get_ifd(0x8825)[2] = "N", (22.0, 32.0, 35.16)
    body = io.BytesIO()
    Image.new("RGB", (40, 20), (next(_SHADES) % 256, 40, 90)).save(body, "JPEG", exif=exif)
    body.seek(0)
    body.name = PICTURE
    return body


_SHADES = itertools.count(1)


def build(office: Any) -> Letters:
    """Every letter in every state, and the people who look."""
    from shenzhi.kernel.access import keys
    from shenzhi.kernel.access.accounts import Account, Membership, reader_of
    from shenzhi.kernel.seeding import seed_limits

    seed_limits()
    city = City()
    city.firm = office.firm
    for code, kind in (("goods", "complaint"), ("cover", "problem")):
        create(
            Category(code=code, name=code, name_en=code, kind=kind, department=office.quality), by=PLATFORM
        )
    accounts: dict[str, Any] = {}

    def somebody(name: str, *roles: Role, **more: Any) -> None:
        account = Account.objects.create_user(
            more.pop("username", name), name=more.pop("called", f"{name} Wang")
        )
        for role in roles:
            Membership.objects.create(
                account=account, role=role.code, department=role.department, district=role.district,
                organisation=role.organisation, valid_from=dt.date(2020, 1, 1),
            )  # fmt: skip
        accounts[name] = account
        city.people[name] = Somebody(name, account, roles)

    city.people["public"] = Somebody("public")
    somebody("member", Role("member", organisation=office.firm))
    somebody("rival", Role("member", organisation=office.other))
    somebody("stranger", Role("clerk", department=office.market))
    for role in ("clerk", "reviewer", "head"):
        somebody(role, Role(role, department=office.quality))
    somebody("writer", username=ACCOUNT["username"], called=ACCOUNT["name"])
    _, text = keys.make(
        accounts["member"], "firm", registers=["complaints_complaint", "complaints_report", "complaints_problem"],
        may_write=True, expires_on=timezone.localdate() + dt.timedelta(days=30),
    )  # fmt: skip
    city.people["program"] = Somebody("program", accounts["member"], (), ("complaints_complaint",), text)
    made = Letters(
        city, {name: reader_of(one) for name, one in accounts.items()}, office, writer=accounts["writer"]
    )
    for model, several in (
        (Complaint, WAYS_OF_COMPLAINTS),
        (Report, WAYS_OF_REPORTS),
        (Problem, WAYS_OF_PROBLEMS),
    ):
        for at, ways in enumerate(several):
            city.records.append(made.hand_in(model, ways, account=bool(at % 2)))
    city.records.append(made.hand_in(Complaint, (ACCEPT,), violation=WORDS["violation"]))
    # of another firm: it is hidden from the member, and a number like any other
    city.records.append(made.hand_in(Complaint, (ACCEPT,), respondent=office.other))
    city.records += list(Report.objects.exclude(letter=None))
    return made
