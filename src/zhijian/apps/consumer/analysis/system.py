"""Analysis of complaints and consumer warnings: what the plan asks for, and where it stands here."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="consumer/analysis",
    plan_ids=("S55", "S58"),
    title_zh="投诉举报分析、消费警示与集中快办",
    title_en="Analysis of complaints, consumer warnings, fast handling together",
    audience=("public", "officer"),
    regulations=(
        "《市场监督管理投诉举报处理办法》（市场监管总局令第121号）",
        "《中华人民共和国消费者权益保护法实施条例》",
    ),
    facts_in=(),
    facts_out=("warning.published", "warning.reviewed", "procedure.opened", "procedure.decided"),
    pages=(
        Page("/work/analysis/", "投诉举报分析", "Analysis of complaints"),
        Page("/work/analysis/signals/<id>/", "异常信号", "Signal"),
        Page("/work/analysis/groups/<id>/", "集中快办", "Cases settled together"),
        Page("/work/warnings/", "消费警示办理", "Consumer warnings at work"),
        Page("/work/warnings/<number>/", "消费警示", "Consumer warning"),
        Page("/warnings/", "消费提示与警示", "Consumer warnings", audience="public"),
        Page("/warnings/<number>/", "消费提示与警示", "Consumer warning", audience="public"),
        Page("/warnings/subscribe/", "用电子邮件订阅", "Warnings by e-mail", audience="public"),
        Page("/procedures/consumer/warning/", "消费警示怎么办", "How a warning is made", audience="public"),
        Page("/consumer/statistics/", "投诉举报统计", "Statistics of complaints", audience="public"),
    ),
    plan_titles={
        "S55": (
            "消费投诉信息分析 / 消费警示信息发布",
            "Complaint analysis, comparative tests and consumer warnings",
        ),
        "S58": (
            "网络投诉举报集中快速处置机制",
            "Centralised fast handling of online-shopping complaints",
        ),
    },
)
