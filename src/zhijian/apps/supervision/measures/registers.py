"""S199 and S200: the catalogue of measures; firms recognised for incentives, papers that may come later, and each use."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from zhijian.apps.supervision.measures import policies, queries, rules
from zhijian.apps.supervision.measures.codes import (
    BASIS_LEVELS,
    BINDINGS,
    CONSEQUENCES,
    LISTS,
    MATTERS,
    SUBJECTS,
    USES,
)
from zhijian.apps.supervision.measures.models import (
    DisciplineMeasure,
    IncentiveUse,
    Recognition,
    TolerablePaper,
)
from zhijian.engines.registers.declared.columns import Column, Kind, Problem
from zhijian.engines.registers.declared.declaration import (
    Audience,
    Figure,
    Finding,
    Geography,
    Label,
    Values,
    declare,
)
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.security.models import Role

_DATA = Path(__file__).parent / "data"
_KEEPERS = (Role.INTAKE, Role.HANDLER, Role.LEADER)
_PLAN = "《广东省市场监管现代化“十四五”规划》第九章第一节"
_OPINION = "《国务院办公厅关于进一步完善失信约束制度构建诚信建设长效机制的指导意见》（国办发〔2020〕49号）"
_PROVINCE = "440000"


def _province_keeps(officer: Any, values: Values) -> Label | None:
    if officer.organisation is not None and officer.organisation.division_code == _PROVINCE:
        return None
    return Label(
        "措施清单由省级维护，请把建议报省局。",
        "The catalogue is kept by the province; send it your proposal.",
    )


def _basis_suffices(values: Values, on: date) -> Iterator[Problem]:
    level = values["basis_level_code"]
    if not rules.basis_suffices(level, on=on):
        yield Problem(
            "basis_level_code", str(level), Label("没有法律、法规或者党中央、国务院政策文件作为依据，不能设惩戒措施", "no law, regulation or central policy document: no measure can rest on it"),
            Label("请写明依据的法律、法规或者党中央、国务院政策文件；没有的不能列入清单。", "Name such a text; without one the measure cannot be entered."),
        )  # fmt: skip
    if values["basis"] and "《" not in values["basis"] and "〔" not in values["basis"]:
        yield Problem("basis", values["basis"], Label("看不出是哪一个文件", "it names no text"),
                      Label("请写明文件名称和条款，如《企业信息公示暂行条例》第十八条。", "Give title and article."))  # fmt: skip


def _head_and_post(values: Values, on: date) -> Iterator[Problem]:
    if (values["subject_code"] == "person") != (values["matter_code"] == "post"):
        yield Problem("matter_code", str(values["matter_code"]), Label("对人的措施只有任职限制", "the one measure against persons is the bar from posts"),
                      Label("任职登记选“法定代表人、负责人”，其他事项选企业。", "Posts go with persons, all else with firms."))  # fmt: skip


def _firm_is_clean(values: Values, on: date) -> Iterator[Problem]:
    begins = values["valid_from"]
    if begins > on:
        yield Problem("valid_from", str(begins), Label("认定日期在将来", "the recognition lies ahead"), Label("请填写认定的日子。", "Give the day of the recognition."))  # fmt: skip
        return
    has_ended = values["valid_to"] is not None and values["valid_to"] < on
    for one in () if has_ended else policies.recognition_blemishes(values["uscc"], on=begins):
        yield Problem("uscc", values["uscc"], Label(f"{one.zh}，不能认定", f"{one.en}: it cannot be recognised"),
                      Label("修复或者期满后可以再提。", "Come again when it is repaired or its time is over."))  # fmt: skip
    last = rules.recognised_until_at_most(begins)
    if values["valid_to"] is None or values["valid_to"] > last:
        yield Problem("valid_to", str(values["valid_to"] or ""), Label(f"应当有期限，最长到{last}", f"it needs a term, until {last} at most"),
                      Label("到期后重新看记录再认定。", "It is looked at anew after its term."))  # fmt: skip
    if not (values["green_channel"] or values["tolerates_missing"]):
        yield Problem("green_channel", "", Label("没有写明给什么便利", "no incentive is named"), Label("至少选一项。", "Choose at least one."))  # fmt: skip


_SUPPLY = {
    "main": (Label("主要材料不能容缺", "a main paper cannot be missing"), Label("只有不影响实质审查的次要材料可以后补。", "Only minor papers may come later.")),
    "no_days": (Label("没有写明几个工作日内补交", "no days are given"), Label("请填写补交期限。", "Give the working days.")),
    "too_long": (Label("补交期限太长", "too many days"), Label("请不要超过参数规定的最长期限。", "Keep within the most that the parameter allows.")),
}  # fmt: skip


def _may_be_missing(values: Values, on: date) -> Iterator[Problem]:
    problem = rules.supply_days_problem(values["supply_days"], is_main=values["is_main"], on=on)
    if problem:
        yield Problem(
            "is_main" if problem == "main" else "supply_days",
            str(values["supply_days"] or ""),
            *_SUPPLY[problem],
        )


def _use_is_allowed(values: Values, on: date) -> Iterator[Problem]:
    day, known = values["valid_from"], Recognition.objects.filter(key=values["recognition"]).first()
    if day > on:
        yield Problem(
            "valid_from",
            str(day),
            Label("日期在将来", "the day lies ahead"),
            Label("请填写受理的日子。", "Give the day."),
        )
        return
    if known is None:
        return
    if not known.stands_on(day):
        yield Problem("recognition", known.key, Label("那一天认定已经不在有效期内", "the recognition did not stand on that day"),
                      Label("请按一般程序受理。", "Take it by the ordinary procedure."))  # fmt: skip
    is_tolerance = values["kind_code"] == "tolerance"
    if not (known.tolerates_missing if is_tolerance else known.green_channel):
        yield Problem("kind_code", values["kind_code"], Label("认定时没有给这项便利", "this was not given with the recognition"), Label("请核对认定。", "Check the recognition."))  # fmt: skip
    if is_tolerance != bool(values["paper"]):
        yield Problem("paper", str(values["paper"] or ""), Label("容缺受理应写明缺哪份材料，绿色通道不写", "a tolerance names the paper; the green channel names none"), Label("请核对。", "Check it."))  # fmt: skip
    if is_tolerance and queries.has_broken_use(known.key, on=day, besides=values["key"]):
        yield Problem("recognition", known.key, Label("还有承诺补交的材料到期没有交", "a promised paper is overdue"),
                      Label("补齐以前不再容缺受理。", "No further tolerance before it is supplied."))  # fmt: skip


def recognition_findings(entry: DeclaredEntry, on: date) -> Sequence[Finding]:
    """Say whether the firm still keeps what it was recognised for; never a word about its class."""
    if not entry.stands_on(on):
        return [Finding(Label("认定已经结束。", "The recognition has ended."), _PLAN)]
    reason = queries.breach_of(entry, on=on)
    if reason is None:
        return [
            Finding(Label("认定有效，办理许可时可以享受所列便利。", "The recognition stands."), _PLAN, "ok")
        ]
    return [
        Finding(
            Label(f"应当取消认定：{reason.zh}。", f"To be ended: {reason.en}."), _PLAN, "err", is_public=False
        )
    ]


_TOLERANCE = {
    "waiting": (Label("等待补交", "Waits for the paper"), "neutral"),
    "supplied": (Label("已按时补交", "Supplied in time"), "ok"),
    "late": (Label("逾期才补交", "Supplied late"), "warn"),
    "broken": (Label("到期没有补交", "Not supplied in time"), "err"),
}


def use_findings(entry: DeclaredEntry, on: date) -> Sequence[Finding]:
    """Say by when a missing paper is due, how it stands, and what follows if it does not come."""
    assert isinstance(entry, IncentiveUse)
    found = queries.tolerance_of(entry, on=on)
    if found is None:
        return []
    text, tone = _TOLERANCE[found.standing]
    then = next(one.label for one in CONSEQUENCES if one.value == found.consequence)
    words = Label(f"{text.zh}，期限{found.due_on}。{then.zh}。", f"{text.en}; due {found.due_on}. {then.en}.")
    return [Finding(words, _PLAN, tone)]


def use_figures(on: date) -> Sequence[Figure]:
    """Count the papers that were promised, by what became of them."""
    counts = Counter(found.standing for one in IncentiveUse.objects.filter(kind_code="tolerance") if (found := queries.tolerance_of(one, on=on)))  # fmt: skip
    rows = tuple((label, float(counts[code]), str(counts[code])) for code, (label, _) in _TOLERANCE.items())
    return [Figure(Label("容缺材料的补交情况", "What became of missing papers"), rows, Label("件", "papers"))]


MEASURES = declare(
    "discipline_measures",
    model=DisciplineMeasure,
    plan_ids=("S199",),
    title=Label("失信惩戒措施清单", "Catalogue of disciplinary measures"),
    keeper=Label("省级市场监管部门", "The provincial market regulator"),
    keepers=(Role.LEADER, Role.STEWARD),
    about=Label(
        "哪个部门、在哪类事项上、对哪个名单上的主体采取什么措施，依据哪一条。没有法律、法规或者党中央、国务院政策文件依据的不能列入。",
        "Which department takes which measure at which matter against whom, and by which article. Nothing without such a basis is on it.",
    ),
    legal_basis=_OPINION,
    key_label=Label("措施编号", "Number"),
    name_label=Label("措施", "Measure"),
    from_label=Label("施行自", "In force from"),
    to_label=Label("施行至", "In force until"),
    entity_label=None,
    geography=Geography.NONE,
    scope=_province_keeps,
    counted_by=("list_code", "matter_code", "basis_level_code", "binding_code"),
    rules=(_basis_suffices, _head_and_post),
    demo_file=_DATA / "discipline_measures.csv",
    tags=("信用", "惩戒"),
    columns=(
        Column("department", Label("实施部门", "Department"), is_required=True, is_searched=True, in_list=True),
        Column("list_code", Label("对哪个名单", "For which list"), kind=Kind.CODE, codes=LISTS, is_required=True, is_filter=True, in_list=True),
        Column("matter_code", Label("适用事项", "At which matter"), kind=Kind.CODE, codes=MATTERS, is_required=True, is_filter=True, in_list=True),
        Column("subject_code", Label("对谁", "Against whom"), kind=Kind.CODE, codes=SUBJECTS, is_required=True, is_filter=True),
        Column("binding_code", Label("力度", "How binding"), kind=Kind.CODE, codes=BINDINGS, is_required=True, is_filter=True),
        Column("basis_level_code", Label("依据层级", "Level of basis"), kind=Kind.CODE, codes=BASIS_LEVELS, is_required=True, is_filter=True),
        Column("basis", Label("依据", "Basis"), is_required=True, is_searched=True),
        Column("is_checked", Label("已核对原文", "Checked against the text"), kind=Kind.BOOLEAN),
    ),
)  # fmt: skip

RECOGNITIONS = declare(
    "incentive_recognitions",
    model=Recognition,
    plan_ids=("S200",),
    title=Label("守信激励对象", "Firms recognised for incentives"),
    keeper=Label("市场监管部门", "Market regulators"),
    keepers=_KEEPERS,
    about=Label(
        "按规则认定的守信主体：没有在列名单、规定月数内没有行政处罚。内部信用风险分类不作为认定条件，也不公示。",
        "Firms with a clean record by rule: on no list, no penalty for the months that the parameter says. The internal class is not asked and not shown.",
    ),
    legal_basis=_PLAN,
    key_label=Label("认定编号", "Number"),
    name_label=Label("企业", "Firm"),
    from_label=Label("认定日期", "Recognised on"),
    to_label=Label("有效期至", "Until"),
    counted_by=("green_channel", "tolerates_missing"),
    rules=(_firm_is_clean,),
    findings=recognition_findings,
    demo_file=_DATA / "incentive_recognitions.csv",
    tags=("信用", "激励"),
    columns=(
        Column("green_channel", Label("绿色通道", "Green channel"), kind=Kind.BOOLEAN, in_list=True),
        Column("tolerates_missing", Label("容缺受理", "Tolerance of missing papers"), kind=Kind.BOOLEAN, in_list=True),
        Column("authority", Label("认定机关", "Authority"), is_required=True),
        Column("statement", Label("认定理由", "Reason"), is_required=True),
    ),
)  # fmt: skip

PAPERS = declare(
    "tolerable_papers",
    model=TolerablePaper,
    plan_ids=("S200",),
    title=Label("容缺受理材料清单", "Papers that may come later"),
    keeper=Label("作出许可的市场监管部门", "The market regulator that approves"),
    keepers=(Role.LEADER, Role.STEWARD),
    about=Label("哪些许可的哪份次要材料可以后补，几个工作日内补交，不补交怎样处理。", "Which minor paper of which approval may come later, within how many working days, and what follows otherwise."),
    legal_basis=_PLAN,
    key_label=Label("材料编号", "Number"),
    name_label=Label("材料", "Paper"),
    from_label=Label("施行自", "In force from"),
    to_label=Label("施行至", "In force until"),
    entity_label=None,
    geography=Geography.NONE,
    counted_by=("consequence_code",),
    rules=(_may_be_missing,),
    demo_file=_DATA / "tolerable_papers.csv",
    tags=("信用", "激励"),
    columns=(
        Column("approval", Label("许可事项", "Approval"), is_required=True, is_searched=True, in_list=True),
        Column("is_main", Label("主要材料", "Main paper"), kind=Kind.BOOLEAN),
        Column("supply_days", Label("补交期限", "To be supplied within"), kind=Kind.INTEGER, unit="工作日", least=1, most=60, in_list=True),
        Column("consequence_code", Label("不补交的后果", "What follows otherwise"), kind=Kind.CODE, codes=CONSEQUENCES, is_required=True, is_filter=True),
        Column("basis", Label("依据", "Basis"), is_required=True),
    ),
)  # fmt: skip

INCENTIVE_USES = declare(
    "incentive_uses",
    model=IncentiveUse,
    plan_ids=("S200",),
    title=Label("激励措施使用记录", "Use of incentives"),
    keeper=Label("受理窗口", "Approval windows"),
    keepers=_KEEPERS,
    about=Label("每一次绿色通道和容缺受理：哪份材料后补、何时到期、有没有补交。", "Each use of the green channel or of tolerance: which paper, due when, supplied or not."),
    legal_basis=_PLAN,
    key_label=Label("记录编号", "Number"),
    name_label=Label("企业", "Firm"),
    from_label=Label("受理日期", "Accepted on"),
    entity_label=None,
    audience=Audience.OFFICER,
    counted_by=("kind_code",),
    rules=(_use_is_allowed,),
    findings=use_findings,
    figures=use_figures,
    demo_file=_DATA / "incentive_uses.csv",
    tags=("信用", "激励"),
    columns=(
        Column("recognition", Label("认定编号", "Recognition"), kind=Kind.REFERENCE, refers_to="incentive_recognitions", is_required=True, is_searched=True),
        Column("kind_code", Label("便利", "Incentive"), kind=Kind.CODE, codes=USES, is_required=True, is_filter=True, in_list=True),
        Column("paper", Label("后补的材料", "Missing paper"), kind=Kind.REFERENCE, refers_to="tolerable_papers"),
        Column("approval_no", Label("受理号", "Number of the application"), is_required=True, is_searched=True, in_list=True),
        Column("supplied_on", Label("补交日期", "Supplied on"), kind=Kind.DATE),
    ),
)  # fmt: skip

REGISTERS = (MEASURES, RECOGNITIONS, PAPERS, INCENTIVE_USES)
