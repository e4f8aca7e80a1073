"""S192: the libraries of objects: what no register of firms has, tags by rule and by hand, and exclusions with approval."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from zhijian.apps.supervision.planning.models import (
    LibraryObject,
    ObjectExclusion,
    ObjectTag,
    TagCount,
    TagMark,
)
from zhijian.apps.supervision.planning.tag_rules import CLOSER, COLUMNS, NoRule, conditions
from zhijian.engines.facts.models import Fact
from zhijian.engines.registers import register_at
from zhijian.engines.registers.declared.columns import Code, Column, Kind, Problem
from zhijian.engines.registers.declared.declaration import (
    Audience,
    Figure,
    Finding,
    Geography,
    Label,
    Register,
    Values,
    declare,
)
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.engines.registers.declared.services import PROGRAM
from zhijian.engines.registers.models import RegisterVersion
from zhijian.infrastructure.home import current_home
from zhijian.security.models import Officer, Role
from zhijian.security.permissions import in_area
from zhijian.security.persons import UNPROVEN, are_two_persons, is_same_person

_DATA = Path(__file__).parent / "data"
_KEEPERS = (Role.STEWARD, Role.LEADER)
_GB58 = "《国务院办公厅关于推广随机抽查规范事中事后监管的通知》（国办发〔2015〕58号）二（二）"

LIBRARIES = (
    Code("premises", Label("场所", "Premises")),
    Code("product", Label("产品", "Products")),
    Code("equipment", Label("特种设备", "Special equipment")),
    Code("laboratory", Label("检验检测机构", "Laboratories")),
    Code("project", Label("项目", "Projects")),
    Code("unlicensed", Label("未登记的经营者", "Unlicensed operators")),
)
_WITH_FIRMS = (Code("enterprise", Label("市场主体", "Market entities")), *LIBRARIES)
REASONS = (
    Code("duplicate", Label("重复登记", "Entered twice")),
    Code("disaster", Label("因灾停业", "Closed by a disaster")),
    Code("court", Label("法院查封或破产程序", "Seized by a court or in bankruptcy")),
    Code("security", Label("涉密单位", "Classified unit")),
    Code("full_coverage", Label("已纳入全覆盖检查", "Under full coverage")),
)


def own_object(officer: Any, values: Values) -> Label | None:
    """Refuse a tag or an exclusion of an object that lies outside the officer's area, as far as a register knows it.

    What stands here counts in every draw, also in those of units above and beside.
    """
    place = _place_of(str(values["object_id"]))
    if not place or in_area(officer, place):
        return None
    return Label(
        "这个对象不在您的管辖范围内，请由它所在地的单位登记。",
        "This object lies outside your area; the unit of its place enters it.",
    )


def _place_of(object_id: str) -> str:
    kept = LibraryObject.objects.filter(key=object_id).first()
    if kept is not None:
        return kept.division_code
    register = register_at(current_home().serving)
    record = register.find(object_id) if register.is_ready else None
    return (record.county_code or record.prefecture_code or "") if record is not None else ""


OBJECTS = declare(
    "inspection_objects",
    model=LibraryObject,
    plan_ids=("S192",),
    title=Label("检查对象名录库（登记簿以外）", "Objects of inspection outside the register"),
    keeper=Label("各级监管部门", "Regulators of each level"),
    keepers=_KEEPERS,
    about=Label(
        "登记簿里没有的检查对象：场所、产品、特种设备、检验检测机构、项目、未登记的经营者。市场主体不用登记在这里。",
        "What may be inspected and is in no register of firms: premises, products, equipment, laboratories, projects, unlicensed operators.",
    ),
    legal_basis=_GB58,
    name_label=Label("名称", "Name"),
    is_entity_required=False,
    counted_by=("library_code",),
    demo_file=_DATA / "inspection_objects.csv",
    audience=Audience.OFFICER,
    tags=("信用监管", "双随机"),
    columns=(
        Column("library_code", Label("名录库", "Library"), kind=Kind.CODE, codes=LIBRARIES, is_required=True, is_filter=True, in_list=True),
        Column("address", Label("地址", "Address"), is_required=True, is_searched=True),
        Column("source", Label("从哪里得知", "Known from"), is_required=True),
    ),
)  # fmt: skip


def _can_be_read(values: Values, on: date) -> Iterator[Problem]:
    if not values["rule"]:
        return
    try:
        conditions(values["rule"])
    except NoRule as wrong:
        yield Problem(
            "rule", str(wrong), Label("这个条件读不懂", "this condition cannot be read"),
            Label(
                f"请写成：industry_section in H,I; capital_yuan >= 1000000。可用的字段：{'、'.join(COLUMNS)}。",
                f"Write: industry_section in H,I; capital_yuan >= 1000000. Columns: {', '.join(COLUMNS)}.",
            ),
        )  # fmt: skip


def tag_findings(entry: DeclaredEntry, on: date) -> Sequence[Finding]:
    """Say how many objects carry the tag since when, and how many came and left."""
    last = TagCount.objects.filter(tag_key=entry.key).first()
    if last is None:
        return [Finding(Label("还没有刷新。", "Not refreshed yet."), tone="warn")]
    if not last.members and CLOSER in getattr(entry, "rule", ""):
        nobody = Label(
            "没有户带这个标签：没有有档案的，或者同县区没有同样多的其他户可以混入（混不够就不标）。",
            "Nobody carries it: no firm has a file, or the county has not as many others to mix in (then nobody is marked).",
        )
        return [Finding(nobody, _GB58, "warn")]
    day = last.refreshed_at.date()
    words = Label(
        f"{day.isoformat()}刷新：{last.members:,}户，新增{last.added:,}户，移出{last.left:,}户。",
        f"Refreshed on {day.isoformat()}: {last.members:,} objects, {last.added:,} came, {last.left:,} left.",
    )
    return [Finding(words, _GB58, "ok")]


def tag_sizes(on: date) -> Sequence[Figure]:
    """Return how many objects each tag has now."""
    newest: dict[str, TagCount] = {}
    for one in TagCount.objects.order_by("refreshed_at"):
        newest[one.tag_key] = one
    rows = tuple(
        (
            Label(tag.name, tag.name_en or tag.name),
            float(newest[tag.key].members),
            f"{newest[tag.key].members:,}",
        )
        for tag in ObjectTag.objects.order_by("key")
        if tag.key in newest
    )
    return [Figure(Label("各标签的户数", "Objects by tag"), rows, Label("户", "objects"))] if rows else []


TAGS = declare(
    "object_tags",
    model=ObjectTag,
    plan_ids=("S192",),
    title=Label("检查对象标签", "Tags of objects of inspection"),
    keeper=Label("各级监管部门", "Regulators of each level"),
    keepers=_KEEPERS,
    about=Label(
        "定向抽查按标签圈定对象。有规则的标签每天按登记簿重算，没有规则的逐户人工标注。规则不使用个人信息，也不使用风险分类。"
        "加强检查的标签混入同样多的其他户，带标签不说明有问题。",
        "A targeted draw takes objects by tag. A tag with a rule is found anew every day from the register; one without is put by hand. "
        "No rule uses personal data or a risk class. A tag of closer supervision holds as many others: to carry it proves nothing of a firm.",
    ),
    legal_basis=_GB58,
    key_label=Label("标签编码", "Code"),
    name_label=Label("标签", "Tag"),
    entity_label=None,
    geography=Geography.NONE,
    rules=(_can_be_read,),
    findings=tag_findings,
    figures=tag_sizes,
    demo_file=_DATA / "object_tags.csv",
    tags=("信用监管", "双随机"),
    columns=(
        Column("name_en", Label("英文名称", "Name in English"), is_searched=True),
        Column("rule", Label("规则", "Rule")),
        Column("meaning", Label("含义", "Meaning"), is_required=True, in_list=True),
        Column("meaning_en", Label("含义（英文）", "Meaning in English")),
    ),
)

_EXCLUSION = ("library_code", "object_id", "reason_code", "ground", "valid_from")
_MARK = ("tag_key", "object_id", "ground", "valid_from")


def exclusion_by_two(officer: Any, values: Values) -> Label | None:
    """Refuse an exclusion outside the own area, or one approved otherwise than by `_four_eyes`."""
    return own_object(officer, values) or _four_eyes(EXCLUSIONS, _EXCLUSION, officer, values)


def mark_by_two(officer: Any, values: Values) -> Label | None:
    """Refuse a tag by hand outside the own area, or one approved otherwise than by `_four_eyes`: it decides who is drawn."""
    return (
        own_object(officer, values)
        or _ended_by_two(officer, values)
        or _four_eyes(MARKS, _MARK, officer, values)
    )


def _ended_by_two(officer: Any, values: Values) -> Label | None:
    """Refuse to take an approved tag away by one hand: one officer proposes an earlier last day, another writes just that day."""
    stored = TagMark.objects.filter(key=values["key"]).first()
    if stored is None or not stored.approved_by:
        return None
    until = values["valid_to"]
    is_sooner = until is not None and (stored.valid_to is None or until < stored.valid_to)
    is_other = values["approved_by"] != stored.approved_by or any(
        getattr(stored, name) != values[name] for name in _MARK
    )
    if is_other or _is_longer(stored, values):
        return Label(
            "已批准的标注不能改内容、延长或撤回批准。要提前结束的，先填“拟提前结束于”，由另一人办理；要延长的，另登记一条。",
            "An approved tag keeps its words, its term and its approval. To end it sooner, fill in 'to end on'; another officer ends it. To go on, enter another.",
        )
    if not is_sooner:
        return None
    if values["ends_on"] != stored.ends_on or until != stored.ends_on:
        return Label(
            "提前结束要两人：先由一人填“拟提前结束于”，再由另一人把最后一天改成这一天。",
            "To end sooner takes two: one officer fills in 'to end on', another makes that day the last.",
        )
    refused = Label("提出提前结束的人不能自己办理。", "Who proposed the earlier end is not who makes it.")
    return _by_another(officer, _writers(MARKS, stored.key, ("ends_on",)), refused)


def _four_eyes(register: Register, content: Sequence[str], officer: Any, values: Values) -> Label | None:
    """Refuse what is approved with other words, for longer, for somebody else, or by who wrote it."""
    stored: Any = register.model._default_manager.filter(key=values["key"]).first()
    is_same = (
        stored is not None
        and all(getattr(stored, name) == values[name] for name in content)
        and not _is_longer(stored, values)
    )
    approved_by = values["approved_by"] or ""
    if not is_same and approved_by:
        return Label(
            "新登记的或者改过的，要由另一人批准；请把“批准人”留空。",
            "What is new or was changed is approved by somebody else: leave 'approved by' empty.",
        )
    if stored is None or approved_by == stored.approved_by or not approved_by:
        return None
    refused = Label(
        "批准人要填本人的账号，并且不能是登记的人，也不能是改过它的人。",
        "Who approves writes the own account, and neither entered it nor ever changed it.",
    )
    if approved_by != officer.username:
        return refused
    return _by_another(officer, _writers(register, stored.key, (*content, "valid_to")), refused)


def _by_another(officer: Any, writers: set[str], refused: Label) -> Label | None:
    """Refuse a second hand that is one of the writers, or that nothing tells apart from one of them."""
    accounts = list(Officer.objects.filter(username__in=writers))
    if any(is_same_person(officer, one) for one in accounts):
        return refused
    if len(accounts) < len(writers) or not all(are_two_persons(officer, one) for one in accounts):
        return Label(*UNPROVEN)
    return None


def _is_longer(stored: Any, values: Values) -> bool:
    """Say whether something would last longer than what was approved."""
    until = values["valid_to"]
    return stored.valid_to is not None and (until is None or until > stored.valid_to)


def _writers(register: Register, key: str, fields: Sequence[str]) -> set[str]:
    """Return the accounts of everybody who ever wrote in these fields of an entry, by the facts of its versions; a program is nobody."""
    versions = RegisterVersion.objects.filter(register=register.name, object_key=key)
    wrote = [
        f"{key}/{one.version}"
        for one in versions
        if set(one.changed_fields) & {*fields}
        or (one.version == 1 and any(one.snapshot[name] for name in fields))
    ]
    told = Fact.objects.filter(source=f"register/{register.name}", source_key__in=wrote)
    return {*told.values_list("recorded_by", flat=True)} - {PROGRAM}


def _waiting(is_approved: bool) -> Sequence[Finding]:
    words = Label("等待另一人批准，还没有生效。", "Waits for somebody's approval; not in force.")
    return () if is_approved else (Finding(words, _GB58, "warn"),)


def mark_findings(entry: DeclaredEntry, on: date) -> Sequence[Finding]:
    """Say whether a tag by hand is in force."""
    assert isinstance(entry, TagMark)
    if not entry.approved_by or not entry.stands_on(on):
        return _waiting(bool(entry.approved_by))
    if entry.ends_on is not None and entry.ends_on != entry.valid_to:
        words = Label(
            f"有人提出{entry.ends_on.isoformat()}提前结束，等待另一人办理；此前仍然有效。",
            f"Somebody proposes to end it on {entry.ends_on.isoformat()}; it stands until another officer does.",
        )
        return [Finding(words, _GB58, "warn")]
    return [Finding(Label("已由另一人批准，下次刷新时生效。", "Approved by another officer; in force at the next refresh."), _GB58, "ok")]  # fmt: skip


MARKS = declare(
    "object_tag_marks",
    model=TagMark,
    plan_ids=("S192",),
    title=Label("人工标注", "Tags put by hand"),
    keeper=Label("各级监管部门", "Regulators of each level"),
    keepers=_KEEPERS,
    audience=Audience.OFFICER,
    scope=mark_by_two,
    findings=mark_findings,
    about=Label(
        "逐户人工标注：一人登记并写明理由，另一人批准后，下次刷新时生效；提前结束也要两人。",
        "A tag put on one object: entered with the reason by one officer, approved by another, in force at the next refresh. To end it sooner takes two as well.",
    ),
    legal_basis=_GB58,
    name_label=Label("对象名称", "Object"),
    entity_label=None,
    counted_by=("tag_key",),
    demo_file=_DATA / "object_tag_marks.csv",
    tags=("信用监管", "双随机"),
    columns=(
        Column("tag_key", Label("标签", "Tag"), kind=Kind.REFERENCE, refers_to="object_tags", is_required=True, in_list=True),
        Column("object_id", Label("对象编号", "Object's number"), is_required=True, is_searched=True, in_list=True),
        Column("ground", Label("标注理由", "Why"), kind=Kind.LONG, is_required=True),
        Column("approved_by", Label("批准人（账号）", "Approved by (account)"), in_list=True),
        Column("ends_on", Label("拟提前结束于", "To end on"), kind=Kind.DATE),
    ),
)  # fmt: skip


def exclusion_findings(entry: DeclaredEntry, on: date) -> Sequence[Finding]:
    """Say whether an exclusion is in force."""
    assert isinstance(entry, ObjectExclusion)
    if not entry.approved_by:
        return _waiting(False)
    if not entry.stands_on(on):
        return [Finding(Label("已到期：重新参加抽取。", "Ended: it is drawn from again."), _GB58)]
    return [Finding(Label("已批准：不参加抽取，按理由公布户数。", "Approved: left out of draws; the number is published by reason."), _GB58, "ok")]  # fmt: skip


def _ends(values: Values, on: date) -> Iterator[Problem]:
    if values["valid_to"] is None:
        yield Problem(
            "valid_to", "", Label("排除没有到期日", "the exclusion has no end"),
            Label("请填写最后一天；到期后要继续排除的，重新登记和批准。", "Give its last day; to go on after it, enter it again."),
        )  # fmt: skip


EXCLUSIONS = declare(
    "object_exclusions",
    model=ObjectExclusion,
    plan_ids=("S192",),
    title=Label("不参加抽取的对象", "Objects left out of draws"),
    keeper=Label("各级监管部门", "Regulators of each level"),
    keepers=_KEEPERS,
    audience=Audience.OFFICER,
    about=Label(
        "不参加抽取的对象：一人登记，另一人批准后才生效，有到期日。每次抽签公布各理由的户数。",
        "Objects left out of draws: entered by one officer, in force when another approves, with an end. Each draw publishes the number by reason.",
    ),
    legal_basis=_GB58,
    name_label=Label("对象名称", "Object"),
    entity_label=None,
    counted_by=("reason_code",),
    rules=(_ends,),
    scope=exclusion_by_two,
    findings=exclusion_findings,
    demo_file=_DATA / "object_exclusions.csv",
    tags=("信用监管", "双随机"),
    columns=(
        Column("library_code", Label("名录库", "Library"), kind=Kind.CODE, codes=_WITH_FIRMS, is_required=True, is_filter=True),
        Column("object_id", Label("对象编号", "Object's number"), is_required=True, is_searched=True, in_list=True),
        Column("reason_code", Label("理由类别", "Kind of reason"), kind=Kind.CODE, codes=REASONS, is_required=True, is_filter=True, in_list=True),
        Column("ground", Label("理由", "Reason"), kind=Kind.LONG, is_required=True),
        Column("approved_by", Label("批准人（账号）", "Approved by (account)"), in_list=True),
    ),
)  # fmt: skip

REGISTERS = (OBJECTS, TAGS, MARKS, EXCLUSIONS)
