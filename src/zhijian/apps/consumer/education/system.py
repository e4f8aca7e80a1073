"""The online base of consumer education: what can be learnt, where, and how far it reaches."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="consumer/education",
    plan_ids=("S54",),
    title_zh="网上消费教育基地",
    title_en="Online base of consumer education",
    audience=("public", "officer"),
    regulations=("《消费者权益保护法》第十三条", "《广东省市场监管现代化“十四五”规划》第五章第二节"),
    facts_in=(),
    facts_out=("register.added", "register.changed", "register.ended"),
    pages=(
        Page("/learn/", "消费教育", "Learn as a consumer", audience="public"),
        Page("/learn/items/<key>/", "一篇内容", "One item to read", audience="public"),
        Page("/learn/quiz/", "小测验", "Quiz", audience="public"),
        Page("/learn/coverage/", "教育覆盖情况", "Coverage of education", audience="public"),
        Page("/registers/education_bases/", "消费教育基地", "Bases of consumer education", audience="public"),
        Page("/registers/education_events/", "消费教育活动", "Events", audience="public"),
        Page("/registers/education_items/", "内容登记", "Register of items", audience="public"),
        Page("/work/registers/education_items/", "维护教育内容", "Keep the items"),
    ),
    plan_titles={"S54": ("网上消费教育基地", "Online consumer education base")},
)
