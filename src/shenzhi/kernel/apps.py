"""The kernel as Django knows it: checks every declaration at start-up and sets the guards after every migration."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from shenzhi.kernel import registry
from shenzhi.kernel.articles import references
from shenzhi.kernel.registry import Carries
from shenzhi.kernel.words import Words


class KernelConfig(AppConfig):
    name = "shenzhi.kernel"
    label = "kernel"
    verbose_name = "登记与程序"

    def ready(self) -> None:
        from shenzhi.kernel.cases import firing, objections
        from shenzhi.kernel.notices import outbox
        from shenzhi.kernel.registers import search, writing
        from shenzhi.kernel.registers.catalogue import check

        check()
        _announce()
        if search.follow not in writing.FOLLOW:
            writing.FOLLOW.append(search.follow)
        if outbox.tell not in firing.FOLLOW:
            firing.FOLLOW.append(outbox.tell)
            firing.OPPOSED.append(objections.opposed)
        post_migrate.connect(_guard, sender=self, dispatch_uid="kernel.guard")


SUPERVISION = Carries(
    "71.1, 71.2, 71.3",
    Words("电子监察的底座", "The ground of electronic supervision"),
    Words(
        "每个程序的期限都按法定依据计时亮灯，每一步都记入不可改写的历史，重要事项须两人办理；监察、审计可查全部记录。",
        "Every procedure runs against its legal limits with lamps, every step enters a history that nobody can rewrite, "
        "what matters takes two persons; supervisors and auditors see all of it.",
    ),
    "registers:list",
    ("limits",),
)


def _announce() -> None:
    """Tell the coverage of the law what the registers carry out: the duties that each of them names one by one.

    An article named as a whole only says where a register belongs: it would claim duties that nobody had thought of."""
    registry.add(carries=SUPERVISION)
    from shenzhi.kernel.registers.catalogue import registers

    for register in registers():
        if duties := [str(one) for one in references(register.article) if one.duty]:
            registry.add(
                carries=Carries(
                    ", ".join(duties), register.title, register.note, "registers:list", (register.slug,)
                )
            )


def _guard(**_: Any) -> None:
    from shenzhi.kernel import guards
    from shenzhi.kernel.registers import search

    guards.install()
    search.install()
