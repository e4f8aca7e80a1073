"""Facts as people read them: a title, one line with source and basis, and what may be opened."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from zhijian.apps.supervision.annual_reports.instant_information import contents as information
from zhijian.apps.supervision.inspection.codes import ALL_CODES
from zhijian.engines.facts import kinds
from zhijian.portal.components import words

ADVERSE = {"penalty.decided", "abnormal_list.listed", "serious_list.listed"}
_ICONS = {
    "registration": "flag",
    "annual_report": "file-text",
    "instant_information": "file-text",
    "penalty": "gavel",
    "abnormal_list": "alert-triangle",
    "serious_list": "alert-octagon",
    "inspection": "clipboard-check",
    "draw": "dice-3",
}
_GROUNDS = {
    "annual_report": lambda: _("未按期公示年度报告"),
    "instant_information": lambda: _("未按期公示即时信息"),
    "falsity": lambda: _("公示信息隐瞒真实情况、弄虚作假"),
    "unreachable": lambda: _("通过登记的住所无法联系"),
    "name_not_changed": lambda: _("未按规定办理名称变更"),
}


_SOURCES = {
    "inspection": lambda: _("本平台检查系统"),
    "complaints": lambda: _("本平台投诉处理"),
    "zhijian/draws": lambda: _("本平台抽签系统"),
    "zhijian/inspection-quality": lambda: _("本平台检查质量复核"),
    "planning": lambda: _("本平台抽查计划"),
    "joint": lambda: _("本平台联合抽查"),
    "case_checks": lambda: _("本平台个案检查"),
    "recordings": lambda: _("本平台音像记录"),
    "listing": lambda: _("本平台名单办理"),
    "inclusive": lambda: _("本平台歇业备案"),
    "repair": lambda: _("本平台信用修复"),
    "commitments": lambda: _("本平台告知承诺核查"),
    "key_files": lambda: _("本平台重点监管档案"),
    "class_review": lambda: _("本平台分类复核"),
    "security": lambda: _("本平台账号管理"),
    "annual_reports": lambda: _("企业报送"),
    "instant_information": lambda: _("企业报送"),
    "credit_files": lambda: _("本平台信用档案"),
    "data-protection": lambda: _("本平台个人信息保护"),
    "odr": lambda: _("本平台在线调解"),
    "consumer/analysis": lambda: _("本平台投诉举报分析"),
    "plan_monitoring": lambda: _("本平台规划监测"),
    "procedures": lambda: _("本平台办件"),
    "documents": lambda: _("本平台文书"),
    "linkage": lambda: _("本平台数据比对"),
    "synthetic": lambda: _("合成数据"),
}


def source_words(source: str) -> str:
    """Name where something is known from; a source outside keeps its own name."""
    if source.startswith("register/"):
        return _("本平台名录登记簿")
    known = _SOURCES.get(source)
    return known() if known else source


@dataclass(frozen=True)
class Link:
    href: str
    label: str


@dataclass(frozen=True)
class Entry:
    """One fact of a time line. `tone` is plain, draw or adverse: it decides the icon's shape."""

    fact_id: str
    kind: str
    title: str
    day: date
    detail: str
    basis: str
    source: str
    public_until: date | None
    tone: str
    icon: str
    links: tuple[Link, ...]
    is_synthetic: bool
    is_corrected: bool
    is_in_log: bool  # False: from the serving store, which no seal covers


@dataclass(frozen=True)
class Year:
    year: int
    entries: tuple[Entry, ...]


def by_year(entries: Iterable[Entry]) -> list[Year]:
    """Group entries by year, newest first."""
    years: dict[int, list[Entry]] = {}
    for entry in sorted(entries, key=lambda one: one.day, reverse=True):
        years.setdefault(entry.day.year, []).append(entry)
    return [Year(year, tuple(group)) for year, group in years.items()]


def entry_of(
    fact: Any, *, result_links: Mapping[str, str] | None = None, has_proof: bool, is_in_log: bool = True
) -> Entry:
    """Make the line of one fact; `result_links` gives for fact ids the page of their inspection result.

    A fact that the log does not hold gets no link: none of our pages vouches for it.
    """
    title, detail = _words_of(fact.kind, fact.payload)
    family = fact.kind.partition(".")[0]
    key = str(fact.fact_id)
    adverse = fact.kind in ADVERSE
    return Entry(
        fact_id=key,
        kind=fact.kind,
        title=title,
        day=fact.occurred_on,
        detail=detail,
        basis=fact.legal_basis or "",
        source=source_words(fact.source),
        public_until=fact.public_until,
        tone="adverse" if adverse else "draw" if family in {"draw", "inspection"} else "plain",
        icon=_ICONS.get(family, "file-text"),
        links=_links(fact, result_links or {}, has_proof=has_proof) if is_in_log else (),
        is_synthetic=fact.is_synthetic,
        is_corrected=bool(getattr(fact, "earlier", ())),
        is_in_log=is_in_log,
    )


