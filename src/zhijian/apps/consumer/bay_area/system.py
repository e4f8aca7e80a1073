"""Complaints handed over between Guangdong, Hong Kong and Macao: both ways, with consent, echo and statistics."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="consumer/bay_area",
    plan_ids=("S01",),
    title_zh="粤港澳大湾区消费投诉转办",
    title_en="Complaints between Guangdong, Hong Kong and Macao",
    audience=("public", "officer"),
    regulations=(
        "《中华人民共和国消费者权益保护法》第三十七条",
        "《中华人民共和国个人信息保护法》第六条、第三十九条",
        "《市场监督管理投诉举报处理办法》第十三条、第十五条",
        "粤港澳消费者委员会合作协议",
    ),
    facts_in=("complaint.received", "complaint.accepted"),
    facts_out=("procedure.opened", "procedure.decided"),
    pages=(
        Page("/bay-area/", "粤港澳消费投诉转办", "Complaints across the border", audience="public"),
        Page(
            "/bay-area/complain/",
            "投诉港澳商户",
            "Complain about a trader in Hong Kong or Macao",
            audience="public",
        ),
        Page("/bay-area/status/", "查转办进度", "How a transfer stands", audience="public"),
        Page("/bay-area/statistics/", "转办统计", "Statistics of transfers", audience="public"),
        Page("/work/bay-area/", "粤港澳转办", "Transfers with Hong Kong and Macao"),
        Page("/work/bay-area/new/", "由投诉转港澳", "A transfer from a complaint"),
    ),
    plan_titles={
        "S01": (
            '粤港澳大湾区消费投诉转办平台 / "一网转办"',
            'Greater Bay Area consumer complaint transfer platform ("one-network transfer")',
        )
    },
)
