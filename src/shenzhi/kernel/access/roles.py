"""Who is asking: an account with its roles, and where each of them counts (department, district, organisation)."""

from __future__ import annotations

from dataclasses import dataclass

from shenzhi.kernel.words import Words

ROLES: dict[str, Words] = {
    "public": Words("公众", "Public"),
    "applicant": Words("申请人", "Applicant"),
    "member": Words("单位经办人", "Organisation member"),
    "clerk": Words("经办人", "Clerk"),
    "reviewer": Words("审核人", "Reviewer"),
    "head": Words("部门负责人", "Department head"),
    "district": Words("区经办人", "District officer"),
    "supervisor": Words("监察员", "Supervisor"),
    "auditor": Words("审计员", "Auditor"),
    "administrator": Words("系统管理员", "Administrator"),
}
HANDLERS = ("clerk", "reviewer", "head", "district")
"""The roles that carry procedures out, each within its department and district."""

OVERSEERS = ("supervisor", "auditor")
OFFICIALS = (*HANDLERS, *OVERSEERS)
SYSTEM = "system"
"""What the platform does by itself: seeds, and moves that the law lets time alone make. No account can have this role."""


@dataclass(frozen=True)
class Grant:
    """One role, and where it counts: `None` for department or district means all of them.

    `keeps` is the code of the department: it carries out the registers that name it as their keeper."""

    role: str
    department: int | None = None
    district: int | None = None
    organisation: int | None = None
    keeps: str = ""


@dataclass(frozen=True)
class Reader:
    """Who reads or acts: `account` is None for the public and for the platform itself."""

    account: int | None = None
    name: str = ""
    grants: tuple[Grant, ...] = ()
    key: int | None = None
    """The API key used, where one was used; its scopes have narrowed `grants` already."""
    may_write: bool = True

    def roles(self) -> frozenset[str]:
        """The roles held anywhere; everybody is of the public, and every account may apply."""
        own = {grant.role for grant in self.grants} | {"public"}
        return frozenset(own | {"applicant"} if self.account is not None else own)

    @property
    def official(self) -> bool:
        return any(grant.role in OFFICIALS for grant in self.grants)

    @property
    def is_system(self) -> bool:
        return any(grant.role == SYSTEM for grant in self.grants)

    def organisations(self) -> frozenset[int]:
        return frozenset(
            grant.organisation
            for grant in self.grants
            if grant.role == "member" and grant.organisation is not None
        )


PUBLIC = Reader()
PLATFORM = Reader(name="平台 Platform", grants=(Grant(SYSTEM),))
