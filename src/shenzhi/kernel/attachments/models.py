"""Files attached to records: what they are, whose hash stands in the record's history, and who may read them (article 71)."""

from __future__ import annotations

from django.db import models

from shenzhi.kernel.labels import label
from shenzhi.kernel.registers.declaration import CLASSES
from shenzhi.kernel.registers.sight import INTERNAL


class Attachment(models.Model):
    """One file of one record; the bytes lie outside the web root under their hash. Only how far it may go can change."""

    REACHES = (
        *((code, label(words.zh, words.en)) for code, words in CLASSES.items()),
        (INTERNAL, label("仅承办部门", "Only those who carry it out")),
    )
    register = models.CharField(max_length=60)
    record = models.PositiveBigIntegerField()
    name = models.CharField(label("文件名", "Name"), max_length=120)
    kind = models.CharField(label("类型", "Kind"), max_length=8)
    size = models.PositiveIntegerField(label("字节数", "Bytes"))
    sha256 = models.CharField(max_length=64)
    reach = models.CharField(label("公开属性", "Reach"), max_length=12, choices=REACHES, default="closed")
    actor = models.PositiveBigIntegerField(null=True)
    at = models.DateTimeField(label("上传时间", "Attached"))

    class Meta:
        verbose_name = label("附件", "Attachment")
        constraints = [
            models.UniqueConstraint(fields=("register", "record", "sha256"), name="one_file_once_a_record")
        ]
        indexes = [models.Index(fields=("sha256",), name="attachment_hash")]

    def __str__(self) -> str:
        return self.name
