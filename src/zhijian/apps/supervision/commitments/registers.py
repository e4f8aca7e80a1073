"""S203: the texts by which conditions are told and promised, and the promises on which approvals were given."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from zhijian.apps.supervision.commitments import policies, queries, rules
from zhijian.apps.supervision.commitments.models import ApprovalCommitment, CommitmentText
from zhijian.engines.registers.declared.columns import Code, Column, Kind, Problem
from zhijian.engines.registers.declared.declaration import (
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
_RULE_46 = "《广东省市场监管条例》第四十六条"
_OPINION = "《国务院办公厅关于全面推行证明事项和涉企经营许可事项告知承诺制的指导意见》（国办发〔2020〕42号）"

MATTERS = (
    Code("food", Label("食品经营许可", "Food operation licence")),
    Code("testing_body", Label("检验检测机构资质认定", "Recognition of testing bodies")),
    Code("industrial_product", Label("工业产品生产许可", "Licence for industrial products")),
    Code("equipment", Label("特种设备生产单位许可", "Licence of makers of special equipment")),
    Code("other", Label("其他许可", "Other approvals")),
)
STANDINGS = {
    "unchecked": (Label("许可后的核查还没有开始。", "The check after the approval has not begun."), "neutral", True),
    "open": (Label("正在核查。", "Being checked."), "neutral", False),
    "kept": (Label("已核查：承诺已履行。", "Checked: the promise is kept."), "ok", True),
    "cured": (Label("已核查：责令后承诺已履行。", "Checked: the promise is kept since it was ordered."), "ok", True),
    "withdrawn": (Label("没有履行承诺，许可已撤销。", "The promise was not kept: the approval was withdrawn."), "err", True),
    "approval_kept": (Label("核查有问题，依法决定不撤销许可。", "The check found problems; the approval was not withdrawn."), "warn", True),
}  # fmt: skip
_BARS = {
    rules.Bar.SERIOUS_LIST: (
        Label("在严重违法失信名单上，不适用告知承诺制", "on the serious-violation list: no approval on a promise"),
        Label("请按一般程序受理（《市场监督管理严重违法失信名单管理办法》第十五条）。", "Take the application by the ordinary procedure (article 15 of the Measures)."),
    ),
    rules.Bar.EXCLUDED: (
        Label("曾因没有履行承诺被撤销许可，还在不适用告知承诺的期限内", "an approval was withdrawn for a broken promise, and the bar still runs"),
        Label("请按一般程序受理（国办发〔2020〕42号）。", "Take the application by the ordinary procedure."),
    ),
}  # fmt: skip


def _text_is_in_force(values: Values, on: date) -> Iterator[Problem]:
    text = CommitmentText.objects.filter(key=values["text"]).first()
    if text is not None and not text.stands_on(values["valid_from"]):
        yield Problem(
            "text", text.key, Label("承诺那天这一版文本不在施行", "this version was not in force on the day of the promise"),
            Label("请选承诺那天施行的一版。", "Choose the version in force on that day."),
        )  # fmt: skip
    if values["valid_from"] > on:
        yield Problem("valid_from", str(values["valid_from"]), Label("承诺日期在将来", "the promise lies ahead"),
                      Label("请填写实际承诺的日子。", "Give the day of the promise."))  # fmt: skip


def _firm_may_promise(values: Values, on: date) -> Iterator[Problem]:
    if values["valid_from"] > on:
        return
    bar = policies.bar_of(values["uscc"], on=values["valid_from"], known_on=on)
    if bar is not None:
        reason, remedy = _BARS[bar]
        yield Problem("uscc", values["uscc"], reason, remedy)


def performance(entry: DeclaredEntry, on: date) -> Sequence[Finding]:
    """Say by when the promise is checked, or what its check found."""
    standing = queries.standing_of(entry.key)
    text, tone, is_public = STANDINGS[standing]
    if standing == queries.UNCHECKED:
        due = rules.check_due_on(entry.valid_from)
        is_late = due < on
        words = Label(f"{text.zh}应当在{due}前核查。", f"{text.en} Due by {due}.")
        return [Finding(words, _OPINION, "warn" if is_late else tone, is_public=not is_late)]
    return [Finding(text, _RULE_46, tone, is_public=is_public)]


def by_standing(on: date) -> Sequence[Figure]:
    """Count promises by what their check found."""
    counted = queries.counts()
    names = {"unchecked": Label("尚未核查", "Not yet checked"), "open": Label("核查中", "Being checked"), "kept": Label("已履行", "Kept"),
             "cured": Label("责令后履行", "Kept after an order"), "withdrawn": Label("许可已撤销", "Approval withdrawn"),
             "approval_kept": Label("有问题，不撤销", "Problems, not withdrawn")}  # fmt: skip
    rows = tuple((label, float(counted[code]), str(counted[code])) for code, label in names.items())
    return [Figure(Label("承诺的履行情况", "How promises are kept"), rows, Label("项", "promises"))]


TEXTS = declare(
    "commitment_texts",
    model=CommitmentText,
    plan_ids=("S203",),
    title=Label("告知承诺文本", "Texts of promises made at approval"),
    keeper=Label("作出许可的市场监管部门", "The market regulator that approves"),
    keepers=(Role.LEADER, Role.STEWARD),
    about=Label(
        "哪些许可可以承诺代替材料，告知了哪些条件，每一版从何时施行。",
        "Which approvals are given on a promise, which conditions are told, and from when each version holds.",
    ),
    legal_basis=_OPINION,
    key_label=Label("文本编号", "Number"),
    name_label=Label("许可事项", "Matter"),
    from_label=Label("施行自", "In force from"),
    to_label=Label("施行至", "In force until"),
    entity_label=None,
    geography=Geography.COUNTY,
    counted_by=("matter_code",),
    demo_file=_DATA / "commitment_texts.csv",
    columns=(
        Column("matter_code", Label("种类", "Kind"), kind=Kind.CODE, codes=MATTERS, is_required=True, is_filter=True, in_list=True),
        Column("version_code", Label("版本", "Version"), kind=Kind.TEXT, is_required=True, in_list=True),
        Column("basis", Label("依据", "Basis"), kind=Kind.TEXT, is_required=True),
        Column("conditions", Label("告知和承诺的条件", "Conditions told and promised"), kind=Kind.LONG, is_required=True),
        Column("may_be_cured", Label("没有达到的可以先责令改正", "What is not met may first be put right"), kind=Kind.BOOLEAN),
    ),
)  # fmt: skip

COMMITMENTS = declare(
    "approval_commitments",
    model=ApprovalCommitment,
    plan_ids=("S203",),
    title=Label("告知承诺登记簿", "Register of promises made at approval"),
    keeper=Label("作出许可的市场监管部门", "The market regulator that approves"),
    keepers=_KEEPERS,
    about=Label(
        "以承诺代替材料取得许可的企业承诺了什么，许可后的核查发现了什么。",
        "What firms promised instead of proving it, and what the check after the approval found.",
    ),
    legal_basis=_RULE_46,
    key_label=Label("承诺编号", "Number"),
    name_label=Label("承诺的企业", "Firm"),
    from_label=Label("承诺日期", "Promised on"),
    to_label=Label("许可至", "Approved until"),
    counted_by=("text", "authority"),
    rules=(_text_is_in_force, _firm_may_promise),
    findings=performance,
    figures=by_standing,
    demo_file=_DATA / "approval_commitments.csv",
    columns=(
        Column("text", Label("承诺文本", "Text promised"), kind=Kind.REFERENCE, refers_to="commitment_texts", is_required=True, is_filter=False, in_list=True),
        Column("approval_no", Label("许可文号", "Number of the approval"), kind=Kind.TEXT, is_required=True, is_searched=True),
        Column("authority", Label("许可机关", "Authority"), kind=Kind.TEXT, is_required=True),
    ),
)  # fmt: skip

REGISTERS = (TEXTS, COMMITMENTS)
