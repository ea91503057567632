"""What happens before the office of the box opens: its tables are brought up to date and filled where they are empty."""

from __future__ import annotations

from shenzhi.kernel.office import Office
from shenzhi.kernel.words import Progress, Words


def migrate(*, progress: Progress) -> None:
    """Bring the tables up to date; nothing to do where they are."""
    from django.core.management import call_command

    progress(Words("更新数据表", "tables"), 0, 0)
    call_command("migrate", interactive=False, verbosity=0)


def fill(office: Office, *, progress: Progress) -> None:
    """Enter what a new office lacks; in a fictional one also its people and cases. What is there stays as it is."""
    from django.utils import timezone

    from shenzhi.kernel.model_office import live
    from shenzhi.kernel.seeding import seed_office

    seed_office(office, progress=progress)
    if office.fictional:
        live(office, today=timezone.localdate(), progress=progress)
