"""负责人看板 and 大屏: what happens, what changed and why, where the plan stands; from each number to its list."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from zhijian.apps.consumer.analysis.models import Signal
from zhijian.apps.plan.board import comparing, keeping, services
from zhijian.apps.plan.board.comparing import Change
from zhijian.apps.plan.board.keeping import ABOUT_PERSONS, REGISTERED, SPANS, TOPICS, WEEK
from zhijian.apps.plan.board.models import BoardNight, WallKey
from zhijian.apps.plan.monitoring import queries as plan_queries
from zhijian.apps.plan.monitoring.rules import Light
from zhijian.engines.procedures.models import ItemState, WorkItem
from zhijian.infrastructure.home import current_home
from zhijian.portal import board_counting
from zhijian.portal.components import bar_chart, board_words, outline_map, tile_map, trend_chart, words
from zhijian.portal.condition import condition
from zhijian.portal.views import plan_indicators, plan_quarters
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.operations import page_lines
from zhijian.portal.views.register import now, today
from zhijian.security.models import Officer
from zhijian.security.permissions import Permission, may, require
from zhijian.standards import parameters
from zhijian.standards.bilingual import BilingualError
from zhijian.standards.whole_number import whole_number

SETTINGS = parameters.load("service/board")
Table = list[list[Any]]  # the first row is the heading
WALL_COOKIE, _WALL_SALT = "zhijian_wall", "zhijian.wall"
_WALL_SECONDS = services.GOOD_DAYS * 86_400
_OLD_DAYS = 45  # registrations delivered so long ago are told as old
_MOST_BARS = 8


@dataclass(frozen=True)
class Board:
    """The kept figures of an area as a page reads them. `least`: smaller counts about persons are not shown."""

    area: str
    night: BoardNight | None
    span: int
    least: int = 0

    def figures(self, topic: str) -> dict[str, Any]:
        found: dict[str, Any] = (self.night.figures if self.night else {}).get(topic, {})
        return found

    def told(self, topic: str) -> dict[str, Any]:
        found: dict[str, Any] = self.figures(topic).get("spans", {}).get(str(self.span), {})
        return found or {"now": 0, "before": 0, "parts": [], "kinds": []}

    def last_on(self, topic: str) -> date | None:
        text = self.figures(topic).get("last_on")
        return date.fromisoformat(text) if text else None

    def change(self, topic: str) -> Change:
        rules, told = SETTINGS.on(today()), self.told(topic)
        return comparing.compare(
            told["parts"], told["kinds"], now=told["now"], before=told["before"],
            least=rules["least_compared"], usual=rules["usual_spread"],
        )  # fmt: skip

    def hidden(self, topic: str, counts: dict[str, int]) -> dict[str, int | None]:
        least = self.least if topic in ABOUT_PERSONS else 0
        return comparing.hide_small(counts, least=least)

    def count_text(self, topic: str, count: int | None) -> str:
        if count is None or (topic in ABOUT_PERSONS and 0 < count < self.least):
            return f"<{self.least}"
        return words.number(count)

    @property
    def is_synthetic(self) -> bool:
        return any(self.figures(topic).get("is_synthetic") for topic in TOPICS)


def _leader(request: HttpRequest) -> Officer:
    return require(request.user, Permission.VIEW_LEADER_BOARD)


def _asked(request: HttpRequest) -> tuple[str, int]:
    """Return the topic and the span that the address asks for; what it does not know is the first of each."""
    topic, span = request.GET.get("topic", ""), request.GET.get("span", "")
    return (topic if topic in TOPICS else keeping.COMPLAINED), (
        int(span) if span in map(str, SPANS) else WEEK
    )


@never_cache
@login_required
@require_GET
def board_page(request: HttpRequest) -> HttpResponse:
    """The board of the officer's area; each picture's data with `format=csv&picture=`."""
    officer = _leader(request)
    topic, span = _asked(request)
    board = Board(officer.territory, keeping.newest(officer.territory), span)
    if request.GET.get("format") == "csv":
        return _csv(request, replace(board, least=SETTINGS.on(today())["least_shown"]), topic)
    context = _live(officer) | _said(board) | _pictures(board, topic) | _plan(board.area)
    context |= {
        "board": board, "area": board_words.area_words(board.area), "topic": topic, "span": span,
        "spans": [(one, board_words.span_words(one)) for one in SPANS],
        "topics": list(board_words.topic_words().items()),
        "topic_name": board_words.topic_words()[topic], "counted": board_words.counted_words()[topic],
        "synthetic": "part" if board.is_synthetic else "",
        "may_see_plan": True,
    }  # fmt: skip
    return render(request, "portal/board/board.html", context)


@never_cache
@login_required
@require_GET
def live_part(request: HttpRequest) -> HttpResponse:
    """Today's load and what needs somebody: the part of the board that asks for itself again."""
    return render(request, "portal/board/live.html", _live(_leader(request)))


