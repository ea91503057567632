"""What the platform does by itself, and how often: letters, the daily head of history, and forgetting what must not be kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from shenzhi.kernel.access.reads import forget_reads
from shenzhi.kernel.attachments import store
from shenzhi.kernel.history import heads
from shenzhi.kernel.history.events import Head
from shenzhi.kernel.notices import delivery
from shenzhi.kernel.words import Words


@dataclass(frozen=True)
class Chore:
    """Something to be done every so often. `do` may be called again at any time, also after it died half way, and says
    in a few words what it did."""

    code: str
    title: Words
    every: dt.timedelta
    do: Callable[[], str]


def _letters() -> str:
    return f"{delivery.deliver()} sent"


def _head() -> str:
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    if not Head.objects.filter(day__gte=yesterday).exists():
        heads.publish(yesterday)
    return f"head of {yesterday}"


def _reads() -> str:
    return f"{forget_reads(timezone.localdate())} forgotten"


def _sessions() -> str:
    SessionStore.clear_expired()
    return "cleared"


def _uploads() -> str:
    return f"{store.sweep()} swept"


CHORES = [
    Chore(
        "letters", Words("发送通知邮件", "Send the letters of notices"), dt.timedelta(seconds=10), _letters
    ),
    Chore(
        "head",
        Words("公布前一日的历史摘要", "Publish yesterday's head of history"),
        dt.timedelta(hours=1),
        _head,
    ),
    Chore(
        "reads", Words("清除满五年的查阅记录", "Forget reads after five years"), dt.timedelta(days=1), _reads
    ),
    Chore("sessions", Words("清除过期的登录会话", "Clear expired sessions"), dt.timedelta(days=1), _sessions),
    Chore(
        "uploads", Words("清除未确认的上传文件", "Delete unconfirmed uploads"), dt.timedelta(days=1), _uploads
    ),
]


def add(chore: Chore) -> None:
    """Announce a chore of a floor above; announcing it twice changes nothing."""
    if all(chore.code != known.code for known in CHORES):
        CHORES.append(chore)
