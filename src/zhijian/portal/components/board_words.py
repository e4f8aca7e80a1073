"""The leader's board in words: names, and sentences made by rule from two counts. Every sentence can be reckoned again."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from zhijian.apps.plan.board import keeping
from zhijian.apps.plan.board.comparing import Change, Source
from zhijian.apps.supervision.inspection.models import InspectionTask
from zhijian.engines.procedures.declaration import all_procedures
from zhijian.portal.board_counting import SIGNAL
from zhijian.portal.components import tile_map, words
from zhijian.standards import consumer_matters, divisions

_LEAST_SHARE = 0.15  # a part of less explains nothing: the change came from everywhere


@dataclass(frozen=True)
class Sentence:
    """What is said of one topic; `is_news` where the change is more than chance."""

    topic: str
    text: str
    is_news: bool
    spread: float


def topic_words() -> dict[str, str]:
    return {
        keeping.REGISTERED: _("新登记"), keeping.CHECKED: _("完成检查"), keeping.COMPLAINED: _("投诉和举报"),
        keeping.OPENED: _("新开案件"), keeping.RISEN: _("突发风险"),
    }  # fmt: skip


def counted_words() -> dict[str, str]:
    """Say what is counted of each topic."""
    return {
        keeping.REGISTERED: _("新登记的市场主体，按登记日；不含今天，登记数据每晚交来"),
        keeping.CHECKED: _("两名检查人员确认了结果的检查，按确认时间；演练不计"),
        keeping.COMPLAINED: _("收到的投诉和举报，按收到日；同一份材料里的举报不另计"),
        keeping.OPENED: _("新开的案件，按开案时间；投诉举报和风险处置另计"),
        keeping.RISEN: _("新的异常信号，和新开的消费警示、消费品风险、预付卡风险案件"),
    }


def unit_words() -> dict[str, str]:
    """Name the unit of each topic; English says the bare number."""
    units = ("户", "次", "件", "件", "条")
    return dict(zip(keeping.TOPICS, ("",) * len(units) if words.in_english() else units, strict=True))


def span_words(span: int) -> str:
    return _("近%(n)s天") % {"n": span}


def area_words(area: str) -> str:
    """Name an area by the digits that its divisions begin with."""
    code = area.ljust(6, "0")
    return place_words(code)


def place_words(code: str) -> str:
    """Name a part of an area: a city shortly, a county with its city; '' where the place is not known so closely."""
    if not code:
        return _("没有写明地点的")
    if code.endswith("0000"):
        return _("全省")
    if code.endswith("00") and len(code) == 6:
        return tile_map.city_name(code)
    if words.in_english():
        return divisions.name_in_english(code[:6]) or code
    found = divisions.find(code)
    return found.name if found else code


def kind_words(topic: str, kinds: Any) -> dict[str, str]:
    """Name the kinds by which a topic is broken down: industry, task, matter, procedure."""
    english = words.in_english()
    if topic == keeping.REGISTERED:
        from zhijian.portal.views.theme_words import name

        return {key: name("section", key) if key else _("行业不明") for key in kinds}
    if topic == keeping.CHECKED:
        tasks = InspectionTask.objects.filter(plan_id__in=list(kinds))
        titles = {one.plan_id: one.title_en if english else one.title for one in tasks}
        return {key: titles.get(key, key) for key in kinds}
    if topic == keeping.COMPLAINED:
        return {
            key: consumer_matters.full_name(key, english=english) if key else _("事项未分类") for key in kinds
        }
    titles = {one.code: one.title_en if english else one.title_zh for one in all_procedures()}
    return {key: _("异常信号") if key == SIGNAL else titles.get(key, key) for key in kinds}


def sentence(topic: str, change: Change, *, span: int, kinds: dict[str, str], least: int = 0) -> Sentence:
    """Say how a topic changed, and where most of it comes from. Parts with fewer than `least` are not told."""
    told = {
        "topic": topic_words()[topic], "span": span, "now": words.number(change.now), "unit": unit_words()[topic],
        "before": words.number(change.before), "by": words.number(abs(change.amount)),
        "percent": "" if change.percent is None else _bracketed(signed(change.percent)),
    }  # fmt: skip
    if topic in keeping.ABOUT_PERSONS and (0 < change.now < least or 0 < change.before < least):
        text = _("%(topic)s：近%(span)s天件数少，不显示。") % told
        return Sentence(topic, text, False, 0.0)
    if not change.is_compared:
        text = _("%(topic)s：近%(span)s天%(now)s%(unit)s，前%(span)s天%(before)s%(unit)s；件数少，不作比较。")
        return Sentence(topic, text % told, False, 0.0)
    if not change.is_beyond_chance:
        text = _(
            "%(topic)s：近%(span)s天%(now)s%(unit)s，前%(span)s天%(before)s%(unit)s，变化在平常的波动以内。"
        )
        return Sentence(topic, text % told, False, change.spread)
    if change.amount > 0:
        text = _(
            "%(topic)s：近%(span)s天%(now)s%(unit)s，比前%(span)s天多%(by)s%(unit)s%(percent)s，超出平常的波动。"
        )
    else:
        text = _(
            "%(topic)s：近%(span)s天%(now)s%(unit)s，比前%(span)s天少%(by)s%(unit)s%(percent)s，超出平常的波动。"
        )
    hide = least if topic in keeping.ABOUT_PERSONS else 0
    reasons = [
        _reason(
            topic, _("按地方看"), change.place, place_words(change.place.part) if change.place else "", hide
        ),
        _reason(
            topic,
            _("按类别看"),
            change.kind,
            kinds.get(change.kind.part, change.kind.part) if change.kind else "",
            hide,
        ),
    ]
    return Sentence(
        topic,
        (" " if words.in_english() else "").join([text % told, *filter(None, reasons)]),
        True,
        change.spread,
    )


def _reason(topic: str, view: str, source: Source | None, name: str, least: int) -> str:
    if source is None or source.share < _LEAST_SHARE or 0 < source.now < least or 0 < source.before < least:
        return ""
    told = {"view": view, "name": name, "by": words.number(abs(source.change)), "unit": unit_words()[topic]}
    if source.share > 1:  # more than the whole change: the others moved the other way
        if source.change > 0:
            return _("%(view)s，“%(name)s”多%(by)s%(unit)s，其他的合起来减少。") % told
        return _("%(view)s，“%(name)s”少%(by)s%(unit)s，其他的合起来增加。") % told
    told["share"] = f"{100 * source.share:.0f}%"
    if source.change > 0:
        return _("%(view)s，“%(name)s”多%(by)s%(unit)s，占增加数的%(share)s。") % told
    return _("%(view)s，“%(name)s”少%(by)s%(unit)s，占减少数的%(share)s。") % told


def signed(percent: float) -> str:
    """Write a change with its sign."""
    return f"{percent:+.0f}%".replace("-", "−")


def _bracketed(text: str) -> str:
    return f" ({text})" if words.in_english() else f"（{text}）"
