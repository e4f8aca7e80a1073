"""What refuses a delivered row of codes: one list of rules per table, each with its words in both languages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import ibis
from ibis.expr.types import BooleanValue, StringValue, Table

from zhijian.datazone.expressions.uscc import uscc_problem
from zhijian.standards.uscc import LENGTH

ENTITY_STATUSES = ("active", "suspended", "liquidating", "revoked", "deregistered")
FACT_KINDS = (
    "annual_report.published",
    "abnormal_list.listed",
    "abnormal_list.removed",
    "serious_list.listed",
    "serious_list.removed",
    "penalty.decided",
    "penalty.repaired",
    "complaint.upheld",
    "inspection.result",
    "sampling.result",
    "licence.granted",
    "registration.changed",
    "equipment.inspected",
    "product.failed",
)

OWN_KINDS = (*FACT_KINDS, "dormancy.filed")
"""The kinds that models read from our own log: those that others deliver too, and filings that only we keep."""

BORN_HERE = ("inspection", "complaints", "credit_files", "listing", "repair", "inclusive")
"""Sources of facts that the platform makes itself. The log may also hold delivered facts; the lake has those from their delivery.

Of inclusive: filings of dormancy. Of credit files, of listing and of repair: repairs granted, listings, and removals from lists. A repair lifts use as well as publicity (《信用修复管理办法》（国家发展改革委
令第36号）第三条), so what was repaired here counts no more than what a delivery says was repaired."""


@dataclass(frozen=True)
class Refusal:
    """A rule: rows for which `is_broken` holds go to quarantine with these words."""

    id: str
    field: str
    is_broken: Callable[[Table], BooleanValue]
    reason_zh: str
    reason_en: str
    remedy_zh: str
    remedy_en: str


def _is_in_guangdong(t: Table) -> BooleanValue:
    return t.prefecture_code.startswith("44") & (t.prefecture_code.length() == 6)


REGISTRATION_RULES = (
    Refusal("R-001", "uscc", lambda t: t.uscc.isnull() | uscc_problem(t.uscc).notnull(),
            "统一社会信用代码缺失或不合GB 32100。", "The credit code is missing or not valid by GB 32100.",
            "请对照营业执照更正代码后重交。", "Correct the code against the licence and deliver again."),
    Refusal("R-002", "name", lambda t: t.name.isnull() | (t.name.strip() == ""),
            "名称为空。", "The name is empty.", "请补上名称后重交。", "Add the name and deliver again."),
    Refusal("R-003", "registered_on", lambda t: t.registered_on.isnull() | (t.registered_on > t.delivered_on),
            "成立日期缺失或晚于交付日期。", "The date of registration is missing or after the delivery.",
            "请更正成立日期后重交。", "Correct the date and deliver again."),
    Refusal("R-004", "ended_on", lambda t: (t.ended_on < t.registered_on).fill_null(False),
            "终止日期早于成立日期。", "The end lies before the registration.",
            "请核对两个日期后重交。", "Check both dates and deliver again."),
    Refusal("R-005", "status_code", lambda t: ~t.status_code.isin(ENTITY_STATUSES).fill_null(False),
            "登记状态不在代码表内。", "The status is not in the code list.",
            "请使用公布的状态代码。", "Use the published status codes."),
    Refusal("R-006", "capital_yuan", lambda t: (t.capital_yuan < 0).fill_null(False),
            "注册资本为负数。", "The capital is negative.", "请更正金额后重交。", "Correct the amount and deliver again."),
    Refusal("R-007", "prefecture_code", lambda t: ~_is_in_guangdong(t).fill_null(False),
            "地级市代码缺失或不属广东省（GB/T 2260）。", "The prefecture code is missing or not of Guangdong (GB/T 2260).",
            "请按住所更正区划代码后重交。", "Correct the code by the address and deliver again."),
)  # fmt: skip

FACT_RULES = (
    # A code that is on the register is right; any other 18 characters wait until they are registered.
    Refusal("F-001", "uscc", lambda t: t.uscc.isnull() | (t.uscc.length() != LENGTH),
            "统一社会信用代码缺失或不是18位。", "The credit code is missing or not of 18 characters.",
            "请更正代码后重交。", "Correct the code and deliver again."),
    Refusal("F-002", "kind", lambda t: ~t.kind.isin(FACT_KINDS).fill_null(False),
            "事实种类不在公布的目录内。", "The kind of fact is not published.",
            "请使用公布的种类，或先申请增加。", "Use a published kind, or ask for a new one first."),
    Refusal("F-003", "occurred_on", lambda t: t.occurred_on.isnull() | (t.occurred_on > t.recorded_on).fill_null(False),
            "发生日期缺失或晚于记录日期。", "The day of the event is missing or after its record.",
            "请更正日期后重交。", "Correct the date and deliver again."),
    Refusal("F-004", "source_key", lambda t: t.source.isnull() | t.source_key.isnull(),
            "缺少来源或来源编号，无法防止重复。", "Source or key is missing, so repeats could not be told.",
            "请补上来源系统的编号后重交。", "Add the source's own key and deliver again."),
    Refusal("F-005", "amount_yuan", lambda t: (t.amount_yuan < 0).fill_null(False),
            "金额为负数。", "The amount is negative.", "请更正金额后重交。", "Correct the amount and deliver again."),
)  # fmt: skip


def first_broken(t: Table, rules: Sequence[Refusal]) -> StringValue:
    """Return the id of the first rule that a row breaks; null for a right row."""
    return ibis.cases(
        *[(rule.is_broken(t), ibis.literal(rule.id)) for rule in rules], else_=ibis.null("string")
    )
