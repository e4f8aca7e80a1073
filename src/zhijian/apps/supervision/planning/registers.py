"""S194: the lists of items that may be inspected, at three levels. S193: the library of those who inspect."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from zhijian.apps.supervision.planning import rules
from zhijian.apps.supervision.planning.models import LibraryInspector, ListedItem
from zhijian.engines.registers.declared.columns import Code, Column, Kind, Problem
from zhijian.engines.registers.declared.declaration import (
    Audience,
    Figure,
    Finding,
    Label,
    Values,
    declare,
)
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.security.models import Role

_DATA = Path(__file__).parent / "data"
_KEEPERS = (Role.STEWARD, Role.LEADER)
_GB58 = "《国务院办公厅关于推广随机抽查规范事中事后监管的通知》（国办发〔2015〕58号）二（一）"
_GB54 = "《国务院办公厅关于严格规范涉企行政检查的意见》（国办发〔2024〕54号）"

LEVELS = (
    Code("province", Label("省级", "Province")),
    Code("city", Label("市级", "City")),
    Code("county", Label("县级", "County")),
)
CLASSES = (
    Code("general", Label("一般检查事项", "General item")),
    Code("key", Label("重点检查事项", "Key item")),
)
OBJECTS = (
    Code("enterprise", Label("市场主体", "Market entities")),
    Code("food_operator", Label("食品生产经营者", "Food operators")),
    Code("premises", Label("场所", "Premises")),
    Code("product", Label("产品", "Products")),
    Code("equipment", Label("特种设备", "Special equipment")),
    Code("laboratory", Label("检验检测机构", "Laboratories")),
    Code("project", Label("项目", "Projects")),
)
DEPARTMENTS = (
    Code("market", Label("市场监管部门", "Market regulator")),
    Code("labour", Label("人力资源社会保障部门", "Human resources and social security")),
    Code("fire", Label("消防救援机构", "Fire and rescue")),
    Code("environment", Label("生态环境部门", "Ecology and environment")),
    Code("culture", Label("文化和旅游部门", "Culture and tourism")),
    Code("housing", Label("住房城乡建设部门", "Housing and construction")),
)
SKILLS = ("general", "food", "special_equipment", "product_quality")
POSITIONS = (
    Code("officer", Label("在编执法人员", "Enforcement officer")),
    Code("assistant", Label("辅助人员", "Assistant")),
    Code("grid", Label("网格员", "Grid staff")),
    Code("temporary", Label("临时人员", "Temporary staff")),
)
_STANDINGS = {
    "valid": (Label("证件有效，可以抽取。", "Certificate valid: may be drawn."), "ok"),
    "expiring": (
        Label("证件90天内到期，请及时换证。", "The certificate ends within 90 days; renew it."),
        "warn",
    ),
    "expired": (Label("证件已到期：不能抽取。", "Certificate expired: cannot be drawn."), "err"),
    "unstarted": (Label("证件还没有生效：不能抽取。", "Certificate not yet valid: cannot be drawn."), "warn"),
    "barred": (Label("不是持证执法人员：不能抽取。", "No certified officer: cannot be drawn."), "err"),
}
_WIDTHS = {"province": 2, "city": 4, "county": 6}


def _has_a_basis(values: Values, on: date) -> Iterator[Problem]:
    if not rules.has_basis(values["law"], values["article"]):
        named = values["article"] if rules.has_basis(values["law"], "第一条") else values["law"]
        yield Problem(
            "article" if named is values["article"] else "law", named,
            Label("没有法律、法规、规章依据的不得列为抽查事项", "what has no basis in law, regulation or rule is no item"),
            Label("请写明带书名号的法律文件名和条号，如第三十七条。", "Name the text in 《》 and its article, as 第三十七条."),
        )  # fmt: skip


def _stands_at_its_level(values: Values, on: date) -> Iterator[Problem]:
    level = rules.level_of(values["division_code"])
    if level != values["level_code"]:
        right = next(one.label for one in LEVELS if one.value == level)
        yield Problem(
            "level_code", values["level_code"],
            Label("清单层级和所在地的层级不一致", "the level of the list is not that of the place"),
            Label(f"这个所在地的清单是{right.zh}。", f"The list of this place is that of a {right.en.lower()}."),
        )  # fmt: skip


def _is_published_first(values: Values, on: date) -> Iterator[Problem]:
    if values["published_on"] > values["valid_from"]:
        yield Problem(
            "valid_from", str(values["valid_from"]),
            Label("生效早于公布：没有公布的事项不得检查", "in force before it was published: what is not published is not inspected"),
            Label("生效日期应不早于公布日期。", "It comes into force on the day of publication or later."),
        )  # fmt: skip


def own_level(officer: Any, values: Values) -> Label | None:
    """Refuse who would write into the list of a level above the own unit's."""
    unit = officer.organisation
    if unit is None or len(unit.territory) <= _WIDTHS.get(str(values.get("level_code")), 6):
        return None
    return Label(
        "上级清单由上级部门维护，您的单位只能维护本级清单。",
        "The list of a level above is kept there; your unit keeps its own.",
    )


