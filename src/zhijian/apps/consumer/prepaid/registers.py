"""S45: the register of issuers of prepaid cards, and their monthly filings, which stay internal."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from zhijian.apps.consumer.prepaid import rules
from zhijian.apps.consumer.prepaid.models import PrepaidFiling, PrepaidIssuer
from zhijian.engines.registers.declared.columns import Code, Column, Kind, Problem
from zhijian.engines.registers.declared.declaration import Audience, Figure, Finding, Label, Values, declare
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.security.models import Role

_DATA = Path(__file__).parent / "data"
_KEEPERS = (Role.HANDLER, Role.STEWARD, Role.LEADER)
_LAW = "《消费者权益保护法实施条例》第二十二条"
_DEPOSIT = "《单用途商业预付卡管理办法（试行）》第二十六条"

CLASSES = (
    Code("scale", Label("规模发卡企业", "Issuer of scale")),
    Code("group", Label("集团发卡企业", "Group issuer")),
    Code("brand", Label("品牌发卡企业", "Brand issuer")),
    Code("other", Label("其他发卡企业", "Other issuer")),
)
TRADES = (
    Code("retail", Label("零售", "Retail")),
    Code("catering", Label("餐饮", "Catering")),
    Code("beauty", Label("美容美发", "Beauty and hair")),
    Code("fitness", Label("健身", "Fitness")),
    Code("laundry", Label("洗染", "Laundry")),
    Code("training", Label("教育培训", "Training")),
    Code("vehicles", Label("汽车养护", "Car care")),
    Code("other", Label("其他", "Other")),
)
GUARANTEES = (
    Code("bank", Label("银行存管", "Kept at a bank")),
    Code("insurance", Label("履约保证保险", "Performance insurance")),
    Code("letter", Label("银行保函", "Bank guarantee")),
    Code("none", Label("没有担保", "No guarantee")),
)
LEVELS = {
    "low": (Label("低", "low"), "ok"),
    "watch": (Label("关注", "watch"), "warn"),
    "high": (Label("高", "high"), "err"),
}


def _face_is_allowed(values: Values, on: date) -> Iterator[Problem]:
    if not rules.is_face_allowed(values["most_face_yuan"], on=on):
        yield Problem(
            "most_face_yuan", str(values["most_face_yuan"]),
            Label("超过记名卡限额", "more than a card may carry"), Label("记名卡最多5,000元。", "At most CNY 5,000."),
        )  # fmt: skip


def _guarantor_is_named(values: Values, on: date) -> Iterator[Problem]:
    if values["guarantee_code"] != "none" and not values["guarantor"]:
        yield Problem("guarantor", "", Label("有担保的应写明银行或保险公司", "a guarantee names its bank or insurer"),
                      Label("请填写担保机构。", "Name the guarantor."))  # fmt: skip


def _filing_ends_a_month(values: Values, on: date) -> Iterator[Problem]:
    if values["valid_from"] > on:
        yield Problem("valid_from", str(values["valid_from"]), Label("备案日期在将来", "the filing lies ahead"),
                      Label("请填写备案所属月份的最后一天。", "Give the last day of the month filed."))  # fmt: skip


def newest_filings() -> dict[str, PrepaidFiling]:
    """Return the newest filing of each issuer."""
    found: dict[str, PrepaidFiling] = {}
    for one in PrepaidFiling.objects.order_by("valid_from", "key"):
        found[one.issuer] = one
    return found


def filed(filing: PrepaidFiling) -> rules.Filed:
    """Return a filing as the score takes it."""
    return rules.Filed(
        filing.balance_yuan, filing.redeemed_yuan, filing.redeemed_before_yuan, filing.deposit_yuan,
        filing.discount_percent, filing.pushes_cards, filing.has_arrears, filing.refund_complaints,
    )  # fmt: skip


def issuer_findings(entry: DeclaredEntry, on: date) -> Sequence[Finding]:
    """Tell everybody whether a filing is there and the deposit kept; tell officers the risk with its reasons."""
    assert isinstance(entry, PrepaidIssuer)
    newest = (
        PrepaidFiling.objects.filter(issuer=entry.key, valid_from__lte=on).order_by("-valid_from").first()
    )
    if newest is None:
        text = Label(
            "还没有充值备案，说不出它有没有按比例存管。",
            "Nothing was filed yet, so nobody can say what is kept aside.",
        )
        return [Finding(text, _LAW, "warn")]
    return [_deposit_finding(entry, newest, on), _risk_finding(entry, newest, on)]


def _deposit_finding(entry: PrepaidIssuer, newest: PrepaidFiling, on: date) -> Finding:
    deposit = rules.required_deposit(newest.balance_yuan, entry.class_code, newest.deposit_yuan, on=on)
    day = newest.valid_from
    if not deposit.required_yuan:
        text = Label(f"截至{day}的备案：这类发卡企业没有规定的存管比例。充值前请看清退款办法。",
                     f"Filed as of {day}: no deposit is prescribed for this class. Read the refund terms first.")  # fmt: skip
        return Finding(text, _DEPOSIT, "neutral")
    if deposit.is_enough:
        text = Label(
            f"截至{day}的备案：存管资金达到规定比例。", f"Filed as of {day}: the deposit is as prescribed."
        )
        return Finding(text, _DEPOSIT, "ok")
    text = Label(
        f"截至{day}的备案：存管资金没有达到规定比例。",
        f"Filed as of {day}: the deposit is below what is prescribed.",
    )
    return Finding(text, _DEPOSIT, "warn")


def _risk_finding(entry: PrepaidIssuer, newest: PrepaidFiling, on: date) -> Finding:
    risk = rules.runaway_risk(filed(newest), issuer_class=entry.class_code, on=on)
    label, tone = LEVELS[risk.level]
    zh = "；".join(f"{one.zh}（{one.points}分）" for one in risk.reasons) or "没有信号"
    en = "; ".join(f"{one.en} ({one.points})" for one in risk.reasons) or "no sign"
    text = Label(
        f"卷款风险{label.zh}，{risk.score}分：{zh}。", f"Run-away risk {label.en}, {risk.score} points: {en}."
    )
    return Finding(text, _LAW, tone, is_public=False)


def issuer_figures(on: date) -> Sequence[Figure]:
    """Count balances by trade for everybody; issuers by risk for officers."""
    issuers = {one.key: one for one in PrepaidIssuer.objects.all()}
    newest = {key: one for key, one in newest_filings().items() if key in issuers}
    owed = {one.value: Decimal(0) for one in TRADES}
    levels: Counter[str] = Counter()
    for key, filing in newest.items():
        owed[issuers[key].trade_code] += filing.balance_yuan
        levels[rules.runaway_risk(filed(filing), issuer_class=issuers[key].class_code, on=on).level] += 1
    by_trade = tuple(
        (one.label, float(owed[one.value] / 10_000), f"{owed[one.value] / 10_000:,.1f}") for one in TRADES
    )
    by_level = tuple((label, float(levels[code]), str(levels[code])) for code, (label, _) in LEVELS.items())
    return [
        Figure(
            Label("未兑付余额按行业", "Owed to card holders by trade"), by_trade, Label("万元", "CNY 10,000")
        ),
        Figure(
            Label("卷款风险分级", "Issuers by run-away risk"),
            by_level,
            Label("户", "issuers"),
            is_public=False,
        ),
    ]


ISSUERS = declare(
    "prepaid_issuers",
    model=PrepaidIssuer,
    plan_ids=("S45",),
    title=Label("预付卡发卡登记", "Register of issuers of prepaid cards"),
    keeper=Label("市场监管、商务等联合治理部门", "The departments that govern prepaid cards together"),
    keepers=_KEEPERS,
    about=Label(
        "先收钱、后服务的经营者：登记没有、卖多大面额、怎么退、钱有没有按比例存管。",
        "Businesses that take money first: whether registered, how much a card carries, refunds, and what is kept aside.",
    ),
    legal_basis=_LAW,
    key_label=Label("登记号", "Number"),
    name_label=Label("发卡企业", "Issuer"),
    from_label=Label("登记自", "Registered from"),
    to_label=Label("登记至", "Registered until"),
    counted_by=("class_code", "trade_code", "guarantee_code"),
    rules=(_face_is_allowed, _guarantor_is_named),
    findings=issuer_findings,
    figures=issuer_figures,
    demo_file=_DATA / "prepaid_issuers.csv",
    tags=("消费", "预付卡"),
    links=(("/consumer/prepaid/refund/", Label("退卡能退多少", "How much is refunded")),),
    columns=(
        Column("class_code", Label("发卡企业类别", "Class"), kind=Kind.CODE, codes=CLASSES, is_required=True, is_filter=True, in_list=True),
        Column("trade_code", Label("行业", "Trade"), kind=Kind.CODE, codes=TRADES, is_required=True, is_filter=True, in_list=True),
        Column("address", Label("地址", "Address"), is_required=True, is_searched=True),
        Column("shops", Label("门店数", "Shops"), kind=Kind.INTEGER, is_required=True, least=1, most=100_000),
        Column("most_face_yuan", Label("最大面额", "Largest card"), kind=Kind.MONEY, unit="元", is_required=True, least=0),
        Column("has_contract", Label("有书面合同", "Written contract"), kind=Kind.BOOLEAN),
        Column("guarantee_code", Label("资金担保", "Guarantee"), kind=Kind.CODE, codes=GUARANTEES, is_required=True, is_filter=True, in_list=True),
        Column("guarantor", Label("担保机构", "Guarantor")),
        Column("refund_terms", Label("退款办法", "Refund terms"), kind=Kind.LONG, is_required=True),
        Column("service_phone", Label("服务电话", "Service phone")),
        Column("contact_name", Label("联系人", "Contact person")),
    ),
)  # fmt: skip

FILINGS = declare(
    "prepaid_filings",
    model=PrepaidFiling,
    plan_ids=("S45",),
    title=Label("预付充值备案", "Filings of prepaid top-ups"),
    keeper=Label("市场监管、商务等联合治理部门", "The departments that govern prepaid cards together"),
    keepers=_KEEPERS,
    audience=Audience.OFFICER,
    about=Label("发卡企业每月备案的余额、充值、兑付和存管，用来早发现卷款。", "What issuers file each month: balance, top-ups, service, deposit; to see early who may run away."),
    legal_basis=_LAW,
    key_label=Label("备案号", "Number"),
    name_label=Label("发卡企业", "Issuer"),
    from_label=Label("备案截至", "Filed as of"),
    entity_label=None,
    counted_by=("has_arrears", "pushes_cards"),
    rules=(_filing_ends_a_month,),
    demo_file=_DATA / "prepaid_filings.csv",
    tags=("消费", "预付卡"),
    columns=(
        Column("issuer", Label("登记号", "Issuer's number"), kind=Kind.REFERENCE, refers_to="prepaid_issuers", is_required=True, is_searched=True, in_list=True),
        Column("balance_yuan", Label("未兑付余额", "Balance owed"), kind=Kind.MONEY, unit="元", is_required=True, least=0, in_list=True),
        Column("top_up_yuan", Label("近30天充值", "Topped up in 30 days"), kind=Kind.MONEY, unit="元", is_required=True, least=0),
        Column("redeemed_yuan", Label("近30天兑付", "Served in 30 days"), kind=Kind.MONEY, unit="元", is_required=True, least=0),
        Column("redeemed_before_yuan", Label("前30天兑付", "Served in the 30 days before"), kind=Kind.MONEY, unit="元", is_required=True, least=0),
        Column("deposit_yuan", Label("存管保证金", "Deposit kept"), kind=Kind.MONEY, unit="元", is_required=True, least=0),
        Column("cards", Label("在用卡数", "Cards in use"), kind=Kind.INTEGER, is_required=True, least=0),
        Column("discount_percent", Label("最大优惠", "Deepest discount"), kind=Kind.INTEGER, unit="%", is_required=True, least=0, most=100),
        Column("pushes_cards", Label("集中推销新卡", "New cards are pushed"), kind=Kind.BOOLEAN),
        Column("has_arrears", Label("欠租欠薪线索", "Arrears of rent or wages"), kind=Kind.BOOLEAN),
        Column("refund_complaints", Label("近7天退款投诉", "Refund complaints in 7 days"), kind=Kind.INTEGER, is_required=True, least=0),
    ),
)  # fmt: skip

REGISTERS = (ISSUERS, FILINGS)
