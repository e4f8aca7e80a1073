"""Promises to consumers: worry-free businesses, no-reason-return stores, recognition with Macao."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="consumer/worry_free",
    plan_ids=("S53",),
    title_zh="放心消费和无理由退货承诺",
    title_en="Worry-free consumption and no-reason returns",
    audience=("public", "officer"),
    regulations=(
        "《消费者权益保护法》第十六条、第二十五条",
        "《广东省市场监管现代化“十四五”规划》第五章第二节",
    ),
    facts_in=(),
    facts_out=("register.added", "register.changed", "register.ended"),
    pages=(
        Page("/registers/worry_free/", "承诺名录", "Register of promises", audience="public"),
        Page("/registers/worry_free/statistics/", "承诺统计", "Statistics of promises", audience="public"),
        Page("/registers/worry_free_checks/", "承诺核查", "Checks of promises", audience="public"),
        Page(
            "/registers/macao_recognitions/", "粤澳互认商家", "Shops recognised with Macao", audience="public"
        ),
        Page("/work/registers/worry_free/", "维护承诺名录", "Keep the register of promises"),
        Page("/work/registers/worry_free_checks/", "登记核查", "Enter checks"),
    ),
    plan_titles={
        "S53": (
            "放心消费承诺单位、线下无理由退货承诺店、粤澳放心商家互认",
            "Worry-free businesses, no-reason-return stores, recognition of trusted shops with Macao",
        )
    },
)
