"""Sets Django up for a command, so that every app has announced what it adds."""

from __future__ import annotations

import os


def start() -> None:
    """Set Django up with the settings of the box; setting it up twice changes nothing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shenzhi.config.settings")
    import django  # the settings must be named before

    django.setup()
    from shenzhi.config import chores  # it names what needs Django to be set up

    chores.announce()
