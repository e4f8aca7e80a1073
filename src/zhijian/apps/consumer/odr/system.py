"""Online dispute resolution: rooms of the parties, third-party bodies, service stations, hand-over to the court."""

from zhijian.apps.system import Page, System

SYSTEM = System(
    name="consumer/odr",
    plan_ids=("S47",),
    title_zh="在线消费纠纷解决",
    title_en="Online dispute resolution for consumers",
    audience=("public", "business", "officer"),
    regulations=(
        "《市场监督管理投诉举报处理办法》第六条、第十八条至第二十四条",
        "《中华人民共和国人民调解法》第三十三条",
        "《中华人民共和国民事诉讼法》第一百二十二条、第一百六十五条、第一百六十六条、第二百零五条",
        "《中华人民共和国民法典》第四百七十六条、第四百七十八条、第四百九十条",
    ),
    facts_in=("complaint.accepted",),
    facts_out=(
        "odr.opened",
        "odr.agreed",
        "odr.handed_over",
        "odr.referred",
        "odr.referral_answered",
        "register.added",
        "register.changed",
        "register.ended",
    ),
    pages=(
        Page("/odr/", "在线调解室", "Room for the two sides", audience="public"),
        Page("/odr/room/", "调解室里", "In the room", audience="public"),
        Page("/odr/statistics/", "在线调解统计", "Statistics of rooms", audience="public"),
        Page("/registers/dispute_bodies/", "第三方争议解决机构", "Third-party bodies", audience="public"),
        Page(
            "/registers/service_stations/", "消费维权服务站", "Consumer service stations", audience="public"
        ),
        Page("/registers/odr_enterprises/", "ODR企业", "ODR enterprises", audience="public"),
        Page("/work/odr/", "在线调解", "Online mediation"),
        Page("/work/odr/rooms/<number>/", "调解室", "Room"),
        Page("/work/odr/complaints/<number>/", "开调解室、转第三方", "Open a room, refer to a body"),
    ),
    plan_titles={
        "S47": (
            "在线消费纠纷解决机制(ODR) / 消费维权服务站 / 第三方争议解决机制 / 诉讼、仲裁与调解对接机制",
            "Online dispute resolution for consumers, rights service stations, third-party settlement and linkage with litigation, arbitration and mediation",
        )
    },
)
