"""Model cards of learned risks: public where the data are public, else for officers, and every look is written down."""

import math
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from zhijian.infrastructure.home import current_home
from zhijian.portal.components import line_chart, trend_chart
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import now
from zhijian.security.audit import record_look
from zhijian.security.permissions import Permission, may, require

SHOWN = ("with", "without", "placeless", "adjusted")
_ORDERS = {
    "with": lambda: _("含检查员"),
    "without": lambda: _("不含检查员（含地点）"),
    "placeless": lambda: _("不含检查员和地点"),
    "adjusted": lambda: _("扣除检查员（不含地点）"),
    "ridge_with": lambda: _("岭回归，含检查员"),
    "ridge_without": lambda: _("岭回归，不含检查员"),
    "ridge_adjusted": lambda: _("岭回归，扣除检查员"),
    "assignment_only": lambda: _("只看派谁去"),
    "lottery": lambda: _("纯抽签"),
    "as_happened": lambda: _("照原来的次序"),
}
_GROUPS = {
    "firm": lambda: _("主体"),
    "history": lambda: _("历史"),
    "place": lambda: _("地点"),
    "assignment": lambda: _("派谁去"),
}
_BANDS = {
    "under 1 year": lambda: _("不满1年"),
    "1-3 years": lambda: _("1至3年"),
    "3-8 years": lambda: _("3至8年"),
    "8 years and more": lambda: _("8年以上"),
    "single or new": lambda: _("此前没有同名检查"),
    "small chain": lambda: _("此前同名检查1至4次"),
    "chain": lambda: _("此前同名检查5至19次"),
    "large chain": lambda: _("此前同名检查20次以上"),
    "unknown": lambda: _("不详"),
    "under 100 000": lambda: _("不满10万元"),
    "under 1 million": lambda: _("10万至100万元"),
    "under 10 million": lambda: _("100万至1000万元"),
    "10 million and more": lambda: _("1000万元以上"),
}


def _cards() -> Any:
    """The data zone's own words about models; loaded when asked for, because the learner is heavy."""
    from zhijian.datazone.risk import stored

    return stored, current_home().root / "risk"


def _readable(request: HttpRequest) -> list[dict[str, Any]]:
    stored, folder = _cards()
    every = [stored.read_card(name, folder) for name in stored.card_names(folder)]
    return [card for card in every if card["is_public"] or may(request.user, Permission.VIEW_CREDIT_CLASS)]


def model_list(request: HttpRequest) -> HttpResponse:
    """Every model card that this reader may see, with what it gains and what who is sent explains of it."""
    rows = [{"card": card, **_gain(card)} for card in _readable(request)]
    return render(request, "portal/data/risk_models.html", {"rows": rows})


def model_page(request: HttpRequest, name: str) -> HttpResponse:
    """One model card; as CSV its figures by window (``?format=csv``), its curves, its slices, or its drift."""
    card = _card(request, name)
    if request.GET.get("format") == "csv":
        return csv_file(f"{name}-windows.csv", _window_rows(card))
    if request.GET.get("format") == "curves":
        return csv_file(f"{name}-curves.csv", _curve_rows(card))
    if request.GET.get("format") == "calibration":
        return csv_file(f"{name}-calibration.csv", _calibration_rows(card))
    if request.GET.get("format") == "slices":
        return csv_file(f"{name}-slices.csv", _slice_rows(card))
    if request.GET.get("format") == "drift":
        return csv_file(f"{name}-drift.csv", _drift_rows(card))
    shown = card["recommended"]
    part = "held_out" if "held_out" in card["summary"] else "all"
    context = {
        "card": card,
        "gain": _gain(card),
        "tables": [(key, _summary_rows(card, key)) for key in ("held_out", "all") if key in card["summary"]],
        "part": part,
        "windows": [{**w, "shown": [w["orders"].get(name) for name in SHOWN]} for w in card["windows"]],
        "shown_names": [_ORDERS[name]() for name in SHOWN],
        "capture": _capture(card),
        "capture_rows": _capture_rows(card),
        "lift": _lift(card),
        "calibration": _calibration(card),
        "calibrations": [(_ORDERS[key](), one) for key, one in card["calibration"].items()],
        "slices": [_slice(one) for one in card["slices"][shown].values()],
        "shown_name": _ORDERS[shown](),
        "drift": _drift(card),
        "features": [
            f | {"group_name": _GROUPS[f["group"]](), "share": _share_of(f)} for f in card["features"]
        ],
        "conventions": _convention_rows(card),
        "synthetic": "all" if card.get("is_synthetic") else "",
    }
    return render(request, "portal/data/risk_model.html", context)


