"""A case: a record that runs a procedure. Who holds it, and in which state it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models

from shenzhi.kernel.labels import label
from shenzhi.kernel.procedures.declaration import Move, Procedure, State
from shenzhi.kernel.registers.record import Record


class Case(Record):
    """A record with a state, which only `fire` can change; the department, district and officer that hold it."""

    state = models.CharField(label("状态", "State"), max_length=40, editable=False)
    department = models.ForeignKey(
        "kernel.Department",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,  # the indexes of lists begin with it
        verbose_name=label("承办部门", "Department"),
    )
    district = models.ForeignKey(
        "kernel.District",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,  # the indexes of lists begin with it
        verbose_name=label("区", "District"),
    )
    handler = models.ForeignKey(
        "kernel.Account",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=label("经办人", "Handler"),
    )

    class Meta(Record.Meta):
        abstract = True

    @property
    def procedure(self) -> Procedure:
        procedure = self.register.procedure
        if procedure is None:
            raise TypeError(f"{type(self).__name__} stands on Case, so its Register names a procedure")
        return procedure

    def refuse_answers(self, move: Move, said: Mapping[str, Any]) -> None:
        """Invalid, by whatever a register makes of it, where an answer to what a move asks cannot stand."""

    @property
    def standing(self) -> State:
        """The state in which the case stands, as declared."""
        return self.procedure.state[self.state]
