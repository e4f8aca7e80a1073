"""Inclusive and prudent supervision: bounded trials, first offences, dormancy, the white list, presumption of conformity."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="supervision/inclusive",
    plan_ids=("S205", "S206", "S240", "S241", "S249"),
    title_zh="包容审慎监管工具",
    title_en="Tools of inclusive supervision",
    audience=("public", "business", "officer"),
    regulations=(
        "《行政处罚法》（2021年修订）第三十三条",
        "《市场主体登记管理条例》第三十条",
        "《广东省市场监管现代化“十四五”规划》第九章第一节、第十章第二节、第十章第三节",
    ),
    facts_in=("abnormal_list.listed", "serious_list.listed", "penalty.decided", "commitment.withdrawn"),
    facts_out=("dormancy.filed", "register.added", "register.changed", "register.ended", "document.issued", "procedure.opened", "procedure.closed"),
    pages=(
        Page("/registers/sandbox_trials/", "沙盒监管试点", "Bounded trials", audience="public"),
        Page("/registers/sandbox_readings/", "试点监测记录", "Readings of trials", audience="public"),
        Page("/procedures/supervision/sandbox_trials/", "进入试点的流程", "How one is admitted", audience="public"),
        Page("/registers/first_offence_items/", "首违不罚事项清单", "First offences that may be forgiven", audience="public"),
        Page("/registers/dormancies/", "歇业备案", "Dormant firms", audience="public"),
        Page("/registers/supervision_white_list/", "监管白名单", "White list of supervision", audience="public"),
        Page("/registers/presumed_conforming/", "合格假定企业", "Firms presumed to conform", audience="public"),
        Page("/my/letters/<document_id>/", "发给本单位的指导书和决定书", "Letters and decisions to the firm", audience="business"),
        Page("/work/registers/leniency_cases/", "首违不罚和行政指导", "First offences and guidance"),
        Page("/work/registers/presumption_alarms/", "合格假定报警", "Alarms about presumed firms"),
    ),
    plan_titles={
        "S205": ("沙盒监管、敏捷治理、包容审慎监管", "Regulatory sandbox and inclusive supervision"),
        "S206": ("行政指导、自由裁量权规范、梯次监管工具", "Guidance, discretion and graded tools"),
        "S240": ("企业“休眠”制度", "Dormancy of firms"),
        "S241": ("监管“白名单”制度", "Supervision white list"),
        "S249": ("企业合格假定监管示范区、信用治理创新先行区", "Presumption-of-conformity supervision zone"),
    },
)  # fmt: skip