def _card(request: HttpRequest, name: str) -> dict[str, Any]:
    stored, folder = _cards()
    if name not in stored.card_names(folder):
        raise Http404(name)
    card: dict[str, Any] = stored.read_card(name, folder)
    if not card["is_public"]:
        officer = require(request.user, Permission.VIEW_CREDIT_CLASS)
        record_look(officer, f"risk_model/{name}", "model_card", at=now())
    return card


def _gain(card: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of the answer: of the held-out windows where there are any."""
    part = "held_out" if "held_out" in card["summary"] else "all"
    told, share = card["summary"][part], card["assignment"][part]
    return {
        "is_held_out": part == "held_out",
        "share": share.get("by_assignment_alone"),
        **{name: told[name] for name in (*SHOWN, "assignment_only") if name in told},
    }


def _summary_rows(card: dict[str, Any], part: str) -> list[dict[str, Any]]:
    return [{"name": _ORDERS[name](), **card["summary"][part][name]} for name in card["orders"]]


def _convention_rows(card: dict[str, Any]) -> list[dict[str, Any]]:
    told = card["conventions"].get("visit", {})
    return [{"name": _ORDERS[name](), **told[name]} for name in (*SHOWN, "assignment_only") if name in told]


def _capture(card: dict[str, Any]) -> line_chart.LineChart:
    """Share of violations found after each share of the work, for the three models and who is sent alone."""
    names = [name for name in (*SHOWN, "assignment_only") if name in card["curves"]]
    steps = [step / 20 for step in range(21)]
    lines = [(_ORDERS[name](), steps, card["curves"][name]) for name in names]
    return line_chart.draw(_("做完多少工作，找到多少违规"), _("已做的工作"), _("已找到的违规"), lines)


def _capture_rows(card: dict[str, Any]) -> dict[str, Any]:
    names = [name for name in (*SHOWN, "assignment_only", "as_happened") if name in card["curves"]]
    rows = [
        {"work": step / 20, "found": [card["curves"][name][step] for name in names]}
        for step in range(2, 21, 2)
    ]
    return {"names": [_ORDERS[name]() for name in names], "rows": rows}


def _lift(card: dict[str, Any]) -> line_chart.LineChart:
    """How many times more violations than by lottery are found in each first share of the work."""
    names = [name for name in (*SHOWN, "assignment_only") if name in card["curves"]][:4]
    steps = range(5, 101, 5)
    lines = [
        (_ORDERS[name](), list(steps), [card["curves"][name][step // 5] * 100 / step for step in steps])
        for name in names
    ]
    return trend_chart.draw(
        _("是抽签的多少倍"), _("已做的工作（%）"), _("倍数"), lines, write=lambda v: f"{v:.1f}"
    )


def _stability(card: dict[str, Any]) -> line_chart.LineChart:
    """How far the score of each month's visits lies from what was learned from, and the forecast beside what was found."""
    months = card["drift"].get("months", [])
    order = list(range(1, len(months) + 1))
    lines = [
        (title, order, [100 * month[key] for month in months])
        for key, title in (
            ("score", _("分数的稳定性指数×100")),
            ("mean_chance", _("平均预测（%）")),
            ("found", _("实际（%）")),
        )
    ]
    return trend_chart.draw(_("逐月的漂移"), _("第几个月"), _("数值"), lines, write=lambda v: f"{v:.0f}")


def _calibration(card: dict[str, Any]) -> line_chart.LineChart:
    """What was found against the chance that was forecast, for the three models."""
    lines, largest = [], 0.0
    for name in (name for name in SHOWN if name in card["calibration"]):
        bins = card["calibration"][name]["bins"]
        xs, ys = [one["chance"] for one in bins], [one["found"] for one in bins]
        largest = max(largest, *xs, *ys)
        lines.append((_ORDERS[name](), xs, ys))
    top = math.ceil(largest * 10) / 10 or 0.1
    return line_chart.draw(_("预测与实际"), _("预测的可能性"), _("实际发现的比例"), lines, top=top)


def _slice(one: dict[str, Any]) -> dict[str, Any]:
    """Name the bands, in their own order; other names stay, in order of the alphabet."""
    places = {name: place for place, name in enumerate(_BANDS)}
    ordered = sorted(one["rows"], key=lambda row: (places.get(row["name"], 99), row["name"]))
    rows = [
        row | {"title": _BANDS[row["name"]]() if row["name"] in _BANDS else row["name"]} for row in ordered
    ]
    return one | {"rows": rows, "is_long": len(rows) > 8}


def _drift(card: dict[str, Any]) -> dict[str, Any]:
    labels = {f["name"]: f for f in card["features"]}
    rows = [labels[name] | {"psi": psi} for name, psi in card["drift"]["features"].items()]
    moved = sum(row["psi"] > 0.25 for row in rows)
    return {
        "score": card["drift"]["score"],
        "rows": rows[:10],
        "moved": moved,
        "count": len(rows),
        "months": card["drift"].get("months", []),
        "chart": _stability(card),
    }


def _share_of(feature: dict[str, Any]) -> list[float | None]:
    return [feature["gain_share"].get(name) for name in ("with", "adjusted")]


def _window_rows(card: dict[str, Any]) -> list[list[Any]]:
    head = [
        "window",
        "from",
        "to",
        "is_held_out",
        "visits",
        "base_rate",
        "order",
        *next(iter(card["windows"][0]["orders"].values())),
    ]
    rows = [
        [
            w["number"],
            w["from"],
            w["to"],
            w["is_held_out"],
            w["visits"],
            w["base_rate"],
            name,
            *figures.values(),
        ]
        for w in card["windows"]
        for name, figures in w["orders"].items()
    ]
    return [head, *rows]


def _curve_rows(card: dict[str, Any]) -> list[list[Any]]:
    names = list(card["curves"])
    return [
        ["share_of_work", *names],
        *[[step / 20, *[card["curves"][n][step] for n in names]] for step in range(21)],
    ]


def _calibration_rows(card: dict[str, Any]) -> list[list[Any]]:
    rows = [
        [name, number, one["visits"], one["chance"], one["found"]]
        for name, told in card["calibration"].items()
        for number, one in enumerate(told["bins"], 1)
    ]
    return [["order", "tenth", "visits", "mean_chance", "found"], *rows]


def _slice_rows(card: dict[str, Any]) -> list[list[Any]]:
    rows = [
        {"order": name, "slice": key, **row}
        for name, told in card["slices"].items()
        for key, one in told.items()
        for row in one["rows"]
    ]
    return [list(rows[0]), *[list(row.values()) for row in rows]]


def _drift_rows(card: dict[str, Any]) -> list[list[Any]]:
    """Months of the score, then features of the last window."""
    months = [
        ["score", m["month"], m["score"], m["visits"], m["mean_chance"], m["found"]]
        for m in card["drift"].get("months", [])
    ]
    features = [["feature", name, psi, "", "", ""] for name, psi in card["drift"]["features"].items()]
    return [["kind", "name", "psi", "visits", "mean_chance", "found"], *months, *features]
