"""S53: the register of promises to consumers, with recognition in Macao, and the register of their checks."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from zhijian.apps.consumer.worry_free import rules
from zhijian.apps.consumer.worry_free.models import Commitment, CommitmentCheck, Recognition
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
_KEEPERS = (Role.HANDLER, Role.STEWARD, Role.LEADER)
_PLAN = "《广东省市场监管现代化“十四五”规划》第五章第二节"

KINDS = (
    Code("unit", Label("放心消费承诺单位", "Worry-free business")),
    Code("store", Label("线下无理由退货承诺店", "No-reason-return store")),
    Code("market", Label("放心农贸市场", "Worry-free food market")),
    Code("street", Label("放心商圈、街区", "Worry-free shopping street")),
)
TRADES = (
    Code("retail", Label("零售", "Retail")),
    Code("catering", Label("餐饮", "Catering")),
    Code("travel", Label("旅游住宿", "Travel and lodging")),
    Code("fitness", Label("健身美容", "Fitness and beauty")),
    Code("education", Label("教育培训", "Training")),
    Code("vehicles", Label("汽车", "Vehicles")),
    Code("other", Label("其他", "Other")),
)
MACAO = (
    Code("none", Label("未申请", "Not applied for")),
    Code("applied", Label("已申请", "Applied for")),
    Code("recognised", Label("已互认", "Recognised")),
    Code("ended", Label("互认终止", "Ended")),
)
SIDES = (
    Code("guangdong", Label("广东的店", "Shop in Guangdong")),
    Code("macao", Label("澳门的店", "Shop in Macao")),
)
LANGUAGES = (
    Code("zh_hans", Label("简体中文", "Simplified Chinese")),
    Code("zh_hant", Label("繁体中文", "Traditional Chinese")),
    Code("pt", Label("葡文", "Portuguese")),
    Code("en", Label("英文", "English")),
)
ENDED_BY = (
    Code("neither", Label("没有终止", "Not ended")),
    Code("guangdong", Label("广东一方终止", "Ended by Guangdong")),
    Code("macao", Label("澳门一方终止", "Ended by Macao")),
    Code("shop", Label("商家退出", "The shop left")),
)
_MUTUAL = {
    "waiting": (Label("等待另一方认可。", "Waits for the other side."), "neutral"),
    "holds": (Label("粤澳互认有效，两地消费者都可以按承诺维权。", "Recognised on both sides: consumers of both places may rely on the promise."), "ok"),
    "paused": (Label("承诺没有兑现，互认暂停推介。", "The promise was broken: neither side recommends the shop for now."), "warn"),
    "over": (Label("互认期满，没有续期。", "The term is over and was not renewed."), "neutral"),
    "ended": (Label("互认已终止。", "The recognition was ended."), "warn"),
}  # fmt: skip
METHODS = (
    Code("mystery", Label("神秘顾客", "Mystery shopping")),
    Code("spot", Label("现场抽查", "Spot check")),
    Code("complaint", Label("投诉核实", "Complaint verified")),
    Code("council", Label("消委会体察", "Consumer council's visit")),
)
PROMISES = (
    Code("pays_first", Label("赔偿先付", "Compensation paid first")),
    Code("protects_rights", Label("维权无忧", "Rights without worry")),
    Code("takes_returns", Label("无理由退货", "No-reason return")),
)
OUTCOMES = (
    Code("kept", Label("已兑现", "Kept")),
    Code("partly", Label("部分兑现", "Partly kept")),
    Code("broken", Label("没有兑现", "Broken")),
)
_STANDINGS = {
    "unchecked": (Label("承诺还没有被核查过。没有核查不等于已兑现。", "The promise was never checked, which does not mean that it is kept."), "neutral"),
    "honoured": (Label("最近12个月的核查中，承诺已兑现。", "Checks of the last 12 months found the promise kept."), "ok"),
    "rectifying": (Label("核查发现承诺没有完全兑现，正在限期整改。", "A check found the promise not fully kept; it is being put right."), "warn"),
    "suspended": (Label("承诺没有兑现，到期未整改：暂停推介。", "The promise was broken and not put right in time: recommendation suspended."), "warn"),
    "removed": (Label("12个月内两次没有兑现承诺：应当移出名录。", "Broken twice within 12 months: to be taken off the list."), "err"),
}  # fmt: skip


def _promises_something(values: Values, on: date) -> Iterator[Problem]:
    if not any(values[one.value] for one in PROMISES):
        yield Problem(
            "takes_returns", "", Label("没有作出任何承诺", "nothing is promised"),
            Label("赔偿先付、维权无忧、无理由退货至少选一项。", "Choose at least one of the three promises."),
        )  # fmt: skip


def _return_is_described(values: Values, on: date) -> Iterator[Problem]:
    days = values["return_days"]
    if values["takes_returns"] and (days is None or not rules.return_days_are_enough(days, on=on)):
        yield Problem(
            "return_days", "" if days is None else str(days),
            Label("无理由退货应写明天数，且不少于7天", "a no-reason return names its days, at least 7"),
            Label("请填写退货天数（7天以上）。", "Give the days, 7 or more."),
        )  # fmt: skip


def _recognition_is_whole(values: Values, on: date) -> Iterator[Problem]:
    if values["macao_code"] != "recognised":
        return
    for name in ("macao_number", "macao_from", "macao_to"):
        if values[name] is None:
            yield Problem(
                name, "", Label("已互认的应有互认编号和起止日期", "a recognition has a number and both days"),
                Label("请对照互认通知填写。", "Fill it in from the notice of recognition."),
            )  # fmt: skip
    if values["macao_from"] and values["macao_to"] and values["macao_to"] < values["macao_from"]:
        yield Problem("macao_to", str(values["macao_to"]), Label("早于互认开始", "before the recognition begins"),
                      Label("请核对两个日期。", "Check both days."))  # fmt: skip


def _broken_is_dated(values: Values, on: date) -> Iterator[Problem]:
    if values["outcome_code"] != "kept" and values["rectify_by"] is None:
        yield Problem("rectify_by", "", Label("没有兑现的应定整改期限", "what is not kept needs a day to put it right"),
                      Label("请填写整改期限。", "Give the day."))  # fmt: skip
    if values["valid_from"] > on:
        yield Problem("valid_from", str(values["valid_from"]), Label("核查日期在将来", "the check lies ahead"),
                      Label("请填写实际核查的日子。", "Give the day of the check."))  # fmt: skip


def checks_of(key: str) -> list[rules.Check]:
    """Return the checks of one promise."""
    rows = CommitmentCheck.objects.filter(commitment=key)
    return [rules.Check(one.valid_from, one.outcome_code, one.rectify_by, one.rectified_on) for one in rows]


def standing_findings(entry: DeclaredEntry, on: date) -> Sequence[Finding]:
    """Say how the promise stands, and whether Macao recognises it."""
    assert isinstance(entry, Commitment)
    found = rules.standing(checks_of(entry.key), on=on)
    text, tone = _STANDINGS[found.code]
    findings = [Finding(text, "《消费者权益保护法》第十六条", tone)]
    mutual = Recognition.objects.filter(commitment=entry.key).order_by("-valid_from").first()
    if mutual is not None:
        return [*findings, _mutual_finding(mutual, found.code, on)]
    if entry.macao_code == "recognised":
        holds = rules.is_recognised(
            status=entry.macao_code, starts_on=entry.macao_from, ends_on=entry.macao_to,
            own_standing=found.code, on=on,
        )  # fmt: skip
        until = entry.macao_to
        words = (
            Label(f"粤澳互认有效，至{until}。", f"Recognised between Guangdong and Macao until {until}.")
            if holds
            else Label(
                "粤澳互认现在不生效：不在期限内，或承诺没有兑现。",
                "The recognition with Macao does not hold now.",
            )
        )
        findings.append(Finding(words, _PLAN, "ok" if holds else "warn"))
    return findings


def _both_sides_are_whole(values: Values, on: date) -> Iterator[Problem]:
    """Each side's number has its day; a shop in Guangdong names its promise; an end has its side, day and reason."""
    for side in ("guangdong", "macao"):
        number, day = values[f"{side}_number"], values[f"{side}_on"]
        if bool(number) != (day is not None):
            yield Problem(
                f"{side}_on" if number else f"{side}_number", str(day or ""),
                Label("编号和认可日期应当同时填写", "a number and the day of recognition go together"),
                Label("请对照这一方的认可通知填写。", "Fill it in from that side's notice."),
            )  # fmt: skip
    if not values["guangdong_number"] and not values["macao_number"]:
        yield Problem("guangdong_number", "", Label("两方都没有认可", "neither side recognised it"),
                      Label("至少填写提出一方的编号和日期。", "Give at least the proposing side's number and day."))  # fmt: skip
    if values["side_code"] == "guangdong" and not values["commitment"]:
        yield Problem("commitment", "", Label("广东的店应写明承诺编号", "a shop in Guangdong names its promise"),
                      Label("请填写放心消费名录里的编号。", "Give its number on the register of promises."))  # fmt: skip
    is_ended = values["ended_by"] != "neither"
    for name in ("ended_on", "ended_reason"):
        if is_ended != bool(values[name]):
            yield Problem(
                name, str(values[name] or ""), Label("终止的一方、日期和原因应当一致", "side, day and reason of an end go together"),
                Label("终止了的三项都填，没有终止的都不填。", "Give all three where it ended, none where not."),
            )  # fmt: skip


