"""Promises made at approval: kept on a register, checked in time, and with consequences where they are not kept."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="supervision/commitments",
    plan_ids=("S203",),
    title_zh="告知承诺信用监管",
    title_en="Credit supervision of promises made at approval",
    audience=("public", "officer"),
    regulations=(
        "《广东省市场监管条例》第四十六条",
        "国办发〔2020〕42号",
        "《市场监督管理严重违法失信名单管理办法》第十五条",
        "《行政许可法》第六十九条、第七十九条",
    ),
    facts_in=("serious_list.listed", "serious_list.removed"),
    facts_out=(
        "commitment.checked",
        "commitment.withdrawn",
        "document.issued",
        "procedure.opened",
        "procedure.decided",
        "procedure.closed",
        "register.added",
        "register.changed",
        "register.ended",
    ),
    pages=(
        Page("/registers/approval_commitments/", "告知承诺登记簿", "Register of promises", audience="public"),
        Page("/registers/approval_commitments/statistics/", "承诺履行统计", "How promises are kept", audience="public"),
        Page("/registers/commitment_texts/", "告知承诺文本", "Texts of promises", audience="public"),
        Page("/procedures/supervision/commitment_check/", "事后核查的流程", "How a promise is checked", audience="public"),
        Page("/work/commitments/", "告知承诺核查", "Checks of promises"),
    ),
    plan_titles={
        "S203": ("告知承诺事项信用监管制度", "Credit supervision of notified-commitment matters"),
    },
)  # fmt: skip
