"""Repair of public records: asked for under conditions checked first, decided by two, revoked when false; and withdrawals."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="supervision/repair",
    plan_ids=("S201",),
    title_zh="信用修复、异议和撤回公示",
    title_en="Repair, objection and withdrawal of public records",
    audience=("public", "business", "officer"),
    regulations=(
        "《市场监督管理信用修复管理办法》（国市监信规〔2021〕3号）",
        "《市场监督管理行政处罚信息公示规定》",
        "《市场监督管理严重违法失信名单管理办法》",
        "《信用修复管理办法》（国家发展改革委令第36号）",
    ),
    facts_in=("penalty.decided", "serious_list.listed", "abnormal_list.listed"),
    facts_out=(
        "penalty.repaired",
        "serious_list.removed",
        "document.issued",
        "procedure.opened",
        "procedure.decided",
        "procedure.closed",
    ),
    pages=(
        Page("/procedures/supervision/credit_repair/", "信用修复的流程", "How a repair goes", audience="public"),
        Page("/procedures/supervision/repair_revocation/", "撤销修复的流程", "How a repair is revoked", audience="public"),
        Page("/procedures/supervision/publicity_withdrawal/", "撤回公示的流程", "How a publication is withdrawn", audience="public"),
        Page("/my/records/", "公示记录：修复和异议", "Own records: repair and objection", audience="business"),
        Page("/work/repair/", "修复和撤回公示", "Repair and withdrawal"),
    ),
    plan_titles={"S201": ("信用修复机制 / 信用信息异议申诉、退出机制", "Credit repair, objection and exit mechanism")},
)  # fmt: skip