def mutual_findings(entry: DeclaredEntry, on: date) -> Sequence[Finding]:
    """Say how the recognition stands; of a shop in Guangdong, with what checks of its promise found."""
    assert isinstance(entry, Recognition)
    own = rules.standing(checks_of(entry.commitment), on=on).code if entry.commitment else "unchecked"
    return [_mutual_finding(entry, own, on)]


def _mutual_finding(entry: Recognition, own: str, on: date) -> Finding:
    told = rules.Mutual(entry.guangdong_on, entry.macao_on, entry.valid_to, entry.ended_on)
    code = rules.mutual_standing(told, own_standing=own, on=on)
    text, tone = _MUTUAL[code]
    if code == "ended":
        who = next(one.label for one in ENDED_BY if one.value == entry.ended_by)
        text = Label(
            f"{text.zh}{who.zh}，{entry.ended_on}：{entry.ended_reason}",
            f"{text.en} {who.en}, {entry.ended_on}: {entry.ended_reason}",
        )
    numbers = "、".join(filter(None, (entry.guangdong_number, entry.macao_number)))
    return Finding(Label(f"{text.zh}（{numbers}）", f"{text.en} ({numbers})"), _PLAN, tone)


def kept_share(on: date) -> Sequence[Figure]:
    """Count promises by standing, and kept checks among all."""
    by_key: dict[str, list[rules.Check]] = {}
    for one in CommitmentCheck.objects.all():
        check = rules.Check(one.valid_from, one.outcome_code, one.rectify_by, one.rectified_on)
        by_key.setdefault(one.commitment, []).append(check)
    keys = Commitment.objects.values_list("key", flat=True)
    counts = Counter(rules.standing(by_key.get(key, ()), on=on).code for key in keys)
    names = {"unchecked": Label("未核查", "Unchecked"), "honoured": Label("已兑现", "Kept"),
             "rectifying": Label("整改中", "Rectifying"), "suspended": Label("暂停推介", "Suspended"),
             "removed": Label("应移出", "To be taken off")}  # fmt: skip
    rows = tuple((label, float(counts[code]), str(counts[code])) for code, label in names.items())
    return [Figure(Label("按履行情况", "By standing"), rows, Label("户", "units"))]


