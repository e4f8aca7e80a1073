"""Quality status of consumer goods: pass rates, injuries, recalls, assessed risks, the yearly report."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="consumer/goods_quality",
    plan_ids=("S52",),
    title_zh="消费品质量安全风险监测和质量状况分析",
    title_en="Risk monitoring and quality status of consumer goods",
    audience=("public", "officer"),
    regulations=(
        "《产品质量法》第十五条",
        "《产品质量监督抽查管理暂行办法》第八条、第四十四条",
        "《消费品召回管理暂行规定》",
        "《广东省消费品召回管理办法》",
        "《个人信息保护法》第六条",
        "GB/T 22760-2020《消费品安全风险评估通则》",
    ),
    facts_in=("complaint.received",),
    facts_out=("goods.risk_assessed", "goods.risk_decided", "register.added", "register.internal"),
    pages=(
        Page("/consumer/quality/", "消费品质量状况", "Quality of consumer goods", audience="public"),
        Page("/consumer/quality/M10/", "一类商品的质量状况", "Quality of one category", audience="public"),
        Page("/consumer/quality/injury/", "报告产品伤害", "Report an injury with a product", audience="public"),
        Page("/registers/goods_sampling/", "抽查和监测结果", "Results of sampling and monitoring", audience="public"),
        Page("/registers/goods_recalls/", "消费品召回", "Recalls of consumer goods", audience="public"),
        Page("/procedures/consumer/goods_risk/", "风险处置的流程", "From signal to measure", audience="public"),
        Page("/registers/goods_injuries/", "伤害报告", "Reports of injuries"),
        Page("/work/goods-quality/", "消费品风险监测", "Risk monitoring of consumer goods"),
    ),
    plan_titles={
        "S52": (
            "消费品质量安全风险监测评估制度 / 消费品质量状况分析评价",
            "Risk monitoring and assessment of consumer-product quality and safety",
        )
    },
)  # fmt: skip
