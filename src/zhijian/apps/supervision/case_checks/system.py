"""Checks for a lead: what the plan asks for, and where it stands here."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="supervision/case_checks",
    plan_ids=("S221",),
    title_zh="个案检查",
    title_en="Checks for a lead",
    audience=("business", "officer"),
    regulations=(
        "《中华人民共和国民营经济促进法》第五十二条",
        "《国务院办公厅关于严格规范涉企行政检查的意见》（国办发〔2024〕54号）",
    ),
    facts_in=("inspection.dispatched",),
    facts_out=("inspection.case_checked",),
    pages=(
        Page("/work/case-checks/", "个案检查", "Checks for a lead"),
        Page("/work/case-checks/<number>/", "一次个案检查", "One check for a lead"),
        Page("/my/case-checks/", "个案检查", "Checks for a lead", audience="business"),
    ),
    plan_titles={
        "S221": ("“双随机、一公开”监管平台", "“Double random, one public” inspection platform"),
    },
)
