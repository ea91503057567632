"""Makes one move of a problem as the office does, for the client that only watches: office.py NUMBER MOVE ROLE [FIELD=TEXT ...]"""

from __future__ import annotations

import os
import sys


def main() -> None:
    number, code, role, *given = sys.argv[1:]
    os.environ["DJANGO_SETTINGS_MODULE"] = "shenzhi.config.settings"
    import django

    django.setup()
    from shenzhi.apps.complaints.models import Problem
    from shenzhi.kernel.access.accounts import Account, Membership, reader_of
    from shenzhi.kernel.cases.firing import fire
    from shenzhi.kernel.registers.catalogue import register_of, serial

    case = Problem._base_manager.get(pk=serial(register_of(Problem), number))
    held = Membership.objects.filter(role=role, department=case.department_id).order_by("id").first()
    assert held is not None, f"nobody is {role} in the department of {number}"
    by = reader_of(Account.objects.get(pk=held.account_id))
    print(fire(case, code, by=by, data=dict(one.split("=", 1) for one in given)).state)


if __name__ == "__main__":
    main()
