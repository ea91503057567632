"""Who read whose personal data, when and for what: kept for five years, then forgotten; the database refuses to change it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import connection, models
from django.utils import timezone

from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.labels import label

KEPT_YEARS = 5


class ReadLog(models.Model):
    """One record of which a reader was shown personal fields whole."""

    at = models.DateTimeField(label("时间", "Moment"), default=timezone.now)
    account = models.PositiveBigIntegerField(label("账号", "Account"), null=True)
    reader = models.CharField(label("查阅人", "Reader"), max_length=120, blank=True)
    """The reader's name as it was then."""
    register = models.CharField(label("登记簿", "Register"), max_length=60)
    record = models.PositiveBigIntegerField(label("记录", "Record"))
    fields = models.CharField(label("字段", "Fields"), max_length=400)
    purpose = models.CharField(label("方式", "Way"), max_length=40, blank=True)
    key = models.PositiveBigIntegerField(label("接口密钥", "API key"), null=True)

    class Meta:
        verbose_name = label("个人信息查阅记录", "Read of personal data")
        indexes = [
            models.Index(fields=("at",), name="read_at"),
            models.Index(fields=("account", "at"), name="read_account"),
            models.Index(fields=("register", "record", "at"), name="read_record"),
        ]

    def __str__(self) -> str:
        return f"{self.reader}: {self.register}/{self.record} {self.fields}"


def note_read(
    reader: Reader, register: str, record_ids: Iterable[int], fields: Iterable[str], purpose: str = ""
) -> int:
    """Note that the reader was shown `fields` of these records whole, and say how many notes that made.

    To be called with the personal fields that were really shown. The platform's own work is no reading, and where no
    personal field was shown there is nothing to note. `purpose` is the way out: "page", "export", "api" ...
    """
    named = ",".join(sorted(fields))
    if reader.is_system or not named:
        return 0
    moment = timezone.now()
    notes = [
        ReadLog(
            at=moment,
            account=reader.account,
            reader=" ".join(reader.name.split())[:120],
            register=register,
            record=record,
            fields=named[:400],
            purpose=purpose,
            key=reader.key,
        )
        for record in record_ids
    ]
    ReadLog.objects.bulk_create(notes, batch_size=2000)
    return len(notes)


def forgotten_before(today: dt.date) -> dt.datetime:
    """Reads before this moment have been kept long enough on `today`."""
    day = 28 if (today.month, today.day) == (2, 29) else today.day
    return dt.datetime(today.year - KEPT_YEARS, today.month, day, tzinfo=timezone.get_current_timezone())


def forget_reads(today: dt.date) -> int:
    """Delete the notes that are older than five years, and say how many; younger ones the database would not let go."""
    return ReadLog.objects.filter(at__lt=forgotten_before(today)).delete()[0]


def old_enough() -> str:
    """For the guard: the SQL by which a row (OLD) is more than five years old, by the database's own clock."""
    if connection.vendor == "sqlite":
        return f"OLD.at < datetime('now', '-{KEPT_YEARS} years')"
    return f"OLD.at < now() - interval '{KEPT_YEARS} years'"
