"""S196: licences and recalls of the drug field, which everybody may read, and adverse events as counts, which are internal."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from zhijian.apps.supervision.drug_files.models import AdverseCount, DrugLicence, DrugRecall
from zhijian.engines.registers.declared.columns import Code, Column, Kind, Problem
from zhijian.engines.registers.declared.declaration import Audience, Label, Values, declare
from zhijian.security.models import Role

_DATA = Path(__file__).parent / "data"
_KEEPERS = (Role.HANDLER, Role.LEADER, Role.STEWARD)
_KEEPER = Label("药品监管部门", "Drug regulators")

KINDS = (
    Code("production", Label("药品生产", "Making drugs")),
    Code("wholesale", Label("药品批发", "Wholesale of drugs")),
    Code("chain", Label("药品零售连锁总部", "Head of a pharmacy chain")),
    Code("retail", Label("药品零售", "Pharmacy")),
    Code("device_production", Label("医疗器械生产", "Making devices")),
    Code("device_sale", Label("医疗器械经营", "Selling devices")),
)
LEVELS = (
    Code("1", Label("一级（可能严重危害健康）", "Level 1: may gravely harm health")),
    Code("2", Label("二级（可能暂时或者可逆的危害）", "Level 2: may harm for a time")),
    Code("3", Label("三级（一般不会危害健康）", "Level 3: as a rule no harm")),
)
INITIATIVES = (
    Code("own", Label("企业主动召回", "By the firm itself")),
    Code("ordered", Label("责令召回", "By order")),
)


def _recall_is_whole(values: Values, on: date) -> Iterator[Problem]:
    if values["completed_on"] and values["completed_on"] < values["valid_from"]:
        yield Problem("completed_on", str(values["completed_on"]), Label("早于召回开始", "before the recall began"),
                      Label("请核对两个日期。", "Check both days."))  # fmt: skip


def _serious_are_among_all(values: Values, on: date) -> Iterator[Problem]:
    if values["serious_reports"] > values["reports"]:
        yield Problem("serious_reports", str(values["serious_reports"]), Label("严重的多于全部", "more serious ones than all"),
                      Label("请核对两个件数。", "Check both counts."))  # fmt: skip


LICENCES = declare(
    "drug_licences",
    model=DrugLicence,
    plan_ids=("S196",),
    title=Label("药品和医疗器械许可", "Licences of the drug field"),
    keeper=_KEEPER,
    keepers=_KEEPERS,
    about=Label("谁可以生产、经营药品和医疗器械，到什么时候。", "Who may make or sell drugs and devices, and until when."),
    legal_basis="《药品管理法》第四十一条、第五十一条",
    key_label=Label("许可证号", "Number of the licence"),
    name_label=Label("企业", "Firm"),
    counted_by=("kind_code",),
    demo_file=_DATA / "drug_licences.csv",
    columns=(
        Column("kind_code", Label("种类", "Kind"), kind=Kind.CODE, codes=KINDS, is_required=True, is_filter=True, in_list=True),
        Column("scope", Label("范围", "Scope"), kind=Kind.TEXT, is_required=True),
        Column("authority", Label("发证机关", "Authority"), kind=Kind.TEXT, is_required=True),
    ),
)  # fmt: skip
RECALLS = declare(
    "drug_recalls",
    model=DrugRecall,
    plan_ids=("S196",),
    title=Label("药品和医疗器械召回", "Recalls of drugs and devices"),
    keeper=_KEEPER,
    keepers=_KEEPERS,
    about=Label("召回什么、哪一级、谁提出、完成了没有。", "What is recalled, at which level, by whom, and whether it is done."),
    legal_basis="《药品召回管理办法》第二十条",
    key_label=Label("召回编号", "Number"),
    name_label=Label("企业", "Firm"),
    from_label=Label("召回开始", "Begun on"),
    counted_by=("level_code", "initiative_code"),
    rules=(_recall_is_whole,),
    demo_file=_DATA / "drug_recalls.csv",
    columns=(
        Column("product", Label("产品", "Product"), kind=Kind.TEXT, is_required=True, is_searched=True, in_list=True),
        Column("batch", Label("批号", "Batch"), kind=Kind.TEXT, is_required=True),
        Column("level_code", Label("级别", "Level"), kind=Kind.CODE, codes=LEVELS, is_required=True, is_filter=True, in_list=True),
        Column("initiative_code", Label("谁提出", "By whom"), kind=Kind.CODE, codes=INITIATIVES, is_required=True, is_filter=True),
        Column("completed_on", Label("完成日期", "Done on"), kind=Kind.DATE),
    ),
)  # fmt: skip
ADVERSE = declare(
    "adverse_counts",
    model=AdverseCount,
    plan_ids=("S196",),
    title=Label("不良反应报告件数", "Counts of adverse-event reports"),
    keeper=Label("不良反应监测机构", "Centres that monitor adverse events"),
    keepers=_KEEPERS,
    audience=Audience.OFFICER,
    about=Label("每户每年报告了多少件，只有件数。报告是义务，件数多不是质量差。", "How many reports a firm made in a year: counts alone. To report is a duty; many reports are no bad quality."),
    legal_basis="《药品不良反应报告和监测管理办法》第十三条",
    name_label=Label("企业", "Firm"),
    rules=(_serious_are_among_all,),
    demo_file=_DATA / "adverse_counts.csv",
    columns=(
        Column("year", Label("年份", "Year"), kind=Kind.INTEGER, is_required=True, least=2011, most=2200, in_list=True),
        Column("reports", Label("报告件数", "Reports"), kind=Kind.INTEGER, is_required=True, least=0, in_list=True),
        Column("serious_reports", Label("其中严重的", "Of these serious"), kind=Kind.INTEGER, is_required=True, least=0),
    ),
)  # fmt: skip
REGISTERS = (LICENCES, RECALLS, ADVERSE)