COMMITMENTS = declare(
    "worry_free",
    model=Commitment,
    plan_ids=("S53",),
    title=Label("放心消费和无理由退货承诺名录", "Worry-free businesses and no-reason-return stores"),
    keeper=Label("县级市场监管部门、消费者委员会", "County market regulators and consumer councils"),
    is_of_councils=True,
    keepers=_KEEPERS,
    about=Label(
        "向社会承诺赔偿先付、维权无忧、无理由退货的单位和门店，是否兑现，以及粤澳互认。",
        "Businesses that promised consumers something in public, whether they keep it, and recognition with Macao.",
    ),
    legal_basis=_PLAN,
    key_label=Label("承诺编号", "Number"),
    name_label=Label("单位或门店", "Business or store"),
    from_label=Label("承诺自", "Promised from"),
    to_label=Label("承诺至", "Promised until"),
    counted_by=("kind_code", "trade_code", "macao_code"),
    rules=(_promises_something, _return_is_described, _recognition_is_whole),
    findings=standing_findings,
    figures=kept_share,
    demo_file=_DATA / "worry_free.csv",
    tags=("消费", "放心消费"),
    columns=(
        Column("kind_code", Label("类别", "Kind"), kind=Kind.CODE, codes=KINDS, is_required=True, is_filter=True, in_list=True),
        Column("trade_code", Label("行业", "Trade"), kind=Kind.CODE, codes=TRADES, is_required=True, is_filter=True, in_list=True),
        Column("address", Label("地址", "Address"), is_required=True, is_searched=True),
        Column("pays_first", Label("赔偿先付", "Compensation paid first"), kind=Kind.BOOLEAN),
        Column("protects_rights", Label("维权无忧", "Rights without worry"), kind=Kind.BOOLEAN),
        Column("takes_returns", Label("无理由退货", "No-reason return"), kind=Kind.BOOLEAN),
        Column("return_days", Label("退货天数", "Days for returns"), kind=Kind.INTEGER, unit="天", least=1, most=365),
        Column("return_terms", Label("退货条件", "Terms of returns"), kind=Kind.LONG),
        Column("service_phone", Label("服务电话", "Service phone")),
        Column("contact_name", Label("联系人", "Contact person")),
        Column("macao_code", Label("粤澳互认", "Recognition with Macao"), kind=Kind.CODE, codes=MACAO, is_required=True, is_filter=True),
        Column("macao_number", Label("互认编号", "Recognition number")),
        Column("macao_from", Label("互认自", "Recognised from"), kind=Kind.DATE),
        Column("macao_to", Label("互认至", "Recognised until"), kind=Kind.DATE),
    ),
)  # fmt: skip