def _live(officer: Officer) -> dict[str, Any]:
    return {
        "load": _load(officer.territory),
        "alerts": _alerts(officer.territory, officer),
        "at": now(),
    }


def _load(area: str, least: int = 0) -> list[dict[str, Any]]:
    """Return what today brought so far, by topic, with the place that had most; registrations by their last day."""
    day = today()
    night = keeping.newest(area)
    board = Board(area, night, WEEK, least)
    happenings = [one for one in board_counting.on_day(day) if one.division_code.startswith(area)]
    made = []
    for topic in TOPICS:
        if topic == REGISTERED:
            daily = board.figures(topic).get("daily") or [0]
            count, last, most = daily[-1], board.last_on(topic), ""
        else:
            own = [one for one in happenings if one.topic == topic]
            count, last = len(own), day
            most = _most(area, own) if not least or count >= 2 * least else ""
        made.append({
            "topic": topic, "name": board_words.topic_words()[topic], "count": board.count_text(topic, count),
            "unit": board_words.unit_words()[topic], "last": last, "is_today": topic != REGISTERED, "most": most,
            "is_some": count > 0, "raw": count,
            "week": board.count_text(topic, board.told(topic)["now"]),
        })  # fmt: skip
    return made


def _most(area: str, own: Sequence[keeping.Happening]) -> str:
    counts = Counter(keeping.part_of(area, one.division_code) for one in own)
    counts.pop("", None)
    if not counts:
        return ""
    part, count = min(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return _("最多：%(place)s%(n)s") % {"place": board_words.place_words(part), "n": count}


def late_steps(area: str) -> Any:
    """Return the open steps whose last day is over, in an area, the longest late first."""
    return (
        WorkItem.objects.filter(
            state=ItemState.OPEN, due_on__lt=today(), case__division_code__startswith=area
        )
        .select_related("case", "organisation")
        .defer("case__version")
        .order_by("due_on", "pk")
    )


def _alerts(area: str, officer: Officer | None) -> list[dict[str, str]]:
    """Return what needs somebody, the most urgent first: words, and where it is listed."""
    made: list[dict[str, str]] = []
    if late := late_steps(area).count():
        made.append({"colour": "red", "text": _("有%(n)s个步骤逾期没有办结") % {"n": words.number(late)}, "href": "/work/leader/list/late/"})  # fmt: skip
    signals = Signal.objects.filter(is_open=True, division_code__startswith="" if len(area) <= 2 else area)
    if count := signals.count():
        made.append({"colour": "yellow", "text": _("有%(n)s个异常信号还没有处理") % {"n": words.number(count)}, "href": "/work/analysis/"})  # fmt: skip
    night = keeping.newest(area)
    if night is not None and today() - night.day > timedelta(days=2):
        made.append({"colour": "yellow", "text": _("看板的数字停在%(day)s，昨夜没有更新") % {"day": words.day(night.day)}, "href": "/work/operations/"})  # fmt: skip
    last = Board(area, night, WEEK).last_on(REGISTERED)
    if last is not None and today() - last > timedelta(days=_OLD_DAYS):
        made.append({"colour": "yellow", "text": _("登记数据只到%(day)s，请催交") % {"day": words.day(last)}, "href": "/data/"})  # fmt: skip
    if len(area) <= len(board_counting.PROVINCE):
        lines = [one for one in page_lines(condition(current_home(), at=now())) if not one.is_well]
        made += [
            {
                "colour": "yellow",
                "text": _("%(what)s：%(how)s") % {"what": one.what, "how": one.how},
                "href": "/work/operations/",
            }
            for one in lines
        ]
    if officer is None:
        return [one | {"href": ""} for one in made]
    return made


def _said(board: Board) -> dict[str, Any]:
    """Return the sentences, the largest change first; the first that is more than chance leads the page."""
    made = []
    for topic in TOPICS:
        change = board.change(topic)
        kinds = [one.part for one in (change.kind,) if one]
        names = board_words.kind_words(topic, kinds)
        made.append(board_words.sentence(topic, change, span=board.span, kinds=names, least=board.least))
    made.sort(key=lambda one: (not one.is_news, -abs(one.spread)))
    return {"sentences": made, "news": [one for one in made if one.is_news]}


def _list_address(topic: str, span: int, **more: str) -> str:
    asked = "&".join(f"{name}={value}" for name, value in more.items())
    return f"/work/leader/list/{topic}/?span={span}" + (f"&{asked}" if asked else "")


def _pictures(board: Board, topic: str) -> dict[str, Any]:
    told, unit = board.told(topic), board_words.unit_words()[topic]
    name, span = board_words.topic_words()[topic], board_words.span_words(board.span)
    return {
        "map": _tiles(board, topic) if len(board.area) <= 2 else None,
        "places": _rows(board, topic, "parts"), "kinds": _rows(board, topic, "kinds"),
        "kind_chart": _bars(board, topic, "kinds"), "place_chart": _bars(board, topic, "parts"),
        "days": _days(board, topic), "unit": unit, "last_on": board.last_on(topic),
        "finding": _("%(span)s%(name)s%(n)s%(unit)s") % {"span": span, "name": name, "n": board.count_text(topic, told["now"]), "unit": unit},
    }  # fmt: skip


def _tiles(board: Board, topic: str) -> tile_map.TileMap:
    """Draw the cities; a count that is not shown has the lightest shade and says so."""
    told = board.told(topic)
    shown = board.hidden(topic, {part: now for part, now, _before in told["parts"]})
    name, span = board_words.topic_words()[topic], board_words.span_words(board.span)
    drawn = tile_map.counts(
        {part: 1 if count is None else count for part, count in shown.items()},
        title=_("%(span)s各市%(name)s") % {"span": span, "name": name},
        href=lambda code: _list_address(topic, board.span, part=code),
    )
    hidden = {part for part, count in shown.items() if count is None}
    tiles = tuple(
        replace(one, text=f"<{board.least}", shade="q1") if one.code in hidden else one for one in drawn.tiles
    )
    return replace(drawn, tiles=tiles)


def _rows(board: Board, topic: str, by: str) -> list[dict[str, Any]]:
    """Return the table of parts or kinds: now, before, the change; the largest first."""
    rows = board.told(topic)[by]
    names = (
        {key: board_words.place_words(key) for key, _now, _before in rows}
        if by == "parts"
        else board_words.kind_words(topic, [key for key, _now, _before in rows])
    )
    now_shown = board.hidden(topic, {key: count for key, count, _before in rows})
    before_shown = board.hidden(topic, {key: count for key, _now, count in rows})
    made = []
    for key, count, before in sorted(rows, key=lambda row: (-row[1], -row[2], row[0])):
        is_told = now_shown[key] is not None and before_shown[key] is not None
        made.append({
            "key": key, "name": names[key], "raw": now_shown[key], "now": board.count_text(topic, now_shown[key]),
            "before": board.count_text(topic, before_shown[key]),
            "change": f"{count - before:+,}".replace("-", "−") if is_told else "",
            "href": _list_address(topic, board.span, **{"part" if by == "parts" else "kind": key}),
        })  # fmt: skip
    return made


def _bars(board: Board, topic: str, by: str) -> bar_chart.BarChart | None:
    rows = [row for row in _rows(board, topic, by) if row["raw"] or row["raw"] is None][:_MOST_BARS]
    if not rows:
        return None
    title = board_words.topic_words()[topic]
    return bar_chart.bars(
        title, [(row["name"], float(row["raw"] if row["raw"] is not None else 1), row["now"]) for row in rows]
    )


def _days(board: Board, topic: str) -> Any:
    daily = board.figures(topic).get("daily")
    last = board.last_on(topic)
    if not daily or last is None:
        return None
    weeks = [sum(daily[end - WEEK : end]) for end in range(len(daily) % WEEK + WEEK, len(daily) + 1, WEEK)]
    if any(topic in ABOUT_PERSONS and 0 < count < board.least for count in weeks):
        return None
    xs = list(range(1 - len(weeks), 1))
    name = board_words.topic_words()[topic]
    return trend_chart.draw(
        _("%(name)s每7天的数量，到%(day)s") % {"name": name, "day": words.day(last)},
        _("距今周数"),
        board_words.unit_words()[topic],
        [(name, xs, [float(count) for count in weeks])],
        write=lambda value: f"{value:g}",
    )


def _plan(area: str) -> dict[str, Any]:
    """Return the plan's indicators with their lights: binding ones and those that lag first; a city's own values beside."""
    plan = plan_queries.plan_on(today())
    if plan is None:
        return {"plan": None, "indicators": [], "lights": []}
    told = plan_indicators.told_all(plan, plan_queries.whole(plan, today(), is_public=False))
    own: dict[str, Any] = {}
    if len(area) >= 4:
        values = plan_queries.points(plan, is_public=False).filter(area_code=f"{area[:4]}00")
        own = {one.number: one for one in values.order_by("year", "quarter")}
    for row in told:
        point = own.get(row["row"].number)
        row["own"] = (
            f"{plan_indicators.number(point.value)}（{plan_quarters.when(point.year, point.quarter)}）"
            if point
            else ""
        )
    order = {"red": 0, "yellow": 1, "green": 2, "done": 3, "none": 4}
    binding = [row for row in told if row["figure"].goal.is_binding]
    lagging = [row for row in told if row["colour"] in ("red", "yellow") and row not in binding]
    lights = Counter(row["figure"].light for row in told)
    return {
        "plan": plan, "all_indicators": told, "binding": binding,
        "indicators": [*binding, *sorted(lagging, key=lambda row: order[row["colour"]])],
        "lights": [(plan_indicators.light_words()[light], lights[light], plan_indicators.COLOURS[light]) for light in Light if lights[light]],
        "plan_is_synthetic": plan_queries.points(plan, is_public=False).filter(is_synthetic=True).exists(),
    }  # fmt: skip


def _csv(request: HttpRequest, board: Board, topic: str) -> HttpResponse:
    """Return the data of one picture. Small counts about persons are left out: the file goes further than the page."""
    picture = request.GET.get("picture", "")
    if picture not in PICTURES:
        raise Http404(picture)
    return csv_file(f"board-{board.area}-{picture}-{topic}.csv", PICTURES[picture](board, topic))


def _synthetic_mark(board: Board, topic: str) -> str:
    return "合成数据" if board.figures(topic).get("is_synthetic") else ""


def _parts_table(board: Board, topic: str, by: str) -> Table:
    head = ["代码 code", "名称 name", "本期 now", "上期 before", "天数 span_days", "截至 as_of", "合成数据 synthetic"]  # fmt: skip
    marks = [board.last_on(topic) or "", _synthetic_mark(board, topic)]
    return [head, *([row["key"], row["name"], row["now"], row["before"], board.span, *marks] for row in _rows(board, topic, by))]  # fmt: skip


def _days_table(board: Board, topic: str) -> Table:
    daily, last = board.figures(topic).get("daily", []), board.last_on(topic) or today()
    mark = _synthetic_mark(board, topic)
    rows = (
        [last - timedelta(days=len(daily) - 1 - place), board.count_text(topic, count), mark]
        for place, count in enumerate(daily)
    )
    return [["日期 day", "数量 count", "合成数据 synthetic"], *rows]


def _indicators_table(board: Board, topic: str) -> Table:
    head = ["编号 number", "指标 name", "约束性 binding", "目标 target", "现值 value", "年 year", "评价 light", "本市 own"]  # fmt: skip
    rows = (
        [row["row"].number, row["name"], int(row["figure"].goal.is_binding), row["target"], row["value"], row["year"] or "", row["light"], row["own"]]
        for row in _plan(board.area).get("all_indicators", [])
    )  # fmt: skip
    return [head, *rows]


def _today_table(board: Board, topic: str) -> Table:
    rows = ([one["topic"], one["name"], one["count"], one["unit"], one["last"] or ""] for one in _load(board.area, board.least))  # fmt: skip
    return [["主题 topic", "名称 name", "数量 count", "单位 unit", "截至 as_of"], *rows]


PICTURES: dict[str, Callable[[Board, str], Table]] = {
    "places": partial(_parts_table, by="parts"),
    "kinds": partial(_parts_table, by="kinds"),
    "days": _days_table,
    "indicators": _indicators_table,
    "today": _today_table,
}
"""The pictures of the board, and from what their files are made."""


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def walls_page(request: HttpRequest) -> HttpResponse:
    """The keys of wall screens in the officer's area: make one, end one."""
    officer, problem, key = _leader(request), "", ""
    if request.method == "POST":
        try:
            if number := request.POST.get("end", ""):
                services.end_key(whole_number(number) or 0, by=officer, at=now())
                messages.success(request, _("已停用，这块屏幕不再显示。"))
                return redirect("walls")
            key = services.make_key(request.POST.get("name", ""), by=officer, at=now())
        except BilingualError as refused:
            problem = refused.message_en if words.in_english() else refused.message_zh
    at = now()
    context = {
        "keys": [(one, one.is_good(at)) for one in services.keys_of(officer)], "problem": problem, "key": key,
        "area": board_words.area_words(officer.territory),
    }  # fmt: skip
    return render(request, "portal/board/walls.html", context, status=422 if problem else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def wall_page(request: HttpRequest) -> HttpResponse:
    """The wall screen: for a leader who is signed in, or a screen that was given a key. No list, no person, no firm."""
    if request.method == "POST":
        return _open_wall(request)
    area = _wall_area(request)
    if area is None:
        return render(request, "portal/board/wall_key.html", {"problem": ""})
    least = SETTINGS.on(today())["least_shown"]
    topic, span = _asked(request)
    if "topic" not in request.GET:  # the screen asks again each minute: one topic after the other
        topic = TOPICS[now().minute % len(TOPICS)]
    board = Board(area, keeping.newest(area), span, least)
    tiles = _tiles(board, topic) if len(area) <= 2 else None
    context = _said(board) | _plan(area) | {
        "area": board_words.area_words(area), "board": board, "load": _load(area, least), "alerts": _alerts(area, None)[:6],
        "at": now(), "map": tiles, "places": outline_map.places(tiles) if tiles else [],
        "height": outline_map.shapes()[1] if tiles else 0, "rows": [row for row in _rows(board, topic, "parts") if row["raw"] != 0][: 5 if tiles else 12],
        "topic_name": board_words.topic_words()[topic], "span_name": board_words.span_words(span),
        "unit": board_words.unit_words()[topic], "last_on": board.last_on(topic),
        "synthetic": "part" if board.is_synthetic else "",
    }  # fmt: skip
    return render(request, "portal/board/wall.html", context)


def _open_wall(request: HttpRequest) -> HttpResponse:
    """Take the key that was typed on a screen, and give its browser a signed mark instead."""
    found = services.find_good(request.POST.get("key", "").strip()[:200], at=now())
    if found is None:
        problem = _("这把密钥不对，或者已经停用、过期。请在“负责人看板—大屏”重新生成。")
        return render(request, "portal/board/wall_key.html", {"problem": problem}, status=422)
    response = redirect("wall")
    mark = signing.dumps(found.pk, salt=_WALL_SALT)
    response.set_cookie(
        WALL_COOKIE, mark, max_age=_WALL_SECONDS, path="/wall/", httponly=True, samesite="Strict",
        secure=request.is_secure(),
    )  # fmt: skip
    return response


def _wall_area(request: HttpRequest) -> str | None:
    """Return the area that this screen shows: the signed-in leader's, or that of its key; None for anybody else."""
    user = request.user
    if isinstance(user, Officer) and may(user, Permission.VIEW_LEADER_BOARD):
        return user.territory
    try:
        number = signing.loads(request.COOKIES.get(WALL_COOKIE, ""), salt=_WALL_SALT, max_age=_WALL_SECONDS)
    except signing.BadSignature:
        return None
    found = WallKey.objects.filter(pk=number).select_related("made_by__organisation").first()
    return found.area if found is not None and found.is_good(now()) else None
