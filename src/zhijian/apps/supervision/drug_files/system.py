"""Files of drug safety: licences, checks, penalties, recalls, adverse events as counts; graded by rule, and checked as the grade says."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="supervision/drug_files",
    plan_ids=("S196",),
    title_zh="药品安全信用档案",
    title_en="Drug-safety credit files",
    audience=("public", "officer"),
    regulations=(
        "《药品管理法》",
        "《药品召回管理办法》",
        "《药品不良反应报告和监测管理办法》",
        "《药品安全信用分类管理暂行规定》（国食药监市〔2004〕454号）",
    ),
    facts_in=("penalty.decided", "inspection.result", "serious_list.listed"),
    facts_out=("register.added", "register.changed", "register.ended", "register.internal"),
    pages=(
        Page(
            "/registers/drug_licences/", "药品和医疗器械许可", "Licences of the drug field", audience="public"
        ),
        Page(
            "/registers/drug_recalls/",
            "药品和医疗器械召回",
            "Recalls of drugs and devices",
            audience="public",
        ),
        Page("/work/drug-files/", "药品安全信用档案", "Drug-safety credit files"),
        Page("/work/drug-files/<uscc>/", "一户的药品安全信用档案", "The drug-safety file of a firm"),
        Page("/registers/adverse_counts/", "不良反应报告件数", "Counts of adverse-event reports"),
    ),
    plan_titles={"S196": ("药品安全信用档案", "Drug-safety credit archives")},
)
