"""Disciplinary and incentive measures: the catalogue, matching where a department decides, its answer, and the end of all."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="supervision/measures",
    plan_ids=("S198", "S199", "S200"),
    title_zh="失信惩戒和守信激励",
    title_en="Disciplinary and incentive measures",
    audience=("public", "officer", "department"),
    regulations=(
        "《企业信息公示暂行条例》（2024年修订）第十八条、第十九条",
        "《市场监督管理严重违法失信名单管理办法》第十五条",
        "国办发〔2020〕49号",
    ),
    facts_in=(
        "abnormal_list.listed",
        "abnormal_list.removed",
        "serious_list.listed",
        "serious_list.removed",
        "penalty.decided",
        "commitment.withdrawn",
    ),
    facts_out=("register.added", "register.changed", "register.ended", "register.internal"),
    pages=(
        Page("/registers/discipline_measures/", "失信惩戒措施清单", "Catalogue of disciplinary measures", audience="public"),
        Page("/registers/incentive_recognitions/", "守信激励对象", "Firms recognised for incentives", audience="public"),
        Page("/registers/tolerable_papers/", "容缺受理材料清单", "Papers that may come later", audience="public"),
        Page("/work/measures/", "惩戒响应和反馈", "Matching and answers of departments"),
        Page("/work/measures/answers/", "告知本单位的惩戒措施", "Measures told to your unit", audience="department"),
        Page("/work/registers/incentive_uses/", "激励措施使用记录", "Use of incentives"),
    ),
    plan_titles={
        "S198": ("失信惩戒响应和反馈机制", "Response and feedback on joint punishment"),
        "S199": ("联合惩戒措施清单", "List of joint-punishment measures"),
        "S200": ("守信联合激励、绿色通道、容缺受理", "Incentives: green channel, tolerance of missing papers"),
    },
)  # fmt: skip
