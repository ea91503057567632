"""Views of the desk that a person keeps: a name and what it asks."""

from __future__ import annotations

from django.db import models

from shenzhi.kernel.labels import label


class SavedView(models.Model):
    """One question to the desk, of one account."""

    account = models.ForeignKey("kernel.Account", on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(label("名称", "Name"), max_length=40)
    query = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = label("保存的视图", "Saved view")
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=("account", "name"), name="one_view_a_name")]

    def __str__(self) -> str:
        return self.name