CHECKS = declare(
    "worry_free_checks",
    model=CommitmentCheck,
    plan_ids=("S53",),
    title=Label("放心消费承诺核查", "Checks of promises to consumers"),
    keeper=Label("县级市场监管部门、消费者委员会", "County market regulators and consumer councils"),
    is_of_councils=True,
    keepers=_KEEPERS,
    about=Label("承诺有没有兑现：谁、哪天、用什么办法查的，限期多久整改。", "Whether promises are kept: when and how it was checked, and by when it is put right."),
    legal_basis="《消费者权益保护法》第十六条",
    key_label=Label("核查编号", "Number"),
    name_label=Label("被核查的单位", "Who was checked"),
    from_label=Label("核查日期", "Checked on"),
    entity_label=None,
    counted_by=("outcome_code", "method_code", "promise_code"),
    rules=(_broken_is_dated,),
    demo_file=_DATA / "worry_free_checks.csv",
    tags=("消费", "放心消费"),
    columns=(
        Column("commitment", Label("承诺编号", "Commitment"), kind=Kind.REFERENCE, refers_to="worry_free", is_required=True, is_searched=True),
        Column("method_code", Label("办法", "Method"), kind=Kind.CODE, codes=METHODS, is_required=True, is_filter=True, in_list=True),
        Column("promise_code", Label("核查的承诺", "Promise"), kind=Kind.CODE, codes=PROMISES, is_required=True, is_filter=True, in_list=True),
        Column("outcome_code", Label("结果", "Outcome"), kind=Kind.CODE, codes=OUTCOMES, is_required=True, is_filter=True, in_list=True),
        Column("found", Label("核查情况", "What was found"), kind=Kind.LONG, is_required=True),
        Column("rectify_by", Label("整改期限", "To be put right by"), kind=Kind.DATE),
        Column("rectified_on", Label("整改完成", "Put right on"), kind=Kind.DATE),
        Column("checker", Label("核查人", "Checked by"), is_public=False, is_personal=True),
    ),
)  # fmt: skip