def _links(fact: Any, result_links: Mapping[str, str], *, has_proof: bool) -> tuple[Link, ...]:
    key = str(fact.fact_id)
    links = []
    if key in result_links:
        links.append(Link(result_links[key], _("检查结果")))
    if fact.kind == "annual_report.published" and "content_sha256" in fact.payload:
        links.append(Link(f"/entities/{fact.subject}/reports/{fact.payload['report_year']}/", _("报告内容")))
    if fact.kind == "instant_information.published":
        links.append(Link(f"/entities/{fact.subject}/information/", _("公示的内容")))
    if fact.kind.startswith("register."):
        links.append(
            Link(f"/registers/{fact.payload['register']}/entries/{fact.payload['key']}/", _("名录页"))
        )
    if plan := fact.payload.get("plan"):
        links.append(Link(f"/draws/{plan}/", _("抽签过程（可复算）")))
    if has_proof:
        links.append(Link(f"/fact/{key}/", _("封存证明")))
    return tuple(links)


def _words_of(kind: str, payload: Mapping[str, Any]) -> tuple[str, str]:
    write = _WRITERS.get(kind)
    if write:
        return write(payload)
    declared = kinds.find(kind)
    label = kind if declared is None else declared.label_en if words.in_english() else declared.label_zh
    return label, ""


def _stop() -> str:
    return ". " if words.in_english() else "。"


def _authority(payload: Mapping[str, Any]) -> str:
    name = payload.get("authority")
    return _("决定机关：%(name)s。") % {"name": name} if name else ""


def _penalty(payload: Mapping[str, Any]) -> tuple[str, str]:
    fine = payload.get("fine_yuan")
    title = _("行政处罚")
    if fine and float(fine):
        title = _("行政处罚：罚款%(yuan)s元") % {"yuan": f"{float(fine):,.2f}".removesuffix(".00")}
    number = payload.get("decision_no")
    parts = [f"{payload.get('violation', '')}。" if payload.get("violation") else "", _authority(payload)]
    parts.append(_("文号：%(number)s。") % {"number": number} if number else "")
    return title, "".join(parts)


def _abnormal_listed(payload: Mapping[str, Any]) -> tuple[str, str]:
    return _("列入经营异常名录"), f"{_ground(payload)}{_stop()}{_authority(payload)}"


def _abnormal_removed(payload: Mapping[str, Any]) -> tuple[str, str]:
    return _("移出经营异常名录"), f"{_ground(payload)}{_stop()}{_authority(payload)}"


def _serious_listed(payload: Mapping[str, Any]) -> tuple[str, str]:
    return _("列入严重违法失信名单"), f"{_ground(payload)}{_stop()}{_authority(payload)}"


def _ground(payload: Mapping[str, Any]) -> str:
    name = _GROUNDS.get(str(payload.get("ground_code", "")))
    return payload.get("ground") or (name() if name else _("事由见决定书"))


def _dormancy(payload: Mapping[str, Any]) -> tuple[str, str]:
    first, last = payload["dormant_from"], payload["dormant_to"]
    detail = _("自%(first)s至%(last)s。年度报告照常报送。") % {"first": first, "last": last}
    return _("歇业备案"), detail if first <= last else _("没有歇业。")


def _annual_report(payload: Mapping[str, Any]) -> tuple[str, str]:
    late = _("晚于期限。") if payload.get("is_late") else _("按时公示。") if "is_late" in payload else ""
    return _("已公示%(year)s年度报告") % {"year": payload.get("report_year", "")}, late


def _information(payload: Mapping[str, Any]) -> tuple[str, str]:
    late = _("晚于期限。") if payload["is_late"] else _("按时公示。")
    named = information.TITLES[payload["information"]]
    return named[1] if words.in_english() else named[0], late


def _established(payload: Mapping[str, Any]) -> tuple[str, str]:
    name = payload.get("authority")
    return _("设立登记"), _("登记机关：%(name)s。") % {"name": name} if name else ""


def _inspected(payload: Mapping[str, Any]) -> tuple[str, str]:
    text = _("；").join(_code_words(code) for code in payload.get("codes", ()))
    task = payload.get("task_title") or payload.get("task") or ""
    by = _("检查机关：%(name)s。") % {"name": payload["authority"]} if payload.get("authority") else ""
    return _("随机抽查：%(result)s") % {"result": text}, f"{task}{_stop()}{by}" if task else by


def _registered(payload: Mapping[str, Any]) -> tuple[str, str]:
    acts = {"added": _("列入"), "changed": _("登记变更"), "ended": _("登记结束")}
    title = payload["title_en"] if words.in_english() else payload["title_zh"]
    number = _("编号：%(number)s。") % {"number": payload["key"]}
    return f"{title}{_('：')}{acts[payload['act']]}", number


def _code_words(code: object) -> str:
    known = ALL_CODES.get(str(code))
    if known is None:
        return str(code)
    return known.label_en if words.in_english() else known.label_zh


def _complaint_published(payload: Mapping[str, Any]) -> tuple[str, str]:
    outcome = f"{payload['outcome']}。" if payload.get("outcome") else ""
    return _("投诉查实并公示"), f"{payload['summary']}{outcome}{_authority(payload)}"


_WRITERS = {
    "complaint.published": _complaint_published,
    "penalty.decided": _penalty,
    "abnormal_list.listed": _abnormal_listed,
    "abnormal_list.removed": _abnormal_removed,
    "dormancy.filed": _dormancy,
    "serious_list.listed": _serious_listed,
    "annual_report.published": _annual_report,
    "instant_information.published": _information,
    "registration.established": _established,
    "inspection.result": _inspected,
    "register.added": _registered,
    "register.changed": _registered,
    "register.ended": _registered,
}
