"""S47: the registers of third-party bodies, of consumers' service stations, and of ODR enterprises."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from zhijian.apps.consumer.odr import rules
from zhijian.apps.consumer.odr.models import (
    DisputeBody,
    OdrEnterprise,
    Referral,
    ReferralAnswer,
    ServiceStation,
)
from zhijian.engines.registers.declared.columns import Code, Column, Kind, Problem
from zhijian.engines.registers.declared.declaration import Figure, Finding, Label, Values, declare
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.security.models import Role

_DATA = Path(__file__).parent / "data"
_KEEPERS = (Role.HANDLER, Role.MEDIATOR, Role.STEWARD, Role.LEADER)
_KEEPER = Label("县级市场监管部门、消费者委员会", "County market regulators and consumer councils")
_O121 = "《市场监督管理投诉举报处理办法》第六条"

BODIES = (
    Code("committee", Label("人民调解委员会", "People's mediation committee")),
    Code("council", Label("消费者委员会", "Consumer council")),
    Code("trade", Label("行业调解组织", "Mediation of a trade association")),
    Code("commercial", Label("商事调解组织", "Commercial mediation")),
    Code("arbitration", Label("仲裁委员会", "Arbitration commission")),
)
STATIONS = (
    Code("market", Label("农贸市场、专业市场", "Market")),
    Code("mall", Label("商场、超市", "Mall or supermarket")),
    Code("scenic", Label("景区", "Scenic area")),
    Code("community", Label("社区、村", "Community or village")),
    Code("enterprise", Label("企业", "Enterprise")),
    Code("platform", Label("网络平台", "Platform")),
)
TRADES = (
    Code("retail", Label("零售", "Retail")),
    Code("platform", Label("网络平台", "Platform")),
    Code("catering", Label("餐饮", "Catering")),
    Code("fitness", Label("健身美容", "Fitness and beauty")),
    Code("education", Label("教育培训", "Training")),
    Code("travel", Label("旅游住宿", "Travel and lodging")),
    Code("other", Label("其他", "Other")),
)


def _promise_is_within(values: Values, on: date) -> Iterator[Problem]:
    most = rules.REPLY.on(on)
    days = values["promise_days"]
    if days is not None and days > most:
        yield Problem(
            "promise_days", str(days),
            Label(f"承诺的应答天数不能多于{most}个工作日", f"the promise is at most {most} working days"),
            Label("请按承诺书填写，或者请企业重新承诺。", "Fill it in from the promise, or have it made anew."),
        )  # fmt: skip


def _needs_a_code(values: Values, on: date) -> Iterator[Problem]:
    if not values["uscc"]:
        yield Problem(
            "uscc", "",
            Label("ODR企业应有统一社会信用代码", "an ODR enterprise has a code of the register"),
            Label("请对照营业执照填写；邀请码只发给登记主体。", "Take it from the licence: invitations go to the registered entity."),
        )  # fmt: skip


def referrals_of(entry: DeclaredEntry, on: date) -> Sequence[Finding]:
    """Say how many referrals a body had and answered in time."""
    several = list(Referral.objects.filter(body_key=entry.key).select_related("answer"))
    if not several:
        return [
            Finding(Label("还没有转办给它的投诉。", "No complaint was referred to it yet."), _O121, "neutral")
        ]
    kept = sum(_in_time(one) for one in several)
    late = sum(not hasattr(one, "answer") and on > one.due_on for one in several)
    words = Label(
        f"收到转办{len(several)}件，按期答复{kept}件，逾期未答复{late}件。",
        f"{len(several)} referrals, {kept} answered in time, {late} overdue.",
    )
    return [Finding(words, _O121, "warn" if late else "ok")]


def _in_time(one: Referral) -> bool:
    found = ReferralAnswer.objects.filter(referral=one).first()
    return found is not None and found.at.date() <= one.due_on


def station_sums(on: date) -> Sequence[Figure]:
    """Sum up what stations settled last year, by kind."""
    sums = {one.value: 0 for one in STATIONS}
    for kind, settled in ServiceStation.objects.values_list("kind_code", "settled_last_year"):
        sums[kind] = sums.get(kind, 0) + (settled or 0)
    rows = tuple((one.label, float(sums[one.value]), f"{sums[one.value]:,}") for one in STATIONS)
    return [
        Figure(
            Label("上年就地化解的争议", "Disputes settled on the spot last year"),
            rows,
            Label("件", "disputes"),
        )
    ]


DISPUTE_BODIES = declare(
    "dispute_bodies",
    model=DisputeBody,
    plan_ids=("S47",),
    title=Label("第三方争议解决机构", "Third-party bodies for consumer disputes"),
    keeper=_KEEPER,
    is_of_councils=True,
    keepers=_KEEPERS,
    about=Label(
        "可以调解、仲裁消费争议的第三方机构：受理什么、收不收费、能不能在线办。投诉人同意的，经办单位可以转给它。",
        "Bodies that mediate or arbitrate consumer disputes: what they take, whether they charge, whether they work online.",
    ),
    legal_basis=_O121,
    key_label=Label("机构编号", "Number"),
    name_label=Label("机构", "Body"),
    from_label=Label("列入自", "Listed from"),
    to_label=Label("列入至", "Listed until"),
    counted_by=("kind_code", "works_online", "is_free"),
    findings=referrals_of,
    demo_file=_DATA / "dispute_bodies.csv",
    tags=("消费", "争议解决"),
    columns=(
        Column("kind_code", Label("类别", "Kind"), kind=Kind.CODE, codes=BODIES, is_required=True, is_filter=True, in_list=True),
        Column("scope", Label("受理范围", "What it takes"), is_required=True, is_searched=True, in_list=True),
        Column("address", Label("地址", "Address"), is_required=True, is_searched=True),
        Column("phone", Label("电话", "Phone"), is_required=True),
        Column("is_free", Label("不收费", "Free of charge"), kind=Kind.BOOLEAN, is_filter=True),
        Column("works_online", Label("可在线办理", "Works online"), kind=Kind.BOOLEAN, is_filter=True),
        Column("contact_name", Label("联络人", "Contact person")),
    ),
)  # fmt: skip

SERVICE_STATIONS = declare(
    "service_stations",
    model=ServiceStation,
    plan_ids=("S47",),
    title=Label("消费维权服务站", "Consumer service stations"),
    keeper=_KEEPER,
    is_of_councils=True,
    keepers=_KEEPERS,
    about=Label(
        "设在市场、商场、景区、社区和企业里的消费维权服务站，就地帮消费者和商家商量解决。",
        "Stations in markets, malls, scenic areas, communities and firms that settle disputes on the spot.",
    ),
    legal_basis=_O121,
    key_label=Label("站点编号", "Number"),
    name_label=Label("服务站", "Station"),
    from_label=Label("设立", "Set up on"),
    to_label=Label("撤销", "Closed on"),
    counted_by=("kind_code",),
    figures=station_sums,
    demo_file=_DATA / "service_stations.csv",
    tags=("消费", "争议解决"),
    columns=(
        Column("kind_code", Label("设在", "Where"), kind=Kind.CODE, codes=STATIONS, is_required=True, is_filter=True, in_list=True),
        Column("host", Label("设站单位", "Host"), is_required=True, is_searched=True, in_list=True),
        Column("address", Label("地址", "Address"), is_required=True, is_searched=True, in_list=True),
        Column("phone", Label("电话", "Phone"), is_required=True),
        Column("hours", Label("服务时间", "Hours"), is_required=True),
        Column("settled_last_year", Label("上年化解", "Settled last year"), kind=Kind.INTEGER, unit="件", least=0, most=100_000),
        Column("contact_name", Label("联络人", "Contact person")),
    ),
)  # fmt: skip

ODR_ENTERPRISES = declare(
    "odr_enterprises",
    model=OdrEnterprise,
    plan_ids=("S47",),
    title=Label("在线消费纠纷解决（ODR）企业", "ODR enterprises"),
    keeper=_KEEPER,
    is_of_councils=True,
    keepers=_KEEPERS,
    about=Label(
        "承诺在线与消费者先行和解的企业：收到邀请后几个工作日内应答。和解不成的，投诉照常办理。",
        "Firms that promised to settle with consumers online first, and within how many working days they answer.",
    ),
    legal_basis=_O121,
    key_label=Label("编号", "Number"),
    name_label=Label("企业", "Firm"),
    from_label=Label("加入", "Joined on"),
    to_label=Label("退出", "Left on"),
    counted_by=("trade_code",),
    rules=(_promise_is_within, _needs_a_code),
    demo_file=_DATA / "odr_enterprises.csv",
    tags=("消费", "争议解决"),
    columns=(
        Column("trade_code", Label("行业", "Trade"), kind=Kind.CODE, codes=TRADES, is_required=True, is_filter=True, in_list=True),
        Column("promise_days", Label("承诺应答", "Promises to answer within"), kind=Kind.INTEGER, unit="个工作日", least=1, most=60, is_required=True, in_list=True),
        Column("service_phone", Label("服务电话", "Service phone"), is_required=True),
        Column("contact_name", Label("联络人", "Contact person")),
    ),
)  # fmt: skip

REGISTERS = (DISPUTE_BODIES, SERVICE_STATIONS, ODR_ENTERPRISES)
