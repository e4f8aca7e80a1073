"""Annual reports: what the plan asks for, and where it stands here."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="supervision/annual_reports",
    plan_ids=("S219",),
    title_zh="年度报告和即时信息",
    title_en="Annual reports and information as it arises",
    audience=("public", "business", "officer"),
    regulations=(
        "《企业信息公示暂行条例》（2024年修订）",
        "《个体工商户年度报告办法》（2025年修订）",
        "《企业经营异常名录管理办法》（2025年修订）",
    ),
    facts_in=("annual_report.published",),
    facts_out=("annual_report.published", "instant_information.published"),
    pages=(
        Page("/my/reports/", "年度报告", "Annual reports", audience="business"),
        Page("/my/reports/<year>/", "填报年度报告", "Fill in an annual report", audience="business"),
        Page("/entities/<uscc>/reports/<year>/", "年度报告内容", "An annual report", audience="public"),
        Page("/my/information/", "即时信息", "Information as it arises", audience="business"),
        Page("/my/information/<kind>/", "公示一条信息", "Publish information", audience="business"),
        Page("/entities/<uscc>/information/", "即时信息", "Information as it arises", audience="public"),
        Page("/work/annual-reports/", "年度报告", "Annual reports"),
        Page("/work/annual-reports/paper/", "录入纸质年报", "Reports on paper"),
        Page("/work/annual-reports/checks/", "公示信息抽查核对", "Random checks of what was published"),
    ),
    plan_titles={
        "S219": (
            "国家企业信用信息公示系统(广东)",
            "National Enterprise Credit Information Publicity System (Guangdong)",
        )
    },
)
