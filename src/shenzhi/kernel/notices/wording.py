"""What a notice says: which register, which number, what was done, and where to read more; never what the record says."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from shenzhi.calc.codes import numbered
from shenzhi.kernel.notices.models import Notice
from shenzhi.kernel.procedures.declaration import Procedure
from shenzhi.kernel.registers.catalogue import register_coded
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.words import Words


@dataclass(frozen=True)
class Told:
    """A notice in words; `path` is the address of its record without a language prefix, "" where there is none."""

    number: str
    title: Words
    act: Words
    path: str

    def address(self, language: str) -> str:
        return f"/en{self.path}" if language.startswith("en") and self.path else self.path


def told(notice: Notice) -> Told:
    """The notice in words; a register that is no longer installed is named by its code."""
    register = register_coded(notice.register)
    if register is None:
        return Told(
            str(notice.record), Words(notice.register, notice.register), Words(notice.act, notice.act), ""
        )
    number = numbered.number(register.prefix, notice.record)
    act = register.procedure.act_title(notice.act) if register.procedure else Words(notice.act, notice.act)
    # whoever has no account reads it with the secret that he was given
    by_secret = notice.account_id is None and register.tracked is not None
    path = f"/track/?number={number}" if by_secret else f"/registers/{register.slug}/{number}/"
    return Told(number, register.title, act, path)


@dataclass(frozen=True)
class Text:
    """The subject and the body of a letter."""

    subject: str
    body: str


def letter(notice: Notice, language: str = "") -> Text:
    """The letter in a language; in both, one after the other, where nobody has said which one he reads."""
    if not language:
        zh, en = letter(notice, "zh-hans"), letter(notice, "en")
        said = told(notice)
        return Text(f"{said.number} {said.act.zh} / {said.act.en}", f"{zh.body}\n\n{en.body}")
    said = told(notice)
    subject = Words(f"{said.number} {said.act.zh}", f"{said.number} {said.act.en}").say(language)
    opening = Words(
        f"《{said.title.zh}》{said.number}：{said.act.zh}。",
        f"{said.title.en}, {said.number}: {said.act.en}.",
    )
    lines = [opening.say(language), *_answers(notice, language)]
    if said.path:
        where = settings.PUBLIC_ADDRESS + said.address(language)
        lines.append(Words(f"详情：{where}", f"See {where}").say(language))
    lines.append(
        Words(
            "本邮件由平台自动发出，请勿回复。",
            "This letter was sent by the platform; please do not reply to it.",
        ).say(language)
    )
    return Text(subject, "\n\n".join(lines))


def _answers(notice: Notice, language: str) -> list[str]:
    """For an applicant who has no account, and so no page to read it on: what the move gave as the answer."""
    register = register_coded(notice.register)
    if notice.account_id is not None or register is None or register.procedure is None:
        return []
    return [
        f"{register.title_of(name).say(language)}：{value}" if not language.startswith("en")
        else f"{register.title_of(name).say(language)}: {value}"
        for name, value in _given(notice, register, register.procedure)
    ]  # fmt: skip


def _given(notice: Notice, register: Register, procedure: Procedure) -> list[tuple[str, str]]:
    """The fields that the move needed and that the applicant at this very address may see."""
    move = procedure.move.get(notice.act)
    record = register.model._base_manager.filter(pk=notice.record).first()
    if move is None or record is None:
        return []
    for stake in register.stakes:
        if stake.address and getattr(record, stake.address, "") == notice.address:
            return [
                (name, str(getattr(record, name)))
                for name in move.needs
                if not register.fields[name].internal and (not stake.sees or name in stake.sees)
            ]
    return []
