"""The plan measured by its own system: values by two persons, progress, evaluations, money."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="plan/monitoring",
    plan_ids=("S275",),
    title_zh="规划实施监测、评估和公开",
    title_en="Monitoring, evaluation and publication of how the plan is carried out",
    audience=("public", "officer"),
    regulations=("《广东省市场监管现代化“十四五”规划》第十二章",),
    facts_in=(),
    facts_out=("indicator.published", "indicator.adjusted", "plan_evaluation.published"),
    pages=(  # the one that opens before a plan is loaded; /plan/ links to the others once one is
        Page("/plan/evaluations/", "规划评估报告", "Evaluations of the plan", audience="public"),
    ),
)
