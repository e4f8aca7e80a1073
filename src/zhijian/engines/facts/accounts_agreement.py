"""Do the accounts and what was anchored of them say the same? Names every account that was changed past the services."""

from collections.abc import Iterator

from zhijian.engines.facts import accounts_kept
from zhijian.engines.facts.verification import Finding

_WORDS = {
    "roles": ("岗位", "roles"), "area": ("辖区", "area"), "number": ("工号", "staff number"), "open": ("启用或停用", "whether it is open"),
    "unit": ("单位", "unit"), "name": ("用户名", "user name"), "new": ("没有登记记录的新账号", "a new account that nobody entered"),
    "gone": ("被删除", "it was deleted"),
}  # fmt: skip


def findings() -> Iterator[Finding]:
    """Yield a finding for each difference of the accounts from their anchors that no look stands for."""
    for key, what in accounts_kept.differences():
        zh, en = _WORDS[what]
        yield Finding(
            "account",
            f"account/{key}",
            f"账号 {key} 在数据库里被改动（{zh}）：查看记录里没有谁改的。请查明，恢复原样，再由两名管理人员照常办理。",
            f"Account {key} was changed in the database ({en}): the record of looks does not say by whom. Find out, put it back, "
            "and let administrators change it in the ordinary way.",
        )
