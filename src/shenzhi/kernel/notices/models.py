"""Notices to people about their cases, and the letters by which they go out (articles 71, 90)."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils import timezone

from shenzhi.kernel.access.accounts import Account


class Notice(models.Model):
    """One event told to one person. It is written in the transaction of the event itself, so neither is without the other.

    For somebody with an account it is a line of the inbox. Somebody without one is written to at `address`, which is
    forgotten once the letter has gone out.
    """

    register = models.CharField(max_length=60)
    record = models.PositiveBigIntegerField()
    version = models.PositiveIntegerField()
    act = models.CharField(max_length=40)
    at = models.DateTimeField()
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="notices")
    address = models.EmailField(blank=True, default="")
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("register", "record", "version", "account"), name="told_an_account_once"
            ),
            models.UniqueConstraint(
                fields=("register", "record", "version", "address"),
                condition=~Q(address=""),
                name="told_an_address_once",
            ),
        ]
        indexes = [models.Index(fields=("account", "-id"), name="inbox_of_account")]

    def __str__(self) -> str:
        return f"{self.register}/{self.record} v{self.version}"


class Letter(models.Model):
    """The e-mail of a notice: waiting until `due_at`, sent, or given up with the reason.

    Whoever sends it moves `due_at` ahead first: until then nobody else takes it, and it comes up again by itself when
    its sender has died.
    """

    notice = models.OneToOneField(Notice, on_delete=models.PROTECT, related_name="letter")
    due_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(
                fields=("due_at",), condition=Q(sent_at=None, given_up_at=None), name="letter_waiting"
            ),
            models.Index(fields=("given_up_at",), condition=~Q(given_up_at=None), name="letter_given_up"),
        ]

    def __str__(self) -> str:
        return f"letter of {self.notice}"

    @property
    def standing(self) -> str:
        """ "sent", "given up" or "waiting"."""
        return "sent" if self.sent_at else "given up" if self.given_up_at else "waiting"


def waiting(moment: dt.datetime) -> models.QuerySet[Letter]:
    """The letters that are to go out by now, the longest waiting first."""
    return Letter.objects.filter(sent_at=None, given_up_at=None, due_at__lte=moment).order_by("due_at", "id")
