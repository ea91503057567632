"""What a client was answered, by the key that it gave: the same request sent twice is done once."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Receipt(models.Model):
    """One request that was carried out; `actor` is 0 for the public. `digest` tells the same request from another."""

    actor = models.PositiveBigIntegerField()
    key = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    register = models.CharField(max_length=60)
    record = models.PositiveBigIntegerField()
    version = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("actor", "key"), name="one_request_a_key")]

    def __str__(self) -> str:
        return f"{self.key}: {self.register}/{self.record}"
