"""S44: disputes under the three guarantees, each with what the rule says about it. Internal: parties are not shown."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from zhijian.apps.consumer.warranty import rules, words
from zhijian.apps.consumer.warranty.models import WarrantyDispute
from zhijian.engines.registers.declared.columns import Code, Column, Kind, Problem
from zhijian.engines.registers.declared.declaration import Audience, Figure, Finding, Label, Values, declare
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.security.models import Role

PRODUCTS = (
    Code("phone", Label("移动电话", "Mobile phone")),
    Code("computer", Label("微型计算机", "Computer")),
    Code("tv", Label("电视机", "Television")),
    Code("fridge", Label("电冰箱", "Refrigerator")),
    Code("washer", Label("洗衣机", "Washing machine")),
    Code("aircon", Label("空调器", "Air conditioner")),
    Code("bicycle", Label("自行车", "Bicycle")),
    Code("other", Label("其他商品", "Other goods")),
)
CAUSES = (
    Code("fault", Label("性能故障", "Fault of the goods")),
    Code("misuse", Label("使用保管不当", "Use or keeping")),
    Code("opened", Label("自行拆动", "Opened by others")),
    Code("no_proof", Label("无凭证", "No proof")),
)
WANTED = tuple(Code(code, label) for code, label in words.OPTIONS.items())
OUTCOMES = (
    Code("open", Label("调解中", "Being mediated")),
    Code("repair", Label("已修好", "Repaired")),
    Code("replace", Label("已换货", "Replaced")),
    Code("return", Label("已退货", "Returned")),
    Code("none", Label("没有达成", "No agreement")),
)


def _days_are_in_order(values: Values, on: date) -> Iterator[Problem]:
    if not values["sold_on"] <= values["fault_on"] <= values["valid_from"]:
        yield Problem(
            "fault_on", str(values["fault_on"]),
            Label("应在售出之后、受理之前", "not between the sale and the day taken in"),
            Label("请核对售出、故障、受理三个日期。", "Check the days of sale, fault and receipt."),
        )  # fmt: skip


def goods_of(one: WarrantyDispute) -> rules.Goods:
    """Return a dispute as the rule takes it."""
    return rules.Goods(
        product=one.product_code, sold_on=one.sold_on, fault_on=one.fault_on, cause=one.cause_code,
        is_main_part=one.is_main_part, repairs=one.repairs, repair_days=one.repair_days,
        waiting_days=one.waiting_days, has_same_model=one.has_same_model,
    )  # fmt: skip


def dispute_findings(entry: DeclaredEntry, on: date) -> Sequence[Finding]:
    """Say what the rule gives, and whether it covers what the consumer wants."""
    assert isinstance(entry, WarrantyDispute)
    found = rules.remedy(goods_of(entry), on=entry.fault_on)
    text = words.said(found.options, found.ground, is_reduced=found.is_reduced)
    covered = entry.wanted_code in found.options
    wanted = words.OPTIONS[entry.wanted_code]
    answer = Label(
        f"消费者要求{wanted.zh}，{'符合' if covered else '不符合'}三包规定。",
        f"The consumer wants {wanted.en}, which the guarantees {'cover' if covered else 'do not cover'}.",
    )
    findings = [
        Finding(text, found.article, "neutral"),
        Finding(answer, found.article, "ok" if covered else "warn"),
    ]
    if found.is_reduced:
        returned_on = min(entry.valid_to or on, on)
        fee = rules.usage_fee(goods_of(entry), entry.price_yuan, returned_on=returned_on)
        article = rules.fee_article(entry.product_code)
        findings.append(Finding(words.fee_said(fee, entry.price_yuan), article, "neutral"))
    return findings


def dispute_figures(on: date) -> Sequence[Figure]:
    """Count disputes by the ground that the rule finds."""
    counts = Counter(
        rules.remedy(goods_of(one), on=one.fault_on).ground for one in WarrantyDispute.objects.all()
    )
    rows = tuple((label, float(counts[code]), str(counts[code])) for code, label in words.GROUNDS.items())
    return [
        Figure(Label("按规则认定的情形", "By the ground that the rule finds"), rows, Label("件", "disputes"))
    ]


DISPUTES = declare(
    "warranty_disputes",
    model=WarrantyDispute,
    plan_ids=("S44",),
    title=Label("“三包”争议登记", "Disputes under the three guarantees"),
    keeper=Label("市场监管所、消费者委员会", "Stations and consumer councils"),
    is_of_councils=True,
    keepers=(Role.HANDLER, Role.MEDIATOR, Role.STEWARD),
    audience=Audience.OFFICER,
    about=Label(
        "修理、更换、退货的争议：商品、故障、修了几次，规则怎么说，结果如何。",
        "Disputes about repair, replacement and return: the goods, the fault, what the rule says, what came of it.",
    ),
    legal_basis="《部分商品修理更换退货责任规定》",
    key_label=Label("争议编号", "Number"),
    name_label=Label("商品", "Goods"),
    entity_label=Label("销售者信用代码", "Seller's credit code"),
    from_label=Label("受理日期", "Taken in on"),
    to_label=Label("办结日期", "Closed on"),
    counted_by=("product_code", "cause_code", "wanted_code", "outcome_code"),
    rules=(_days_are_in_order,),
    findings=dispute_findings,
    figures=dispute_figures,
    demo_file=Path(__file__).parent / "data" / "warranty_disputes.csv",
    tags=("消费", "三包"),
    links=(("/consumer/warranty/", Label("三包怎么算", "What the guarantees give")),),
    columns=(
        Column("product_code", Label("商品类别", "Kind of goods"), kind=Kind.CODE, codes=PRODUCTS, is_required=True, is_filter=True, in_list=True),
        Column("price_yuan", Label("价款", "Price"), kind=Kind.MONEY, unit="元", is_required=True, least=0),
        Column("sold_on", Label("售出日期", "Sold on"), kind=Kind.DATE, is_required=True),
        Column("fault_on", Label("故障日期", "Fault came up on"), kind=Kind.DATE, is_required=True),
        Column("cause_code", Label("原因", "Cause"), kind=Kind.CODE, codes=CAUSES, is_required=True, is_filter=True),
        Column("is_main_part", Label("主要部件", "Main part"), kind=Kind.BOOLEAN),
        Column("repairs", Label("修理次数", "Repairs"), kind=Kind.INTEGER, is_required=True, least=0, most=99),
        Column("repair_days", Label("修理天数", "Days in repair"), kind=Kind.INTEGER, is_required=True, least=0, most=9999),
        Column("waiting_days", Label("等零配件天数", "Days without parts"), kind=Kind.INTEGER, is_required=True, least=0, most=9999),
        Column("has_same_model", Label("有同型号", "Same model in stock"), kind=Kind.BOOLEAN),
        Column("wanted_code", Label("诉求", "Wanted"), kind=Kind.CODE, codes=WANTED, is_required=True, is_filter=True, in_list=True),
        Column("outcome_code", Label("结果", "Outcome"), kind=Kind.CODE, codes=OUTCOMES, is_required=True, is_filter=True, in_list=True),
        Column("fault", Label("故障情况", "The fault"), kind=Kind.LONG, is_required=True),
        Column("consumer_name", Label("消费者", "Consumer")),
    ),
)  # fmt: skip
