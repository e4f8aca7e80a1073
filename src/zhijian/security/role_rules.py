"""Which roles one person never holds together: one table, asked wherever a role is given."""

from collections.abc import Iterable

from zhijian.security.models import Role
from zhijian.security.permissions import Permission
from zhijian.standards.bilingual import BilingualError

_ALL = frozenset(Role.values)

TOGETHER_NEVER: tuple[tuple[frozenset[str], frozenset[str], str, str], ...] = (
    (
        frozenset({Role.PARTNER}), _ALL - {Role.PARTNER},
        "参与部门人员属于别的部门，不能兼任市场监管的岗位。",
        "People of another department hold no role of market supervision.",
    ),
    (
        frozenset({Role.ASSOCIATION}), _ALL - {Role.ASSOCIATION},
        "行业协会档案员不是监管人员，不能和其他岗位兼任。",
        "An association's keeper is no authority and holds no other role.",
    ),
    (
        frozenset({Role.AUDITOR}), _ALL - {Role.AUDITOR},
        "审计监督人员监督所有办事的岗位，不能兼任其中任何一个。",
        "An auditor oversees all who act, and holds no other role.",
    ),
    (
        frozenset({Role.FINANCE}), frozenset({Role.LEADER}),
        "决定奖励的人不付款：财务人员和单位负责人不能兼任。",
        "Who decides a reward does not pay it: finance and leader are two persons.",
    ),
    (
        frozenset({Role.DRAWER}), frozenset({Role.STEWARD, Role.LEADER}),
        "抽签的人不维护名录库：抽签人员不能兼任数据管理员或者单位负责人。",
        "Who draws does not keep the rosters: a drawer is neither steward nor leader.",
    ),
)  # fmt: skip
"""Roles on the one side and on the other that nobody holds together, with the reason in both languages."""

RIGHTS_APART: tuple[tuple[Permission, Permission], ...] = (
    (Permission.DECIDE_REWARD, Permission.PAY_REWARD),
    (Permission.MANAGE_DRAW, Permission.OPEN_DRAW_LEAVES),
    (Permission.MANAGE_DRAW, Permission.AUDIT_DRAWS),
    (Permission.MANAGE_DRAW, Permission.MANAGE_OFFICERS),
    (Permission.INSPECT, Permission.VIEW_INTERESTS),
    (Permission.VIEW_ACCESS_RECORDS, Permission.MANAGE_OFFICERS),
    (Permission.VIEW_ACCESS_RECORDS, Permission.ANSWER_DATA_REQUESTS),
    (Permission.VIEW_ACCESS_RECORDS, Permission.WORK_COMPLAINT),
    (Permission.VIEW_ACCESS_RECORDS, Permission.INSPECT),
    (Permission.VIEW_DELIVERIES, Permission.DECIDE_EXCHANGE),
)
"""Rights that no person holds both of, in whatever roles: tested over all roles that go together."""


class RolesDoNotGoTogether(BilingualError):
    """One person would oversee, pay or draw the own work. Carries both languages."""


def check_together(held: Iterable[str], role: str) -> None:
    """Refuse a role that does not go with one that is held.

    Raises:
        RolesDoNotGoTogether: the table says so.
    """
    others = set(held) - {role}
    for one, other, zh, en in TOGETHER_NEVER:
        if (role in one and others & other) or (role in other and others & one):
            raise RolesDoNotGoTogether(zh, en)
