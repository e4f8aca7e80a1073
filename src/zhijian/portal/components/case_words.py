"""How cases and their steps are said: roles, states, verbs, deadlines and their lights."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from zhijian.engines.procedures import deadlines
from zhijian.portal.components import words
from zhijian.standards import calendar, parameters

_ROLES = {
    "inspector": lambda: _("执法检查人员"),
    "drawer": lambda: _("抽签人员"),
    "auditor": lambda: _("审计监督人员"),
    "publisher": lambda: _("公示人员"),
    "steward": lambda: _("数据管理员"),
    "intake": lambda: _("受理登记人员"),
    "handler": lambda: _("投诉举报办理人员"),
    "mediator": lambda: _("调解员"),
    "leader": lambda: _("单位负责人"),
    "analyst": lambda: _("统计分析人员"),
    "finance": lambda: _("财务人员"),
    "association": lambda: _("行业协会档案员"),
    "partner": lambda: _("参与部门人员"),
}
_VERBS = {
    "open": lambda: _("建档"),
    "complete": lambda: _("办理"),
    "claim": lambda: _("领取"),
    "assign": lambda: _("指派"),
    "hand_over": lambda: _("转办"),
    "comment": lambda: _("备注"),
    "supervise": lambda: _("督办"),
    "return": lambda: _("退回"),
    "withdraw": lambda: _("撤回"),
    "join": lambda: _("请其他单位协办"),
    "answer": lambda: _("答复协办"),
    "extend": lambda: _("延长期限"),
    "hold": lambda: _("暂停计时"),
    "release": lambda: _("恢复计时"),
    "message": lambda: _("收到消息"),
    "timer": lambda: _("到时"),
    "escalate": lambda: _("逾期上报"),
    "recompute": lambda: _("按新日历重算期限"),
    "service": lambda: _("系统处理"),
    "undo": lambda: _("撤销已办步骤"),
    "restart": lambda: _("重新起算"),
    "close": lambda: _("办结"),
}
_KINDS = {
    "start": lambda: _("开始"),
    "end": lambda: _("结束"),
    "user": lambda: _("办理步骤"),
    "manual": lambda: _("办理步骤"),
    "service": lambda: _("系统步骤"),
    "rule": lambda: _("决策表"),
    "receive": lambda: _("等待消息"),
    "exclusive": lambda: _("选择"),
    "parallel": lambda: _("并行"),
    "event_gateway": lambda: _("等待其一"),
    "call": lambda: _("调用流程"),
    "catch": lambda: _("等待"),
    "throw": lambda: _("撤销"),
    "boundary": lambda: _("附在步骤上的事件"),
    "flow": lambda: _("连线"),
}
_FIELDS = {
    "name": lambda: _("名称"),
    "kind": lambda: _("类型"),
    "role": lambda: _("岗位"),
    "article": lambda: _("依据"),
    "deadline": lambda: _("期限"),
    "form": lambda: _("表单"),
    "service": lambda: _("系统功能"),
    "message": lambda: _("消息"),
    "decision": lambda: _("决策表"),
    "condition": lambda: _("条件"),
    "source": lambda: _("起点"),
    "target": lambda: _("终点"),
    "duration": lambda: _("时间"),
    "default_flow": lambda: _("默认连线"),
    "is_interrupting": lambda: _("是否中断"),
}


def role(code: str) -> str:
    """Name a role; an unknown one keeps its code."""
    return _ROLES[code]() if code in _ROLES else code


def verb(code: str) -> str:
    """Name what was done in a case."""
    return _VERBS[code]() if code in _VERBS else code


_HOLDS = {
    "testing": lambda: _("检测、检验、鉴定"),
    "hearing": lambda: _("听证"),
    "announcement": lambda: _("公告"),
    "public_notice": lambda: _("公告"),
    "recusal": lambda: _("回避待决定"),
}


def hold(code: str) -> str:
    """Name for what a clock stands still; a name of a drawing's own stays."""
    return _HOLDS[code]() if code in _HOLDS else code


