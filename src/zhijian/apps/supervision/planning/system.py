"""What may be checked, of whom, by whom, and how much in a year: items, objects, inspectors, annual plans."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="supervision/planning",
    plan_ids=("S192", "S193", "S194"),
    title_zh="抽查事项清单、检查对象库、执法检查人员库和年度抽查计划",
    title_en="Items for random inspection, libraries of objects and inspectors, annual plans",
    audience=("public", "business", "officer"),
    regulations=(
        "《国务院办公厅关于推广随机抽查规范事中事后监管的通知》（国办发〔2015〕58号）",
        "《国务院办公厅关于严格规范涉企行政检查的意见》（国办发〔2024〕54号）",
        "《企业公示信息抽查办法》（2025年修订）第四条",
        "《食品生产经营监督检查管理办法》第二十三条",
    ),
    facts_in=(),
    facts_out=(
        "register.added",
        "register.changed",
        "register.ended",
        "register.internal",
        "plan.filed",
        "plan.published",
    ),
    pages=(
        Page("/registers/inspection_items/", "抽查事项清单", "Items for inspection", audience="public"),
        Page("/registers/inspection_items/statistics/", "清单统计", "Statistics of items", audience="public"),
        Page("/work/registers/inspection_items/", "维护事项清单", "Keep the list of items"),
        Page("/registers/inspectors/", "执法检查人员库", "Library of inspectors"),
        Page("/work/registers/inspectors/", "维护人员库", "Keep the library of inspectors"),
        Page("/registers/object_tags/", "检查对象标签", "Tags of objects", audience="public"),
        Page("/registers/inspection_objects/", "登记簿以外的检查对象", "Objects outside the register"),
        Page("/registers/object_tag_marks/", "人工标注", "Tags put by hand"),
        Page("/registers/object_exclusions/", "不参加抽取的对象", "Objects left out of draws"),
        Page("/plan-of-inspections/", "年度抽查计划", "Annual plans of inspections", audience="public"),
        Page("/work/plans/", "编制年度抽查计划", "Make the annual plan"),
        Page("/work/interests/", "利害关系申报", "Declared ties"),
    ),
    plan_titles={
        "S192": ("检查对象名录库", "Directory of inspection targets"),
        "S193": ("执法检查人员库", "Register of enforcement inspectors"),
        "S194": ("双随机抽查事项清单", "List of items for joint random inspection"),
    },
)
