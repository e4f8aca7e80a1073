"""Model contracts, unfair standard terms found by published rules, and their supervision."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="consumer/contracts",
    plan_ids=("S48",),
    title_zh="合同示范文本和不公平格式条款监管",
    title_en="Model contracts and supervision of unfair terms",
    audience=("public", "business", "officer"),
    regulations=(
        "《合同行政监督管理办法》",
        "《民法典》第四百九十六条至第四百九十八条、第五百零六条",
        "《消费者权益保护法》第二十六条",
        "《消费者权益保护法实施条例》第十七条",
    ),
    facts_in=(),
    facts_out=(
        "register.added",
        "register.changed",
        "register.ended",
        "procedure.opened",
        "procedure.decided",
        "procedure.closed",
        "document.issued",
        "contract.published",
        "report.received",
    ),
    pages=(
        Page(
            "/consumer/contracts/",
            "查合同里的不公平条款",
            "Check a contract for unfair terms",
            audience="public",
        ),
        Page(
            "/consumer/contracts/rules/",
            "不公平格式条款识别规则",
            "Rules for unfair terms",
            audience="public",
        ),
        Page("/consumer/contracts/models/", "合同示范文本", "Model contracts", audience="public"),
        Page(
            "/consumer/contracts/statistics/",
            "格式条款监管统计",
            "Statistics of unfair terms",
            audience="public",
        ),
        Page("/consumer/contracts/results/", "公布的监管结果", "Published results", audience="public"),
        Page("/registers/model_contracts/", "示范文本库", "Library of model contracts", audience="public"),
        Page(
            "/registers/contract_filings/",
            "格式条款合同备案",
            "Filings of standard contracts",
            audience="public",
        ),
        Page("/work/contracts/", "格式条款监管", "Supervision of standard terms"),
    ),
    plan_titles={
        "S48": (
            "合同示范文本 / 不公平合同格式条款监管",
            "Model contract texts and supervision of unfair standard terms",
        )
    },
)
