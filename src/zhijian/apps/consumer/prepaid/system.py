"""Prepaid cards: issuers registered, top-ups filed, deposits watched, risk seen early, refunds computed."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="consumer/prepaid",
    plan_ids=("S45",),
    title_zh="预付卡消费治理",
    title_en="Governance of prepaid cards",
    audience=("public", "officer"),
    regulations=(
        "《消费者权益保护法实施条例》第二十二条",
        "《单用途商业预付卡管理办法（试行）》",
        "《最高人民法院关于审理预付式消费民事纠纷案件适用法律若干问题的解释》",
    ),
    facts_in=(),
    facts_out=(
        "register.added",
        "register.changed",
        "register.ended",
        "register.internal",
        "procedure.opened",
        "procedure.decided",
    ),
    pages=(
        Page("/registers/prepaid_issuers/", "发卡登记", "Register of issuers", audience="public"),
        Page(
            "/registers/prepaid_issuers/statistics/", "发卡统计", "Statistics of issuers", audience="public"
        ),
        Page("/consumer/prepaid/refund/", "退卡能退多少", "How much is refunded", audience="public"),
        Page("/registers/prepaid_filings/", "充值备案", "Filings of top-ups"),
        Page(
            "/procedures/consumer/prepaid_risk/",
            "风险预警怎么办",
            "How an alert is handled",
            audience="public",
        ),
        Page("/work/registers/prepaid_issuers/", "维护发卡登记", "Keep the register of issuers"),
    ),
    plan_titles={
        "S45": (
            "预付卡消费治理（发卡登记、预付充值备案、发卡存款保证金）",
            "Prepaid-card governance: issuer registration, top-up filing, deposit guarantee",
        )
    },
)
