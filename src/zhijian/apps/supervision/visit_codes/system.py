"""Codes of visits: what the plan asks for, and where it stands here."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="supervision/visit_codes",
    plan_ids=("S221",),
    title_zh="亮码入企",
    title_en="Entry by code",
    audience=("public", "business", "officer"),
    regulations=("《国务院办公厅关于严格规范涉企行政检查的意见》（国办发〔2024〕54号）",),
    facts_in=("inspection.dispatched",),
    facts_out=("document.issued",),
    pages=(
        Page("/visit/", "核对来人", "Who is at the door", audience="public"),
        Page(
            "/visit/without-code/", "反映没有亮码的检查", "Tell of a visit without a code", audience="public"
        ),
        Page("/work/visits/", "企业对检查的评价", "What businesses say of visits"),
    ),
    plan_titles={
        "S221": ("“双随机、一公开”监管平台", "“Double random, one public” inspection platform"),
    },
)
