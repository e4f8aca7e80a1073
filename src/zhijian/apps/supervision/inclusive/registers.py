"""S205, S206, S240, S241, S249: trials, first offences, dormancies, white lists, and the presumption of conformity."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from zhijian.apps.supervision.inclusive import letters, queries, rules
from zhijian.apps.supervision.inclusive.models import (
    Dormancy,
    FirstOffenceItem,
    Leniency,
    Presumed,
    PresumptionAlarm,
    Trial,
    TrialReading,
    WhiteListed,
)
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
_KEEPERS = (Role.HANDLER, Role.LEADER)
_NEW_TOOLS = "《广东省市场监管现代化“十四五”规划》第九章第一节"
_SHENZHEN = "《广东省市场监管现代化“十四五”规划》第十章第二节"
_NANSHA = "《广东省市场监管现代化“十四五”规划》第十章第三节"
_FIRST = "《行政处罚法》（2021年修订）第三十三条"
_DORMANCY = "《市场主体登记管理条例》第三十条"

TRADES = (
    Code("delivery", Label("即时配送、无人配送", "Delivery, unmanned delivery")),
    Code("live_sales", Label("直播电商", "Live-streamed sales")),
    Code("health", Label("健康食品新业态", "New forms of health food")),
    Code("sharing", Label("共享经济", "Sharing economy")),
    Code("devices", Label("智能医疗器械", "Smart medical devices")),
    Code("other", Label("其他新业态", "Other new business")),
)
EXITS = (
    Code("rules", Label("转入正式规则", "Under rules made for it")),
    Code("ordinary", Label("按现行规定监管", "Under the ordinary rules")),
    Code("stop", Label("停止试点业务", "The business stops")),
)
FIELDS = (
    Code("food", Label("食品", "Food")),
    Code("product", Label("产品质量", "Product quality")),
    Code("advertising", Label("广告", "Advertising")),
    Code("registration", Label("登记和公示", "Registration and publicity")),
    Code("price", Label("价格", "Prices")),
    Code("metrology", Label("计量", "Metrology")),
)
HARMS = (
    Code("none", Label("没有造成危害后果", "No harm")),
    Code("slight", Label("危害后果轻微", "Slight harm")),
    Code("real", Label("造成危害后果", "Harm")),
)
CAUSES = (
    Code("nature", Label("自然灾害", "Natural disaster")),
    Code("accident", Label("事故灾难", "Accident")),
    Code("health", Label("公共卫生事件", "Public-health event")),
    Code("society", Label("社会安全事件", "Social-safety event")),
)
SOURCES = (
    Code("device", Label("联网设备", "Connected device")),
    Code("sample", Label("抽检结果", "Sample")),
    Code("complaint", Label("投诉举报", "Complaints and reports")),
    Code("trade", Label("交易数据", "Trade data")),
)


def _problem(field: str, value: Any, zh: str, en: str, do_zh: str, do_en: str) -> Problem:
    return Problem(field, "" if value is None else str(value), Label(zh, en), Label(do_zh, do_en))


# ------------------------------------------------------------------------------------------------------ trials


def _trial_is_bounded(values: Values, on: date) -> Iterator[Problem]:
    last = rules.trial_ends_at_latest(values["valid_from"])
    if values["valid_to"] is None:
        yield _problem("valid_to", None, "没有退出日期的不是试点", "a trial without an exit date is none", f"请填写试点结束的日子，最晚{last}。", f"Give its last day, {last} at the latest.")  # fmt: skip
    elif not values["valid_from"] <= values["valid_to"] <= last:
        yield _problem("valid_to", values["valid_to"], "试点期限不对", "the trial is too long, or ends before it begins", f"请在{last}以前结束。", f"It ends by {last}.")  # fmt: skip


_TRIAL = {
    "ahead": (Label("试点还没有开始。", "The trial has not begun."), "neutral"),
    "running": (Label("试点进行中，指标没有越线。", "The trial runs; its indicator never rang."), "ok"),
    "warned": (Label("指标越过线：已提醒，试点继续。", "The indicator rang: warned, the trial goes on."), "warn"),
    "leave": (Label("指标越线次数达到约定：应当退出试点。", "It rang as often as its rules allow at most: to leave the trial."), "err"),
    "over": (Label("试点期满，按约定的办法退出。", "The trial is over; it is left as its rules say."), "neutral"),
}  # fmt: skip


def trial_findings(entry: DeclaredEntry, on: date) -> Sequence[Finding]:
    """Say how the trial stands, and what follows its end."""
    assert isinstance(entry, Trial)
    code = queries.trial_standing(entry, on=on)
    text, tone = _TRIAL[code]
    then = next(one.label for one in EXITS if one.value == entry.exit_code)
    words = (
        Label(f"{text.zh}退出后：{then.zh}。", f"{text.en} After it: {then.en}.")
        if code in ("leave", "over")
        else text
    )
    return [Finding(words, _NEW_TOOLS, tone)]


def trial_figures(on: date) -> Sequence[Figure]:
    """Count the trials by how they stand."""
    counts = Counter(queries.trial_standing(one, on=on) for one in Trial.objects.all())
    names = {"running": Label("进行中", "Running"), "warned": Label("已提醒", "Warned"), "leave": Label("应当退出", "To leave"), "over": Label("期满", "Over"), "ahead": Label("未开始", "Ahead")}  # fmt: skip
    rows = tuple((label, float(counts[code]), str(counts[code])) for code, label in names.items())
    return [Figure(Label("试点的情况", "How the trials stand"), rows, Label("项", "trials"))]


TRIALS = declare(
    "sandbox_trials",
    model=Trial,
    plan_ids=("S205",),
    title=Label("沙盒监管试点", "Bounded trials"),
    keeper=Label("市场监管部门", "Market regulators"),
    keepers=_KEEPERS,
    about=Label(
        "新业态企业在限定的范围和期限内试点：放宽什么、底线是什么、看哪个指标、越线几次退出、期满怎样退出。",
        "Firms of a new kind of business on a bounded trial: what is eased, what never is, which indicator, how often it may ring, how the trial ends.",
    ),
    legal_basis=_NEW_TOOLS,
    procedure="supervision/sandbox_trials",
    key_label=Label("试点编号", "Number"),
    name_label=Label("企业", "Firm"),
    from_label=Label("试点自", "Trial from"),
    to_label=Label("退出日期", "Exit"),
    counted_by=("trade_code", "exit_code"),
    rules=(_trial_is_bounded,),
    findings=trial_findings,
    figures=trial_figures,
    demo_file=_DATA / "sandbox_trials.csv",
    tags=("包容审慎",),
    columns=(
        Column("trade_code", Label("业态", "Business"), kind=Kind.CODE, codes=TRADES, is_required=True, is_filter=True, in_list=True),
        Column("allowed", Label("试点中放宽的", "What is eased"), kind=Kind.LONG, is_required=True),
        Column("never", Label("不得突破的底线", "What never is"), kind=Kind.LONG, is_required=True),
        Column("indicator", Label("监测指标", "Indicator"), is_required=True, in_list=True),
        Column("threshold", Label("界线", "Bound"), kind=Kind.INTEGER, is_required=True),
        Column("is_most", Label("超过界线报警（否则低于）", "Rings above the bound, otherwise below"), kind=Kind.BOOLEAN),
        Column("rings_to_leave", Label("报警几次退出", "Rings to leave"), kind=Kind.INTEGER, is_required=True, least=1, most=20),
        Column("exit_code", Label("退出后", "After it"), kind=Kind.CODE, codes=EXITS, is_required=True, is_filter=True),
    ),
)  # fmt: skip


def _reading_in_trial(values: Values, on: date) -> Iterator[Problem]:
    trial = Trial.objects.filter(key=values["trial"]).first()
    if trial is not None and not trial.stands_on(values["valid_from"]):
        yield _problem("valid_from", values["valid_from"], "那一天不在试点期内", "that day lies outside the trial", "请核对日期。", "Check the day.")  # fmt: skip


def reading_findings(entry: DeclaredEntry, on: date) -> Sequence[Finding]:
    """Say whether the reading rings."""
    assert isinstance(entry, TrialReading)
    trial = Trial.objects.filter(key=entry.trial).first()
    if trial is None:
        return []
    if rules.rings(entry.value, threshold=trial.threshold, is_most=trial.is_most):
        return [Finding(Label(f"越过界线{trial.threshold}：报警。", f"Beyond the bound of {trial.threshold}: it rings."), _NEW_TOOLS, "warn")]  # fmt: skip
    return [Finding(Label("在界线以内。", "Within the bound."), _NEW_TOOLS, "ok")]


READINGS = declare(
    "sandbox_readings",
    model=TrialReading,
    plan_ids=("S205",),
    title=Label("试点监测记录", "Readings of trials"),
    keeper=Label("市场监管部门", "Market regulators"),
    keepers=_KEEPERS,
    about=Label("每项试点的指标读数；越线即报警。", "Readings of each trial's indicator; what is beyond the bound rings."),
    legal_basis=_NEW_TOOLS,
    name_label=Label("企业", "Firm"),
    from_label=Label("日期", "Day"),
    entity_label=None,
    rules=(_reading_in_trial,),
    findings=reading_findings,
    demo_file=_DATA / "sandbox_readings.csv",
    tags=("包容审慎",),
    columns=(
        Column("trial", Label("试点编号", "Trial"), kind=Kind.REFERENCE, refers_to="sandbox_trials", is_required=True, is_searched=True, in_list=True),
        Column("value", Label("读数", "Reading"), kind=Kind.INTEGER, is_required=True, in_list=True),
    ),
)  # fmt: skip


# ---------------------------------------------------------------------------------------------- first offences

ITEMS = declare(
    "first_offence_items",
    model=FirstOffenceItem,
    plan_ids=("S206",),
    title=Label("首违不罚事项清单", "Violations whose first offence may be forgiven"),
    keeper=Label("市场监管部门", "Market regulators"),
    keepers=(Role.LEADER, Role.STEWARD),
    about=Label("哪些违法行为初次发生、危害轻微并及时改正的，可以不予行政处罚。", "Violations that may be left without a penalty when first, slight and corrected in time."),
    legal_basis=_FIRST,
    name_label=Label("违法行为", "Violation"),
    from_label=Label("施行自", "In force from"),
    to_label=Label("施行至", "In force until"),
    entity_label=None,
    counted_by=("field_code",),
    demo_file=_DATA / "first_offence_items.csv",
    tags=("包容审慎",),
    columns=(
        Column("field_code", Label("领域", "Field"), kind=Kind.CODE, codes=FIELDS, is_required=True, is_filter=True, in_list=True),
        Column("basis", Label("违反的规定", "Norm violated"), is_required=True),
        Column("conditions", Label("适用条件", "Conditions"), kind=Kind.LONG, is_required=True),
        Column("correct_days", Label("改正期限", "To be corrected within"), kind=Kind.INTEGER, unit="日", is_required=True, least=1, most=90, in_list=True),
    ),
)  # fmt: skip


def _leniency_holds(values: Values, on: date) -> Iterator[Problem]:
    item, found_on = FirstOffenceItem.objects.filter(key=values["item"]).first(), values["valid_from"]
    if found_on > on:
        yield _problem("valid_from", found_on, "查处日期在将来", "the finding lies ahead", "请填写实际查到的日子。", "Give the day of the finding.")  # fmt: skip
        return
    if item is not None and not item.stands_on(found_on):
        yield _problem("item", item.key, "那一天这个事项不在清单上", "the item was not in force on that day", "请核对清单。", "Check the list.")  # fmt: skip
    never_penalised = (
        values["is_minor"] and values["harm_code"] == "none"
    )  # the first sentence asks for no first offence
    if not never_penalised and not queries.is_first_offence(values["uscc"], values["item"], found_on=found_on, besides=values["key"]):  # fmt: skip
        yield _problem("uscc", values["uscc"], "不是初次违法，不适用首违不罚", "not the first offence: no leniency", "请按行政处罚程序办理。", "Take it by the procedure of penalties.")  # fmt: skip
    if values["harm_code"] == "real":
        yield _problem("harm_code", values["harm_code"], "造成危害后果，不适用首违不罚", "there was harm: no leniency", "请按行政处罚程序办理。", "Take it by the procedure of penalties.")  # fmt: skip
    if values["correct_by"] < found_on or (values["corrected_on"] and values["corrected_on"] < found_on):
        yield _problem("correct_by", values["correct_by"], "改正的日子早于查处", "corrected before it was found", "请核对日期。", "Check the days.")  # fmt: skip


def leniency_findings(entry: DeclaredEntry, on: date) -> Sequence[Finding]:
    """Say what the law answers and why, and how similar cases went."""
    assert isinstance(entry, Leniency)
    answer = queries.leniency_answer(entry, on=on)
    if answer is None:
        found = [
            Finding(
                Label(
                    f"已发行政指导，请在{entry.correct_by}以前改正。",
                    f"Guided; to be corrected by {entry.correct_by}.",
                ),
                _FIRST,
            )
        ]
    else:
        tone = "err" if answer.code == "not_lenient" else "ok"
        found = [Finding(Label(answer.zh, answer.en), _FIRST, tone)]
    others, kept = queries.similar(entry)
    words = Label(
        f"同一事项另有{others}件，其中{kept}件按时改正。",
        f"{others} other cases of this item; {kept} of them corrected in time.",
    )
    return [*found, Finding(words)]


LENIENCIES = declare(
    "leniency_cases",
    model=Leniency,
    plan_ids=("S206",),
    title=Label("首违不罚和行政指导", "First offences and guidance"),
    keeper=Label("市场监管部门", "Market regulators"),
    keepers=_KEEPERS,
    about=Label("初次轻微违法：指导了什么、哪天改正、为什么不罚。第二次不再适用。", "First and slight violations: what was advised, when it was corrected, why there was no penalty. Never for the second."),
    legal_basis=_FIRST,
    key_label=Label("编号", "Number"),
    name_label=Label("当事人", "Party"),
    from_label=Label("查处日期", "Found on"),
    audience=Audience.OFFICER,  # what was forgiven is no penalty: no rule makes it public under a name
    counted_by=("item", "harm_code"),
    rules=(_leniency_holds,),
    findings=leniency_findings,
    letter=letters.guidance,
    demo_file=_DATA / "leniency_cases.csv",
    tags=("包容审慎",),
    columns=(
        Column("item", Label("事项", "Item"), kind=Kind.REFERENCE, refers_to="first_offence_items", is_required=True, is_searched=True, in_list=True),
        Column("is_minor", Label("违法行为轻微", "Minor"), kind=Kind.BOOLEAN),
        Column("harm_code", Label("危害后果", "Harm"), kind=Kind.CODE, codes=HARMS, is_required=True, is_filter=True),
        Column("guidance", Label("行政指导内容", "Guidance"), kind=Kind.LONG, is_required=True),
        Column("correct_by", Label("改正期限", "To be corrected by"), kind=Kind.DATE, is_required=True),
        Column("corrected_on", Label("改正日期", "Corrected on"), kind=Kind.DATE, in_list=True),
        Column("authority", Label("机关", "Authority"), is_required=True),
    ),
)  # fmt: skip


# --------------------------------------------------------------------------------------------------- dormancy


def _dormancy_is_filed(values: Values, on: date) -> Iterator[Problem]:
    begins = values["valid_from"]
    last = rules.dormant_until_at_latest(begins, queries.other_dormancies(values["uscc"], besides=values["key"]))  # fmt: skip
    if values["valid_to"] is None or not begins <= values["valid_to"] <= last:
        yield _problem("valid_to", values["valid_to"], "歇业累计不得超过三年", "dormancy lasts three years at most, all periods together", f"最晚到{last}。", f"Until {last} at the latest.")  # fmt: skip
    if not values["service_address"]:
        yield _problem("service_address", None, "没有法律文书送达地址", "no address for service", "请填写送达地址，公示后视为能够联系。", "Give the address; it is published.")  # fmt: skip
    if not values["labour_settled"]:
        yield _problem("labour_settled", None, "没有与职工协商处理劳动关系", "labour matters are not settled", "歇业前应当依法协商劳动关系处理。", "They are settled before dormancy begins.")  # fmt: skip


_DORMANT = {
    "ahead": (Label("歇业还没有开始。", "Dormancy has not begun."), "neutral"),
    "dormant": (Label("歇业中。年度报告照常报送；不按连续六个月停业处理；文书送达公示的地址。", "Dormant. The annual report is still due; no idleness is held against it; it is served at the published address."), "ok"),
    "resumed": (Label("已经恢复营业。", "It has resumed business."), "neutral"),
    "acted": (Label("歇业期间开展了经营活动，视为恢复营业。", "It did business and so has resumed."), "warn"),
    "expired": (Label("歇业期满，应当恢复营业或者办理注销。", "The term is over: it resumes or leaves the register."), "warn"),
}  # fmt: skip


def dormancy_findings(entry: DeclaredEntry, on: date) -> Sequence[Finding]:
    """Say how the dormancy stands and what it changes for others."""
    assert isinstance(entry, Dormancy)
    text, tone = _DORMANT[queries.dormancy_standing(entry, on=on)]
    return [Finding(text, _DORMANCY, tone)]


DORMANCIES = declare(
    "dormancies",
    model=Dormancy,
    plan_ids=("S240",),
    title=Label("歇业备案", "Dormant firms"),
    keeper=Label("登记机关", "Registrars"),
    keepers=(Role.INTAKE, *_KEEPERS),
    about=Label("因自然灾害、事故灾难、公共卫生、社会安全事件经营困难而歇业的企业：期限、送达地址、何时恢复。", "Firms dormant for a disaster or an event: until when, where they are served, when they resumed."),
    legal_basis=_DORMANCY,
    key_label=Label("备案编号", "Number"),
    name_label=Label("企业", "Firm"),
    from_label=Label("歇业自", "Dormant from"),
    to_label=Label("歇业至", "Dormant until"),
    counted_by=("cause_code",),
    rules=(_dormancy_is_filed,),
    findings=dormancy_findings,
    holds=queries.dormancy_holds,
    demo_file=_DATA / "dormancies.csv",
    tags=("歇业",),
    columns=(
        Column("cause_code", Label("原因", "Cause"), kind=Kind.CODE, codes=CAUSES, is_required=True, is_filter=True, in_list=True),
        Column("service_address", Label("法律文书送达地址", "Address for service"), is_searched=True),
        Column("labour_settled", Label("已协商劳动关系处理", "Labour matters settled"), kind=Kind.BOOLEAN),
        Column("resumed_on", Label("恢复营业公示日期", "Resumed on"), kind=Kind.DATE),
        Column("acted_on", Label("实际开展经营的日期", "Did business on"), kind=Kind.DATE),
    ),
)  # fmt: skip


# --------------------------------------------------------------------------------- white lists and presumption


def _entry_is_clean(values: Values, on: date) -> Iterator[Problem]:
    begins, last = values["valid_from"], rules.listed_until_at_most(values["valid_from"])
    if begins > on:
        yield _problem(
            "valid_from",
            begins,
            "日期在将来",
            "the day lies ahead",
            "请填写列入的日子。",
            "Give the day of the entry.",
        )
        return
    if values["valid_to"] is None or not begins <= values["valid_to"] <= last:
        yield _problem("valid_to", values["valid_to"], "应当有期限", "it needs a term", f"最晚到{last}。", f"Until {last} at the latest.")  # fmt: skip
    has_ended = values["valid_to"] is not None and values["valid_to"] < on
    for one in () if has_ended else queries.blemishes_on(values["uscc"], on=begins):
        yield _problem("uscc", values["uscc"], f"{one.zh}，不能列入", f"{one.en}: it cannot be entered", "修复或者期满后可以再提。", "Come again when it is repaired or its time is over.")  # fmt: skip


def white_findings(entry: DeclaredEntry, on: date) -> Sequence[Finding]:
    """Say what the list means, or that the firm is to leave it."""
    if not entry.stands_on(on):
        return [Finding(Label("已经移出或者期满。", "It has left the list."), _SHENZHEN)]
    for one in queries.blemishes_on(entry.uscc, on=on):
        return [Finding(Label(f"应当移出：{one.zh}。", f"To leave: {one.en}."), _SHENZHEN, "err")]
    words = Label(
        "降低抽查频次；投诉举报、线索、数据报警和法定检查不受影响，仍可能被抽中。",
        "Drawn less often. Complaints, leads, alarms and duties of law lead to it as before, and a lottery still may.",
    )
    return [Finding(words, _SHENZHEN, "ok")]


WHITE = declare(
    "supervision_white_list",
    model=WhiteListed,
    plan_ids=("S241",),
    title=Label("监管白名单", "White list of supervision"),
    keeper=Label("市场监管部门", "Market regulators"),
    keepers=_KEEPERS,
    about=Label("可以少查的企业：哪个领域、为什么、到哪天；违法即移出。", "Firms that are inspected less: in which field, why, until when; off it on a breach."),
    legal_basis=_SHENZHEN,
    name_label=Label("企业", "Firm"),
    from_label=Label("列入日期", "Entered on"),
    to_label=Label("期满日期", "Until"),
    counted_by=("field_code",),
    rules=(_entry_is_clean,),
    findings=white_findings,
    holds=queries.white_holds,
    demo_file=_DATA / "supervision_white_list.csv",
    tags=("包容审慎",),
    columns=(
        Column("field_code", Label("领域", "Field"), kind=Kind.CODE, codes=FIELDS, is_required=True, is_filter=True, in_list=True),
        Column("grounds", Label("列入理由", "Reason"), is_required=True),
        Column("authority", Label("机关", "Authority"), is_required=True),
    ),
)  # fmt: skip


def _may_be_presumed(values: Values, on: date) -> Iterator[Problem]:
    yield from _entry_is_clean(values, on)
    if not str(values["division_code"]).startswith(rules.NANSHA):
        yield _problem("division_code", values["division_code"], "不在南沙示范区", "outside the zone of Nansha", "合格假定只在南沙试行。", "The presumption is tried in Nansha alone.")  # fmt: skip
    for name, zh, en in (("is_connected", "没有接入数据", "its data are not connected"), ("has_committed", "没有作出合规承诺", "no commitment was made")):  # fmt: skip
        if not values[name]:
            yield _problem(name, None, zh, en, "进入条件缺一不可。", "Every entering condition must be met.")


_PRESUMED = {
    "holds": (
        Label("视为合格：没有数据报警时不主动检查。", "Taken to conform: not inspected while no data ring."),
        "ok",
    ),
    "suspended": (
        Label("有报警没有处理：合格假定暂停。", "An alarm is open: the presumption is suspended."),
        "warn",
    ),
    "lost": (Label("合格假定已经丧失：应当退出。", "The presumption is lost: to leave."), "err"),
}


def presumed_findings(entry: DeclaredEntry, on: date) -> Sequence[Finding]:
    """Say how the presumption stands."""
    assert isinstance(entry, Presumed)
    if not entry.stands_on(on):
        return [Finding(Label("已经退出或者期满。", "It has ended."), _NANSHA)]
    standing = queries.presumption(entry, on=on)
    text, tone = _PRESUMED[standing]
    return [Finding(text, _NANSHA, tone, is_public=standing == "holds")]


def presumed_figures(on: date) -> Sequence[Figure]:
    """Count the presumed firms by how they stand."""
    counts = Counter(queries.presumption(one, on=on) for one in Presumed.objects.all() if one.stands_on(on))
    names = {
        "holds": Label("视为合格", "Holds"),
        "suspended": Label("暂停", "Suspended"),
        "lost": Label("应当退出", "Lost"),
    }
    rows = tuple((label, float(counts[code]), str(counts[code])) for code, label in names.items())
    return [Figure(Label("合格假定的情况", "How presumptions stand"), rows, Label("户", "firms"))]


PRESUMED = declare(
    "presumed_conforming",
    model=Presumed,
    plan_ids=("S249",),
    title=Label("合格假定企业", "Firms presumed to conform"),
    keeper=Label("南沙区市场监管部门", "The regulator of Nansha"),
    keepers=_KEEPERS,
    about=Label("记录良好、数据接入并作出承诺的企业，在数据没有报警时视为合格。", "Firms with a clean record, connected data and a commitment are taken to conform until data say otherwise."),
    legal_basis=_NANSHA,
    name_label=Label("企业", "Firm"),
    from_label=Label("进入日期", "Entered on"),
    to_label=Label("期满日期", "Until"),
    counted_by=("field_code",),
    rules=(_may_be_presumed,),
    findings=presumed_findings,
    holds=queries.presumption_holds,
    figures=presumed_figures,
    demo_file=_DATA / "presumed_conforming.csv",
    tags=("包容审慎",),
    columns=(
        Column("field_code", Label("领域", "Field"), kind=Kind.CODE, codes=FIELDS, is_required=True, is_filter=True, in_list=True),
        Column("is_connected", Label("数据已接入", "Data connected"), kind=Kind.BOOLEAN),
        Column("has_committed", Label("已作合规承诺", "Commitment made"), kind=Kind.BOOLEAN),
    ),
)  # fmt: skip


def _alarm_is_dated(values: Values, on: date) -> Iterator[Problem]:
    if values["valid_from"] > on or (values["cleared_on"] and values["cleared_on"] < values["valid_from"]):
        yield _problem("cleared_on", values["cleared_on"], "报警或者处理的日子不对", "the days cannot be", "请核对日期。", "Check the days.")  # fmt: skip
    if values["is_confirmed"] and values["cleared_on"] is None:
        yield _problem(
            "cleared_on",
            None,
            "查实的应写明哪天查实",
            "what is confirmed has its day",
            "请填写处理日期。",
            "Give the day.",
        )


ALARMS = declare(
    "presumption_alarms",
    model=PresumptionAlarm,
    plan_ids=("S249",),
    title=Label("合格假定报警", "Alarms about presumed firms"),
    keeper=Label("南沙区市场监管部门", "The regulator of Nansha"),
    keepers=_KEEPERS,
    about=Label("数据对合格假定企业的报警：说了什么、有没有查实、哪天处理。", "What data said about presumed firms, whether it was confirmed, and when it was cleared."),
    legal_basis=_NANSHA,
    name_label=Label("企业", "Firm"),
    from_label=Label("报警日期", "Rang on"),
    entity_label=None,
    audience=Audience.OFFICER,  # an alarm may be a report that nobody has looked into yet
    counted_by=("source_code", "is_confirmed"),
    rules=(_alarm_is_dated,),
    demo_file=_DATA / "presumption_alarms.csv",
    tags=("包容审慎",),
    columns=(
        Column("presumed", Label("合格假定编号", "Presumption"), kind=Kind.REFERENCE, refers_to="presumed_conforming", is_required=True, is_searched=True, in_list=True),
        Column("source_code", Label("来源", "Source"), kind=Kind.CODE, codes=SOURCES, is_required=True, is_filter=True, in_list=True),
        Column("said", Label("报警内容", "What it said"), is_public=False),
        Column("cleared_on", Label("处理日期", "Cleared on"), kind=Kind.DATE, in_list=True),
        Column("is_confirmed", Label("查实", "Confirmed"), kind=Kind.BOOLEAN),
    ),
)  # fmt: skip

REGISTERS = (TRIALS, READINGS, ITEMS, LENIENCIES, DORMANCIES, WHITE, PRESUMED, ALARMS)
