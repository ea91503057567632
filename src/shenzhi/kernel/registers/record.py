"""What every record of every register has: a version, and queries that know who is asking."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Self, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.base import ModelBase
from django.utils import timezone

from shenzhi.calc.codes import numbered
from shenzhi.calc.codes.typed import CodeError
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.labels import label
from shenzhi.kernel.registers.catalogue import register_of
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.registers.indexes import indexes_of
from shenzhi.kernel.registers.sight import BLIND, Sight, see, sight

M = TypeVar("M", bound="Record")


class NotThisWay(TypeError):
    """Somebody tried to write records past their history; the message names the verb to use instead."""


class Records(models.QuerySet[M]):
    """Records of one register; only `visible_to` gives records that show their fields."""

    reader: Reader | None = None

    def visible_to(self, reader: Reader, *, asking: Iterable[str] = ()) -> Self:
        """The records that the reader may see; with `asking`, those whose asked fields the reader sees whole."""
        seen: Self = see(register_of(self.model), self, reader, asking)
        seen.reader = reader
        return seen

    def update(self, **values: Any) -> int:
        raise NotThisWay(f"{self.model.__name__}: write one by one with kernel.registers.writing.change()")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise NotThisWay(f"{self.model.__name__}: a record is never deleted; move it to a state that ends it")

    def _clone(self) -> Self:
        made: Self = super()._clone()
        made.reader = self.reader
        return made

    def _fetch_all(self) -> None:
        fresh = self._result_cache is None
        super()._fetch_all()
        if fresh and self.reader is not None:
            for record in self._result_cache or ():
                if isinstance(record, Record):
                    record.reader = self.reader

    def iterator(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        for record in super().iterator(*args, **kwargs):
            if isinstance(record, Record):
                record.reader = self.reader
            yield record


class Declared(ModelBase):
    """Makes the table of a register: the indexes that its lists need follow from the filters that it declares."""

    def __new__(cls, name: str, bases: tuple[type, ...], attrs: dict[str, Any], **more: Any) -> Any:
        if "Register" in attrs:
            meta = attrs.setdefault("Meta", type("Meta", (), {}))
            meta.indexes = [*getattr(meta, "indexes", ()), *indexes_of(attrs, bases)]
        return super().__new__(cls, name, bases, attrs, **more)


class Record(models.Model, metaclass=Declared):
    """One entry of a register. It is written by verbs alone (`create`, `change`, `fire`), each with its event in history."""

    version = models.PositiveIntegerField(label("版次", "Version"), default=1, editable=False)
    made_at = models.DateTimeField(label("登记时间", "Entered"), default=timezone.now, editable=False)
    changed_at = models.DateTimeField(label("更新时间", "Changed"), default=timezone.now, editable=False)

    objects = Records.as_manager()
    reader: Reader | None = None
    """For whom the record was read; set by `visible_to`, and none for a record that came another way."""
    secret: str = ""
    """What the person tracks the record by, told once: when it was just handed in, where its register is tracked."""
    codes: ClassVar[Mapping[str, Callable[[str], object]]] = {}
    """What reads the codes among the fields: their one written form, or CodeError. An import reads whole columns by it."""

    class Meta:
        abstract = True
        ordering = ("-id",)

    def clean(self) -> None:
        """Each of `codes` in its one written form; ValidationError says which is none. A record with more rules extends it."""
        faults: dict[str, Any] = {}
        for name, parse in self.codes.items():
            try:
                if given := getattr(self, name):
                    setattr(self, name, str(parse(given)))
            except CodeError as error:
                faults[name] = label(error.zh, error.en)
        if faults:
            raise ValidationError(faults)

    def __str__(self) -> str:
        return str(getattr(self, self.register.label))

    @property
    def register(self) -> Register:
        return register_of(type(self))

    @property
    def number(self) -> str:
        """The public number: the register's letters, the serial number, a check character."""
        return numbered.number(self.register.prefix, self.pk)

    @property
    def sight(self) -> Sight:
        """What the reader for whom this record was read sees of it."""
        if self.reader is None:
            return BLIND
        # asked for each cell of a list; another reader is another question
        kept: tuple[Reader, Sight] | None = self.__dict__.get("_kept_sight")
        if kept is None or kept[0] is not self.reader:
            kept = self.__dict__["_kept_sight"] = (self.reader, sight(self, self.register, self.reader))
        return kept[1]