def kind(code: str) -> str:
    """Name a kind of element of a drawing."""
    return _KINDS[code]() if code in _KINDS else code


def field(code: str) -> str:
    """Name what an element of a drawing says about itself."""
    return _FIELDS[code]() if code in _FIELDS else code


def status(code: str) -> str:
    """Name where a case stands."""
    known = {"open": _("办理中"), "closed": _("已办结"), "withdrawn": _("已撤回")}
    return known.get(code, code)


@dataclass(frozen=True)
class Light:
    """A deadline as people see it."""

    colour: str  # green, yellow, red, paused, done or none: those of the component
    words: str
    days_left: int | None = None


def light(state: str, due_on: date | None, today: date, *, done_on: date | None = None) -> Light:
    """Say a deadline in words. `state` is what the engine's `light_on` returned."""
    if state == "none":
        return Light("none", _("无期限"))
    if done_on is not None and due_on is not None:
        late = calendar.working_days_between(due_on, done_on, provisional=True) if done_on > due_on else 0
        return Light("done", _("办结，超期%(n)s个工作日") % {"n": late} if late else _("已按时办结"))
    if state == "held" or due_on is None:
        return Light("paused", _("暂停计时"))
    if today > due_on:
        late = calendar.working_days_between(due_on, today, provisional=True)
        return Light("red", _("逾期%(n)s个工作日") % {"n": late} if late else _("逾期"), -late)
    if today == due_on:
        return Light("yellow", _("今天到期"), 0)
    left = calendar.working_days_between(today, due_on, provisional=True)
    return Light("yellow" if state == "yellow" else "green", _("剩余%(n)s个工作日") % {"n": left}, left)


@dataclass(frozen=True)
class PeriodWords:
    """A period of the law, said: `text` is e.g. 7个工作日; empty where none is in force on that day."""

    label: str
    text: str
    extension: str
    source: str
    holds: tuple[str, ...] = ()


_UNITS = {
    "working_day": lambda n: _("%(n)s个工作日") % {"n": n},
    "day": lambda n: _("%(n)s日") % {"n": n},
    "month": lambda n: _("%(n)s个月") % {"n": n},
    "year": lambda n: _("%(n)s年") % {"n": n},
}


def length(count: int, unit: str) -> str:
    """Say a length of time in its own unit."""
    return _UNITS[unit](count)


def period(text: str, day: date) -> PeriodWords | None:
    """Say the deadline that a drawing names (``parameter from field[, stops while …]``) as in force on a day."""
    try:
        declared = deadlines.declared(text)
        path = declared.parameter.partition(":")[0]
        parameter = parameters.load(path)
        found, entry = deadlines.period_on(declared.parameter, day), parameter.entry_on(day)
    except (deadlines.DeadlineProblem, parameters.ParameterProblem, LookupError):
        return None
    extension = ""
    if found.extension:
        extension = _("经%(role)s批准可延长%(length)s") % {
            "role": role(found.extended_by),
            "length": length(found.extension, found.unit),
        }
    label = (parameter.label_en or parameter.label) if words.in_english() else parameter.label
    return PeriodWords(label, length(found.length, found.unit), extension, entry.source, declared.stops_while)


def parameter_label(name: str) -> str:
    """Name a period by its parameter's own label."""
    try:
        found = parameters.load(name.partition(":")[0])
    except parameters.ParameterProblem:
        return name
    return (found.label_en or found.label) if words.in_english() else found.label


def officer_name(officer: Any) -> str:
    """Name an officer in the page's language; nobody is the system."""
    if officer is None:
        return _("系统")
    shown = officer.display_name_en if words.in_english() else officer.display_name
    return str(shown or officer.display_name or officer.get_username())


def unit_name(unit: Any) -> str:
    """Name a unit in the page's language."""
    return str((unit.name_en or unit.name) if words.in_english() else unit.name)
