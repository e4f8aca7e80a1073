"""The business's own page: what the plan asks for, and where it stands here."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="supervision/own_page",
    plan_ids=("S219",),
    title_zh="企业自己的页面",
    title_en="A business's own page",
    audience=("business", "officer"),
    regulations=("《企业信息公示暂行条例》（2024年修订）", "《中华人民共和国民营经济促进法》"),
    facts_in=("registration.established", "inspection.result", "penalty.decided", "annual_report.published"),
    facts_out=("document.issued",),
    pages=(
        Page("/my/", "我的企业", "My firm", audience="business"),
        Page("/my/sign-in/", "企业登录", "Sign in for a firm", audience="public"),
        Page("/my/activate/", "开通账号", "Open an account", audience="public"),
        Page("/my/people/", "本单位账号", "Accounts of the firm", audience="business"),
        Page("/work/business/", "企业账号", "Firms' accounts"),
    ),
    plan_titles={
        "S219": (
            "国家企业信用信息公示系统(广东)",
            "National Enterprise Credit Information Publicity System (Guangdong)",
        )
    },
)
