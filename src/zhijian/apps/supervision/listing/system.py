"""The abnormal list and the serious-violation list: put on by two persons, taken off when cured, and the way off them."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="supervision/listing",
    plan_ids=("S197", "S201"),
    title_zh="经营异常名录和严重违法失信名单",
    title_en="Abnormal list and serious-violation list",
    audience=("public", "officer"),
    regulations=(
        "《企业信息公示暂行条例》（2024年修订）",
        "《企业经营异常名录管理办法》（2025年修订）",
        "《个体工商户年度报告办法》（2025年修订）",
        "《市场监督管理严重违法失信名单管理办法》",
        "《市场监督管理行政处罚信息公示规定》",
    ),
    facts_in=("penalty.decided", "penalty.repaired", "serious_list.removed"),
    facts_out=(
        "abnormal_list.listed",
        "abnormal_list.removed",
        "serious_list.listed",
        "document.issued",
        "procedure.opened",
        "procedure.decided",
        "procedure.closed",
    ),
    pages=(
        Page("/lists/", "在列名单", "Who is on the lists", audience="public"),
        Page("/lists/<uscc>/", "怎样依法离开公示页", "The shortest lawful way off", audience="public"),
        Page("/procedures/supervision/abnormal_listing/", "列入经营异常名录的流程", "How a firm is listed", audience="public"),
        Page("/procedures/supervision/abnormal_removal/", "移出经营异常名录的流程", "How a firm is taken off", audience="public"),
        Page("/procedures/supervision/serious_listing/", "列入严重违法失信名单的流程", "How the serious list is decided", audience="public"),
        Page("/work/lists/", "名单的列入和移出", "Putting on and taking off"),
    ),
    plan_titles={
        "S197": ("严重违法失信企业名单", "List of enterprises with serious unlawful and dishonest acts"),
        "S201": ("信用修复机制 / 信用信息异议申诉、退出机制", "Credit repair, objection and exit mechanism"),
    },
)  # fmt: skip
