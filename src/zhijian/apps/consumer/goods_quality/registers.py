"""S52: registers of sampling rounds, of injuries (internal, without persons) and of recalls."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from zhijian.apps.consumer.goods_quality import codes, rules
from zhijian.apps.consumer.goods_quality.models import GoodsRecall, InjuryReport, SamplingRound
from zhijian.engines.registers.declared.columns import Column, Kind, Problem
from zhijian.engines.registers.declared.declaration import Audience, Finding, Label, Values, declare
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.security.models import Role
from zhijian.standards import personal_data

_DATA = Path(__file__).parent / "data"
_KEEPERS = (Role.HANDLER, Role.STEWARD, Role.LEADER)
_CATEGORY = Label("商品类别", "Category of goods")
_HAZARD = Label("危害", "Hazard")
_TEXTS = ("name", "model_number", "activity", "narrative")


def no_personal_data(values: Values, on: date) -> Iterator[Problem]:
    """Refuse a report that names a person or holds a number of a document or telephone."""
    for field in _TEXTS:
        text = str(values.get(field) or "")
        for kind in rules.personal_data_in(text):
            zh, en = personal_data.WORDS[kind]
            yield Problem(
                field, personal_data.masked(text), Label(f"写有{zh}", f"holds {en}"),
                Label("伤害报告不收个人信息。请删去这部分，用“患者”“儿童”代替。",
                      "Reports of injuries take no personal data. Remove it; write 'the patient' or 'a child'."),
            )  # fmt: skip


def _not_more_than_all(values: Values, on: date) -> Iterator[Problem]:
    if values["failed"] > values["batches"]:
        yield Problem("failed", str(values["failed"]), Label("比抽查批次还多", "more than were sampled"),
                      Label("请核对两个数。", "Check both numbers."))  # fmt: skip
    if values["failed"] and not values["failed_items"]:
        yield Problem("failed_items", "", Label("有不合格批次而没有写不合格项目", "batches failed, and no item is named"),
                      Label("请写明不合格项目。", "Name the items that failed."))  # fmt: skip


def _not_ahead(values: Values, on: date) -> Iterator[Problem]:
    if values["valid_from"] > on:
        yield Problem("valid_from", str(values["valid_from"]), Label("日期在将来", "the day lies ahead"),
                      Label("请填写实际的日子。", "Give the actual day."))  # fmt: skip


def _remedied_at_most_all(values: Values, on: date) -> Iterator[Problem]:
    if (values["remedied"] or 0) > values["quantity"]:
        yield Problem("remedied", str(values["remedied"]), Label("比召回数量还多", "more than are recalled"),
                      Label("请核对两个数。", "Check both numbers."))  # fmt: skip


def round_findings(entry: DeclaredEntry, on: date) -> Sequence[Finding]:
    """Say the pass rate with its interval, and what it is not."""
    assert isinstance(entry, SamplingRound)
    rate = rules.pass_rate(entry.batches, entry.failed)
    if rate.share is None:
        return []
    text = Label(
        f"合格率{rate.share:.1%}（95%区间{rate.low:.1%}至{rate.high:.1%}，{rate.batches}批次）。",
        f"Pass rate {rate.share:.1%} (95% interval {rate.low:.1%} to {rate.high:.1%}, {rate.batches} batches).",
    )
    found = [Finding(text, rules.SAMPLING)]
    if entry.design_code == "supervision":
        told = Label("抽查对象按风险选取，这个合格率不代表市场总体。",
                     "What was sampled was chosen by risk; the rate does not stand for the market.")  # fmt: skip
        found.append(Finding(told, rules.SAMPLING, "warn"))
    return found


def recall_findings(entry: DeclaredEntry, on: date) -> Sequence[Finding]:
    """Say how far a recall has come."""
    assert isinstance(entry, GoodsRecall)
    share = entry.remedied / entry.quantity if entry.quantity else 0.0
    text = Label(
        f"已处理{entry.remedied:,}件，占召回{entry.quantity:,}件的{share:.0%}。",
        f"{entry.remedied:,} of {entry.quantity:,} pieces are dealt with ({share:.0%}).",
    )
    return [Finding(text, f"{rules.RECALL}第二十一条")]


ROUNDS = declare(
    "goods_sampling",
    model=SamplingRound,
    plan_ids=("S52",),
    title=Label("消费品质量抽查和风险监测结果", "Results of sampling and monitoring of consumer goods"),
    keeper=Label("市场监管部门产品质量机构", "Product quality units of market regulators"),
    keepers=_KEEPERS,
    about=Label("每一轮抽查的批次数、不合格批次数和不合格项目，写明怎么选取。", "Batches sampled and failed in each round, in what, and how they were chosen."),
    legal_basis="《产品质量法》第十五条；《产品质量监督抽查管理暂行办法》第四十四条",
    key_label=Label("编号", "Number"),
    name_label=Label("抽查名称", "Round"),
    entity_label=None,
    from_label=Label("公布日期", "Published on"),
    counted_by=("category_code", "design_code", "stage_code"),
    rules=(_not_more_than_all, _not_ahead),
    findings=round_findings,
    demo_file=_DATA / "goods_sampling.csv",
    tags=("消费品", "质量"),
    links=(("/consumer/quality/", Label("消费品质量状况", "Quality of consumer goods")),),
    columns=(
        Column("category_code", _CATEGORY, kind=Kind.CODE, codes=codes.CATEGORY_CODES, is_required=True, is_filter=True, in_list=True),
        Column("design_code", Label("选取办法", "How chosen"), kind=Kind.CODE, codes=codes.DESIGNS, is_required=True, is_filter=True, in_list=True),
        Column("stage_code", Label("环节", "Stage"), kind=Kind.CODE, codes=codes.STAGES, is_required=True, is_filter=True),
        Column("batches", Label("抽查批次", "Batches"), kind=Kind.INTEGER, is_required=True, least=1, most=1_000_000),
        Column("failed", Label("不合格批次", "Failed"), kind=Kind.INTEGER, is_required=True, least=0, most=1_000_000),
        Column("failed_items", Label("不合格项目", "Items that failed"), kind=Kind.LONG),
        Column("authority", Label("组织单位", "By"), is_required=True),
    ),
)  # fmt: skip

INJURIES = declare(
    "goods_injuries",
    model=InjuryReport,
    plan_ids=("S52",),
    title=Label("消费品伤害报告", "Reports of injuries with consumer goods"),
    keeper=Label("市场监管部门产品质量机构", "Product quality units of market regulators"),
    keepers=(*_KEEPERS, Role.INTAKE),
    audience=Audience.OFFICER,
    about=Label("医院、消费者报告的产品伤害，不收任何人的个人信息。", "Injuries with products as hospitals and consumers report them, without anybody's data."),
    legal_basis="《消费品召回管理暂行规定》第八条；《个人信息保护法》第六条",
    key_label=Label("编号", "Number"),
    name_label=Label("产品", "Product"),
    entity_label=Label("生产者信用代码", "Producer's credit code"),
    is_entity_required=False,
    from_label=Label("发生日期", "Happened on"),
    counted_by=("category_code", "severity_code", "hazard_code", "nature_code", "age_code", "source_code"),
    rules=(no_personal_data, _not_ahead),
    demo_file=_DATA / "goods_injuries.csv",
    tags=("消费品", "伤害监测"),
    links=(("/consumer/quality/injury/", Label("报告伤害", "Report an injury")),),
    columns=(
        Column("category_code", _CATEGORY, kind=Kind.CODE, codes=codes.CATEGORY_CODES, is_required=True, is_filter=True, in_list=True),
        Column("model_number", Label("品牌、型号", "Brand and model"), is_searched=True),
        Column("age_code", Label("年龄段", "Age group"), kind=Kind.CODE, codes=codes.AGES, is_required=True, is_filter=True),
        Column("sex_code", Label("性别", "Sex"), kind=Kind.CODE, codes=codes.SEXES, is_required=True),
        Column("place_code", Label("在哪里", "Where"), kind=Kind.CODE, codes=codes.PLACES, is_required=True),
        Column("activity", Label("当时在做什么", "Doing what")),
        Column("hazard_code", _HAZARD, kind=Kind.CODE, codes=codes.HAZARDS, is_required=True, is_filter=True, in_list=True),
        Column("nature_code", Label("伤害性质", "Kind of injury"), kind=Kind.CODE, codes=codes.NATURES, is_required=True, is_filter=True),
        Column("body_part_code", Label("受伤部位", "Part of the body"), kind=Kind.CODE, codes=codes.BODY_PARTS, is_required=True),
        Column("severity_code", Label("严重程度", "Severity"), kind=Kind.CODE, codes=codes.SEVERITIES, is_required=True, is_filter=True, in_list=True),
        Column("source_code", Label("来源", "Source"), kind=Kind.CODE, codes=codes.SOURCES, is_required=True, is_filter=True),
        Column("suspects_defect", Label("怀疑产品缺陷", "A defect is suspected"), kind=Kind.BOOLEAN),
        Column("narrative", Label("经过（不写姓名、证件号、电话）", "What happened (no name, document number or telephone)"), kind=Kind.LONG),
    ),
)  # fmt: skip

RECALLS = declare(
    "goods_recalls",
    model=GoodsRecall,
    plan_ids=("S52",),
    title=Label("消费品召回", "Recalls of consumer goods"),
    keeper=Label("市场监管部门缺陷产品召回机构", "Recall units of market regulators"),
    keepers=_KEEPERS,
    about=Label("已公布的消费品召回：产品、批次、缺陷、怎么处理、做到哪一步。", "Recalls as published: product, batches, defect, remedy, and how far it has come."),
    legal_basis="《消费品召回管理暂行规定》第十九条；《广东省消费品召回管理办法》",
    key_label=Label("编号", "Number"),
    name_label=Label("产品", "Product"),
    entity_label=Label("生产者信用代码", "Producer's credit code"),
    from_label=Label("召回开始", "Recall begins"),
    to_label=Label("召回结束", "Recall ends"),
    counted_by=("category_code", "hazard_code", "remedy_code"),
    rules=(_remedied_at_most_all,),
    findings=recall_findings,
    demo_file=_DATA / "goods_recalls.csv",
    tags=("消费品", "召回"),
    links=(("/consumer/quality/", Label("消费品质量状况", "Quality of consumer goods")),),
    columns=(
        Column("category_code", _CATEGORY, kind=Kind.CODE, codes=codes.CATEGORY_CODES, is_required=True, is_filter=True, in_list=True),
        Column("model_number", Label("品牌、型号", "Brand and model"), is_required=True, is_searched=True),
        Column("batches", Label("批次", "Batches"), is_required=True),
        Column("quantity", Label("召回数量", "Pieces"), kind=Kind.INTEGER, is_required=True, least=1, most=100_000_000),
        Column("remedied", Label("已处理", "Dealt with"), kind=Kind.INTEGER, is_required=True, least=0, most=100_000_000),
        Column("hazard_code", _HAZARD, kind=Kind.CODE, codes=codes.HAZARDS, is_required=True, is_filter=True, in_list=True),
        Column("defect", Label("缺陷和后果", "Defect and consequence"), kind=Kind.LONG, is_required=True),
        Column("remedy_code", Label("处理办法", "Remedy"), kind=Kind.CODE, codes=codes.REMEDIES, is_required=True, is_filter=True),
    ),
)  # fmt: skip

REGISTERS = (ROUNDS, INJURIES, RECALLS)
