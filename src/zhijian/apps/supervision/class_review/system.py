"""Classes by sector beside the general one, and their review by people. Internal: no page for everybody says a class."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="supervision/class_review",
    plan_ids=("S202",),
    title_zh="分领域信用等级和人工复核",
    title_en="Sector classes and their review by people",
    audience=("officer",),
    regulations=(
        "国市监信发〔2022〕6号",
        "DB44/T 2600—2025",
        "《食品生产经营监督检查管理办法》第二十二条",
    ),
    facts_in=("penalty.decided", "inspection.result", "complaint.upheld", "serious_list.listed"),
    facts_out=("class.reviewed", "procedure.opened", "procedure.decided", "procedure.closed"),
    pages=(
        Page("/about/credit-class/", "分类怎样计算", "How classes are reckoned", audience="public"),
        Page("/procedures/supervision/class_review/", "人工复核的流程", "How a review goes", audience="public"),
        Page("/entities/<uscc>/class/sectors/", "一户的分领域等级（仅内部）", "Sector classes of a firm (internal)"),
    ),
    plan_titles={
        "S202": (
            "市场主体信用评价指标和分级标准 / 信用分级分类监管",
            "Credit evaluation indicators and grades of market entities",
        ),
    },
)  # fmt: skip
