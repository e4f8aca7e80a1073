"""Credit files of the consumer field: collected from facts, published by law, corrected and repaired by procedure."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="consumer/credit_files",
    plan_ids=("S49",),
    title_zh="消费领域信用档案",
    title_en="Credit files of the consumer field",
    audience=("public", "officer"),
    regulations=(
        "《市场监督管理行政处罚信息公示规定》",
        "《市场监督管理严重违法失信名单管理办法》",
        "《企业经营异常名录管理办法》（2025年修订）",
        "《市场监督管理信用修复管理办法》（国市监信规〔2021〕3号）",
        "《信用修复管理办法》（国家发展改革委令第36号）",
        "国办发〔2020〕49号",
    ),
    facts_in=(
        "penalty.decided",
        "serious_list.listed",
        "abnormal_list.listed",
        "complaint.published",
        "complaint.upheld",
        "register.added",
        "register.ended",
    ),
    facts_out=(
        "penalty.repaired",
        "serious_list.removed",
        "abnormal_list.removed",
        "procedure.opened",
        "procedure.decided",
        "procedure.closed",
    ),
    pages=(
        Page("/consumer/credit/", "消费领域信用档案", "Credit files of the consumer field", audience="public"),
        Page("/consumer/credit/<uscc>/", "一户的信用档案", "The credit file of a firm", audience="public"),
        Page("/procedures/consumer/credit_objection/", "信用信息异议的流程", "How an objection goes", audience="public"),
        Page("/procedures/consumer/credit_repair/", "信用修复的流程", "How a repair goes", audience="public"),
        Page("/work/credit/<uscc>/", "完整档案（写明用途）", "The whole file, for a stated purpose"),
        Page("/work/credit/uses/", "档案使用记录", "Uses of files"),
    ),
    plan_titles={
        "S49": (
            "消费领域信用信息 / 消费领域失信惩戒",
            "Consumer-field credit information (record, collect, publish, correct, repair, apply, protect)",
        )
    },
)  # fmt: skip
