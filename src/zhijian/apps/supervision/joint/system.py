"""Joint inspections of several departments: what the plan asks for, and where it stands here."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="supervision/joint",
    plan_ids=("S194", "S221"),
    title_zh="部门联合抽查",
    title_en="Joint inspections of departments",
    audience=("public", "officer"),
    regulations=(
        "《国务院关于在市场监管领域全面推行部门联合“双随机、一公开”监管的意见》（国发〔2019〕5号）",
        "《国务院办公厅关于严格规范涉企行政检查的意见》（国办发〔2024〕54号）",
    ),
    facts_in=("draw.drawn", "inspection.dispatched"),
    facts_out=("joint.joined", "joint.result"),
    pages=(
        Page("/work/joint/", "联合抽查", "Joint inspections"),
        Page("/work/joint/<plan>/", "联合抽查计划", "Joint inspection"),
        Page("/work/joint/visits/<id>/", "联合检查任务", "A department's part of a visit"),
        Page("/joint/", "联合抽查和结果", "Joint inspections and results", audience="public"),
        Page("/joint/<plan>/", "一次联合抽查", "One joint inspection", audience="public"),
    ),
    plan_titles={
        "S194": ("双随机抽查事项清单", "List of items for joint random inspection"),
        "S221": ("“双随机、一公开”监管平台", "“Double random, one public” inspection platform"),
    },
)