def item_findings(entry: DeclaredEntry, on: date) -> Sequence[Finding]:
    """Say whether the item may be inspected on a day, and how often."""
    assert isinstance(entry, ListedItem)
    if not entry.stands_on(on):
        words = Label(
            "不在清单有效期内：不得列入计划，也不得抽查。", "Not in force: neither planned nor drawn."
        )
        return [Finding(words, _GB54, "warn")]
    found = [Finding(Label("已公布。", "Published."), _GB54, "ok")]
    if entry.cap_per_year:
        cap = Label(
            f"对同一对象每年最多检查{entry.cap_per_year}次，有投诉举报等线索的个案检查经批准除外。",
            f"At most {entry.cap_per_year} visits of one object a year, checks on a lead aside, which need approval.",
        )
        found.append(Finding(cap, _GB54))
    return found


ITEMS = declare(
    "inspection_items",
    model=ListedItem,
    plan_ids=("S194",),
    title=Label("随机抽查事项清单", "List of items for random inspection"),
    keeper=Label("省、市、县三级监管部门", "Regulators of province, cities and counties"),
    keepers=_KEEPERS,
    about=Label(
        "依法可以检查什么：依据、内容、方法、对象、频次上限，是否可以书面检查、可以联合检查。清单之外的事项不得检查。",
        "What may be inspected: basis, content, method, objects, yearly cap, whether from the desk, whether jointly. "
        "What is not listed is not inspected.",
    ),
    legal_basis=_GB58,
    key_label=Label("事项编码", "Code"),
    name_label=Label("抽查事项", "Item"),
    entity_label=None,
    counted_by=("level_code", "class_code", "department_code", "object_code"),
    rules=(_has_a_basis, _stands_at_its_level, _is_published_first),
    scope=own_level,
    findings=item_findings,
    demo_file=_DATA / "inspection_items.csv",
    links=(("/plan-of-inspections/", Label("年度抽查计划", "Annual plans of inspections")),),
    tags=("信用监管", "双随机"),
    columns=(
        Column("name_en", Label("英文名称", "Name in English"), is_searched=True),
        Column("level_code", Label("清单层级", "Level"), kind=Kind.CODE, codes=LEVELS, is_required=True, is_filter=True, in_list=True),
        Column("class_code", Label("事项类别", "Class"), kind=Kind.CODE, codes=CLASSES, is_required=True, is_filter=True, in_list=True),
        Column("object_code", Label("检查对象", "Objects"), kind=Kind.CODE, codes=OBJECTS, is_required=True, is_filter=True, in_list=True),
        Column("department_code", Label("检查部门", "Department"), kind=Kind.CODE, codes=DEPARTMENTS, is_required=True, is_filter=True),
        Column("law", Label("依据", "Law"), is_required=True, is_searched=True),
        Column("article", Label("条款", "Article"), is_required=True),
        Column("content", Label("检查内容", "Content"), kind=Kind.LONG, is_required=True),
        Column("content_en", Label("检查内容（英文）", "Content in English"), kind=Kind.LONG),
        Column("method", Label("检查方法", "Method"), kind=Kind.LONG, is_required=True),
        Column("method_en", Label("检查方法（英文）", "Method in English"), kind=Kind.LONG),
        Column("cap_per_year", Label("每年频次上限", "Visits a year at most"), kind=Kind.INTEGER, unit="次", least=1, most=52),
        Column("is_desk_checkable", Label("可以书面检查", "May be checked from the desk"), kind=Kind.BOOLEAN),
        Column("is_jointable", Label("可以联合检查", "May be checked jointly"), kind=Kind.BOOLEAN),
        Column("list_version", Label("清单版本", "Version of the list"), is_required=True),
        Column("published_on", Label("公布日期", "Published on"), kind=Kind.DATE, is_required=True),
    ),
)  # fmt: skip


