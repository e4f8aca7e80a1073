"""The leader's board: what happens, where it stands against the plan, what changed and where from."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="plan/board",
    plan_ids=("S275",),
    title_zh="负责人看板和大屏",
    title_en="Leader's board and wall screen",
    audience=("officer",),
    regulations=("《广东省市场监管现代化“十四五”规划》第十二章",),
    facts_in=("inspection.result", "complaint.received", "report.received", "procedure.opened"),
    facts_out=(),
    pages=(
        Page("/work/leader/", "负责人看板", "Leader's board"),
        Page("/wall/", "大屏", "Wall screen"),
    ),
)
