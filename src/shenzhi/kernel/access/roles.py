"""Who is asking: an account with its roles, and where each of them counts (department, district, organisation)."""

from __future__ import annotations

from dataclasses import dataclass

from shenzhi.kernel.words import Words

ROLES: dict[str, Words] = {
    "public": Words("公众", "Public"),
    "applicant": Words("申请人", "Applicant"),
    "member": Words("单位经办人", "Organisation member"),
    "partner": Words("相关部门经办人", "Officer of a department concerned"),
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

PARTIES = ("applicant", "member", "partner")
"""Those whose record it is, found by the paths that a register names: the applicant's account, the member's organisation,
the department of a partner: of those handlers whose business the record is, though another department carries it out."""

FOLLOWING = ("public", "applicant", "partner")
"""Roles that nobody gives: they follow from being anybody, from having an account, from handling for a department."""

OVERSEERS = ("supervisor", "auditor")
OFFICIALS = (*HANDLERS, *OVERSEERS)
ADMINISTERS = ("administrator",)
"""Who opens accounts and gives roles; no administrator gives one to himself (kernel/staff.py)."""

AUDITS = ("auditor",)
"""Who may look up who has read personal data."""

SUPERVISES = ("supervisor",)
"""Who reminds and admonishes, and decides on appeals against a lamp."""

ANSWERS = ("head",)
"""Who answers for a department: its lamps, and the ladder of warnings to it."""

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
    registers: frozenset[str] | None = None
    """The codes of the registers for which a key was made; None where there is no such limit."""
    withheld: tuple[str, ...] = ()
    """Roles that the account holds, but that do not count until it signs in with a second factor."""
    tracks: tuple[str, int] | None = None
    """Register and key of the one matter whose number and secret were shown: of it the reader is the applicant in what may
    be done, and sees no more than before."""

    def within(self, register: str) -> Reader:
        """The reader as far as one register goes: outside the registers of its key it is the public, and only reads."""
        if self.registers is None or register in self.registers:
            return self
        return Reader(name=self.name, key=self.key, may_write=False)

    def roles(self) -> frozenset[str]:
        """The roles held anywhere; everybody is of the public, and every account may apply."""
        own = {grant.role for grant in self.grants} | {"public"}
        if self.account is not None or self.tracks is not None:
            own.add("applicant")
        if self.departments():
            own.add("partner")
        return frozenset(own)

    @property
    def official(self) -> bool:
        return any(grant.role in OFFICIALS for grant in self.grants)

    @property
    def office(self) -> bool:
        """Whether whoever acts holds an office, or is the platform; everybody else acts as a private person."""
        return self.official or self.is_system or any(grant.role in ADMINISTERS for grant in self.grants)

    @property
    def is_system(self) -> bool:
        return any(grant.role == SYSTEM for grant in self.grants)

    def departments(self) -> frozenset[int]:
        """The departments for which the reader handles."""
        return frozenset(
            grant.department
            for grant in self.grants
            if grant.role in HANDLERS and grant.department is not None
        )

    def organisations(self) -> frozenset[int]:
        return frozenset(
            grant.organisation
            for grant in self.grants
            if grant.role == "member" and grant.organisation is not None
        )


PUBLIC = Reader()
PLATFORM = Reader(name="平台 Platform", grants=(Grant(SYSTEM),))