def _is_certified(values: Values, on: date) -> Iterator[Problem]:
    if values["position_code"] != "officer":
        yield Problem(
            "position_code", values["position_code"],
            Label("只有持证执法人员进入人员库", "only certified enforcement officers are in the library"),
            Label("辅助人员、网格员、临时人员不得检查，请不要登记。", "Assistants, grid and temporary staff do not inspect; leave them out."),
        )  # fmt: skip
    if values["valid_to"] is None:
        yield Problem(
            "valid_to", "", Label("证件没有到期日", "the certificate has no last day"),
            Label("请填写证件有效期的最后一天。", "Give the last day of the certificate."),
        )  # fmt: skip


def _has_known_skills(values: Values, on: date) -> Iterator[Problem]:
    strange = [one for one in values["skills"] if one not in SKILLS]
    if strange or not values["skills"]:
        yield Problem(
            "skills", "、".join(strange), Label("没有专长或专长不在代码表中", "no skill, or one that is not on the code list"),
            Label(f"请用：{'、'.join(SKILLS)}。", f"Use: {', '.join(SKILLS)}."),
        )  # fmt: skip


def inspector_findings(entry: DeclaredEntry, on: date) -> Sequence[Finding]:
    """Say whether the officer can be drawn on a day, and what training is missing."""
    assert isinstance(entry, LibraryInspector)
    text, tone = _STANDINGS[_standing(entry, on)]
    found = [Finding(text, _GB54, tone)]
    hours = entry.training_hours if entry.training_year == on.year else 0
    if missing := rules.missing_training(hours, on=on):
        words = Label(f"今年还缺{missing}学时培训。", f"{missing} hours of training are missing this year.")
        found.append(
            Finding(words, "《提升行政执法质量三年行动计划（2023—2025年）》（国办发〔2023〕27号）", "warn")
        )
    return found


def _standing(entry: LibraryInspector, on: date) -> str:
    is_official = entry.position_code == "officer"
    return rules.certificate_standing(
        first_day=entry.valid_from, last_day=entry.valid_to, is_official=is_official, on=on
    )


def certificates(on: date) -> Sequence[Figure]:
    """Count certificates by how they stand."""
    counts = Counter(_standing(one, on) for one in LibraryInspector.objects.all())
    names = {"valid": Label("有效", "Valid"), "expiring": Label("90天内到期", "Ends within 90 days"),
             "expired": Label("已到期", "Expired"), "unstarted": Label("未生效", "Not yet valid")}  # fmt: skip
    rows = tuple((label, float(counts[code]), str(counts[code])) for code, label in names.items())
    return [Figure(Label("证件状态", "Certificates"), rows, Label("人", "officers"), is_public=False)]


INSPECTORS = declare(
    "inspectors",
    model=LibraryInspector,
    plan_ids=("S193",),
    title=Label("执法检查人员名录库", "Library of inspectors"),
    keeper=Label("各级监管部门", "Regulators of each level"),
    keepers=_KEEPERS,
    audience=Audience.OFFICER,
    about=Label(
        "谁可以检查：证件和有效期、专长、单位、区域、培训学时。抽取检查人员时用这里的记录：证件到期、休假的不能抽取，有利害关系的回避。",
        "Who may inspect: certificate with its term, skills, unit, area, hours of training. A draw reads it: nobody expired or "
        "on leave is drawn, and ties to a firm keep an officer from it.",
    ),
    legal_basis=_GB58,
    key_label=Label("执法证号", "Certificate"),
    name_label=Label("姓名", "Name"),
    name_is_personal=True,
    entity_label=None,
    from_label=Label("证件有效期自", "Certificate valid from"),
    to_label=Label("证件有效期至", "Certificate valid until"),
    counted_by=("position_code",),
    rules=(_is_certified, _has_known_skills),
    findings=inspector_findings,
    figures=certificates,
    demo_file=_DATA / "inspectors.csv",
    links=(("/work/interests/", Label("利害关系申报", "Declared ties")),),
    tags=("信用监管", "双随机"),
    columns=(
        Column("account", Label("账号", "Account"), is_required=True, is_searched=True, is_public=False),
        Column("organisation_name", Label("单位", "Unit"), is_required=True, is_searched=True, in_list=True),
        Column("skills", Label("专长", "Skills"), kind=Kind.TAGS, in_list=True),
        Column("position_code", Label("人员类别", "Kind of staff"), kind=Kind.CODE, codes=POSITIONS, is_required=True, is_filter=True),
        Column("training_hours", Label("培训学时", "Hours of training"), kind=Kind.INTEGER, unit="学时", least=0, most=2000, is_required=True),
        Column("training_year", Label("培训年度", "Year of training"), kind=Kind.INTEGER, least=2000, most=2200, is_required=True),
        Column("former_employer", Label("原任职单位", "Former employer"), kind=Kind.USCC, is_public=False, is_personal=True),
    ),
)  # fmt: skip
