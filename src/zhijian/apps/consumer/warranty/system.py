"""The three guarantees: disputes kept, decided by the rule, counted; anyone may ask the rule."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="consumer/warranty",
    plan_ids=("S44",),
    title_zh="“三包”争议解决",
    title_en="Disputes under the three guarantees",
    audience=("public", "officer"),
    regulations=("《部分商品修理更换退货责任规定》", "《消费者权益保护法》第二十四条"),
    facts_in=(),
    facts_out=("register.internal",),
    pages=(
        Page("/consumer/warranty/", "三包怎么算", "What the guarantees give", audience="public"),
        Page("/registers/warranty_disputes/", "三包争议登记", "Disputes"),
        Page("/registers/warranty_disputes/statistics/", "三包争议统计", "Statistics of disputes"),
        Page("/work/registers/warranty_disputes/", "登记争议", "Enter disputes"),
    ),
    plan_titles={
        "S44": (
            "“三包”争议解决机制、产品质量担保制度",
            "“Three guarantees” (repair, replacement, refund) dispute mechanism and product warranty system",
        )
    },
)
