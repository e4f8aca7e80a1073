"""Double-random inspection: what the plan asks for, and where it stands here."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="supervision/inspection",
    plan_ids=("S192", "S193", "S194", "S221"),
    title_zh="“双随机、一公开”监管",
    title_en="Double-random inspection, open to all",
    audience=("public", "business", "officer"),
    regulations=(
        "《企业公示信息抽查办法》（2025年修订）",
        "《企业经营异常名录管理办法》（2025年修订）",
        "《企业信息公示暂行条例》（2024年修订）",
        "《市场监督管理行政处罚程序规定》",
        "《国务院办公厅关于推广随机抽查规范事中事后监管的通知》（国办发〔2015〕58号）",
    ),
    facts_in=("draw.drawn", "draw.published", "registration.established"),
    facts_out=(
        "inspection.dispatched",
        "inspection.confirmed",
        "inspection.result",
        "inspection.follow_up",
        "inspection.audit_answered",
        "inspection.audit_computed",
        "inspection.quality_sampled",
        "inspection.reinspected",
    ),
    pages=(
        Page("/work/", "工作台", "Workbench"),
        Page("/work/checks/<id>/", "检查任务", "Inspection task"),
        Page("/work/checks/<id>/confirm/", "第二人确认", "Confirmation by the second inspector"),
        Page("/work/checks/<id>/publish/", "公开检查结果", "Publishing a result"),
        Page("/work/follow-ups/<id>/", "后续处置", "Follow-up"),
        Page("/work/draws/", "抽签管理", "Draws"),
        Page("/work/draws/design/", "设计抽样", "Designing a sample"),
        Page("/work/draws/<plan>/", "抽签步骤", "Steps of a draw"),
        Page("/work/audit/draws/", "抽签审计", "Audit of draws"),
        Page("/work/audit/targeting/", "风险抽查的成效", "What steering is worth"),
        Page("/work/audit/strictness/", "检查尺度", "Strictness of inspectors"),
        Page("/work/audit/quality/", "检查质量复核", "Blind re-inspection"),
        Page("/work/audit/counting/", "走过场线索", "Counting for its own sake"),
        Page("/results/visits/", "企业被查了几次", "How often firms are visited", audience="public"),
        Page("/draws/audit/", "抽签审计（公开部分）", "Audit of draws, its public part", audience="public"),
        Page("/results/", "检查结果", "Inspection results", audience="public"),
        Page("/results/<id>/", "检查结果", "Inspection result", audience="public"),
    ),
    plan_titles={
        "S192": ("检查对象名录库", "Directory of inspection targets"),
        "S193": ("执法检查人员库", "Register of enforcement inspectors"),
        "S194": ("双随机抽查事项清单", "List of items for joint random inspection"),
        "S221": ("“双随机、一公开”监管平台", "“Double random, one public” inspection platform"),
    },
)
