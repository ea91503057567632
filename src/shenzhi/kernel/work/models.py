"""When each chore of the platform last ran, what went wrong, and who is at it now."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class ChoreRun(models.Model):
    """The standing of one chore; `held_until` is a lease, so that a runner that died holds nothing for ever."""

    chore = models.CharField(max_length=40, primary_key=True)
    due_at = models.DateTimeField(default=timezone.now)
    held_until = models.DateTimeField(null=True)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    """When it last ended well."""
    result = models.CharField(max_length=200, blank=True, default="")
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True, default="")
    """Of the last run; empty when it ended well."""

    def __str__(self) -> str:
        return self.chore
