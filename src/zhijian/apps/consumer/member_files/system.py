"""Credit files of member firms, kept by their associations and shared by agreement; the association's word, shown apart."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="consumer/member_files",
    plan_ids=("S50",),
    title_zh="会员企业信用档案",
    title_en="Credit files of association members",
    audience=("public", "officer"),
    regulations=("《广东省市场监管现代化“十四五”规划》第五章第二节",),
    facts_in=(),
    facts_out=(
        "register.added",
        "register.changed",
        "register.ended",
        "register.internal",
        "procedure.opened",
        "procedure.decided",
        "procedure.closed",
    ),
    pages=(
        Page("/registers/associations/", "协会商会名录", "Register of associations", audience="public"),
        Page("/registers/association_members/", "同意建档的会员", "Members that agreed", audience="public"),
        Page("/consumer/credit/<uscc>/", "信用档案里协会的说法", "The association's word in a credit file", audience="public"),
        Page("/procedures/consumer/member_objection/", "会员异议的流程", "How a member's objection goes", audience="public"),
        Page("/work/members/", "协会工作台", "The association's desk"),
        Page("/work/members/objection/", "登记会员异议", "Register a member's objection"),
    ),
    plan_titles={"S50": ("会员企业信用档案", "Credit archives of member enterprises (trade associations)")},
)  # fmt: skip