RECOGNITIONS = declare(
    "macao_recognitions",
    model=Recognition,
    plan_ids=("S53",),
    title=Label("粤澳放心商家互认", "Shops recognised by Guangdong and Macao"),
    keeper=Label("广东省市场监管部门、消费者委员会（与澳门消费者委员会）", "Guangdong's regulators and council, with Macao's Consumer Council"),
    is_of_councils=True,
    keepers=_KEEPERS,
    about=Label(
        "两地互相认可的放心商家、诚信店：双方的编号和日期、用哪种语言约定、哪一方为什么终止。",
        "Trusted shops that both sides recognise: both numbers and days, the language, and who ended it and why.",
    ),
    legal_basis=_PLAN,
    key_label=Label("互认编号", "Number"),
    name_label=Label("商家", "Shop"),
    from_label=Label("提出认可", "Proposed on"),
    to_label=Label("互认至", "Until"),
    entity_label=None,
    geography=Geography.NONE,
    counted_by=("side_code", "trade_code", "ended_by"),
    rules=(_both_sides_are_whole,),
    findings=mutual_findings,
    demo_file=_DATA / "macao_recognitions.csv",
    tags=("消费", "粤澳"),
    columns=(
        Column("side_code", Label("在哪一方", "Which side"), kind=Kind.CODE, codes=SIDES, is_required=True, is_filter=True, in_list=True),
        Column("commitment", Label("广东承诺编号", "Number of the promise in Guangdong"), kind=Kind.REFERENCE, refers_to="worry_free", is_searched=True),
        Column("place", Label("地址", "Address"), is_required=True, is_searched=True),
        Column("trade_code", Label("行业", "Trade"), kind=Kind.CODE, codes=TRADES, is_required=True, is_filter=True, in_list=True),
        Column("guangdong_number", Label("广东认可编号", "Guangdong's number"), is_searched=True),
        Column("guangdong_on", Label("广东认可日期", "Recognised by Guangdong on"), kind=Kind.DATE),
        Column("macao_number", Label("澳门诚信店编号", "Macao's number"), is_searched=True),
        Column("macao_on", Label("澳门认可日期", "Recognised by Macao on"), kind=Kind.DATE),
        Column("name_other", Label("另一种文字的名称", "Name in another language"), is_searched=True),
        Column("language_code", Label("约定所用语言", "Language of the agreement"), kind=Kind.CODE, codes=LANGUAGES, is_required=True, is_filter=True),
        Column("ended_by", Label("终止", "Ended"), kind=Kind.CODE, codes=ENDED_BY, is_required=True, is_filter=True),
        Column("ended_on", Label("终止日期", "Ended on"), kind=Kind.DATE),
        Column("ended_reason", Label("终止原因", "Reason of the end"), kind=Kind.LONG),
    ),
)  # fmt: skip

REGISTERS = (COMMITMENTS, CHECKS, RECOGNITIONS)
