"""The data standards as they are applied: one page each, made from the files by which the system runs."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from zhijian.datazone import contracts
from zhijian.datazone.catalogue import Level, declared
from zhijian.datazone.lake import LAYERS
from zhijian.engines.registers.code_lists import KINDS, STATUSES
from zhijian.infrastructure.home import current_home
from zhijian.portal.components import words
from zhijian.portal.views.catalogue import csv_response
from zhijian.portal.views.register import today
from zhijian.standards import divisions, enterprise_types, industries, parameters

_ELEMENTS_HEAD = ("element", "label_zh", "label_en", "level", "unit", "code_list", "rule")
_RULES_HEAD = ("contract", "version", "field", "rule", "kind", "severity", "title_zh", "title_en")
_GUANGDONG = "440000"


@dataclass(frozen=True)
class Code:
    """One entry of a code list; `inside` counts the entries under it."""

    code: str
    name: str
    note: str = ""
    inside: int = 0


@dataclass(frozen=True)
class CodeList:
    """A code list: where it comes from, its entries under a code (None: at the top), and all of them."""

    title: Callable[[], str]
    basis: Callable[[], str]
    under: Callable[[str | None], list[Code]]
    path: Callable[[str], list[Code]]  # from the top down to the code; empty if there is no such code
    every: Callable[[], Iterable[Code]]


def index(request: HttpRequest) -> HttpResponse:
    """The four kinds of standards, each standard with its own page."""
    context = {
        "element_count": len(declared.elements()),
        "code_lists": [(name, one.title(), sum(1 for _code in one.every())) for name, one in CODE_LISTS.items()],
        "contracts": [(one, len(one.fields)) for one in _contracts()],
        "rule_count": sum(len(one.every_rule()) for one in _contracts()),
        "table_count": len(declared.tables()),
    }  # fmt: skip
    return render(request, "portal/data/standards/index.html", context)


def elements_page(request: HttpRequest) -> HttpResponse:
    """What a column name means wherever it stands."""
    every = [{"name": name, **one} for name, one in declared.elements().items()]
    if request.GET.get("format") == "csv":
        optional = ("unit", "list", "rule")
        rows = [
            (e["name"], e["zh"], e["en"], e["level"], *(e.get(name, "") for name in optional)) for e in every
        ]
        return csv_response("data-elements", _ELEMENTS_HEAD, rows)
    counts = Counter(one["level"] for one in every)
    level = request.GET.get("level", "public")
    shown = [one | {"has_page": one.get("list") in CODE_LISTS} for one in every if one["level"] == level]
    context = {"elements": shown, "level": level, "total": len(every)}
    context["levels"] = [(one.word, counts[one.word]) for one in Level if counts[one.word]]
    return render(request, "portal/data/standards/elements.html", context)


def code_list_page(request: HttpRequest, name: str) -> HttpResponse:
    """One level of a code list at a time, so that no page is longer than a reader can take in."""
    found = CODE_LISTS.get(name)
    if found is None:
        raise Http404(name)
    if request.GET.get("format") == "csv":
        return csv_response(name, ("code", "name", "note"), [(c.code, c.name, c.note) for c in found.every()])
    under = request.GET.get("under") or None
    path = found.path(under) if under else []
    if under and not path:
        raise Http404(under)
    context = {
        "name": name, "list": found, "title": found.title(), "basis": found.basis(), "path": path,
        "entries": found.under(under), "total": sum(1 for _code in found.every()),
        "changes": _industry_changes() if name == "industries" and not under else [],
    }  # fmt: skip
    return render(request, "portal/data/standards/code_list.html", context)


def naming_page(request: HttpRequest) -> HttpResponse:
    """How tables and columns are named."""
    return render(request, "portal/data/standards/naming.html", {"layers": LAYERS})


def contract_page(request: HttpRequest, name: str) -> HttpResponse:
    """One data contract: its fields with their rules, its versions, and the file itself."""
    folder = current_home().lake / "contracts"
    if name not in contracts.names(folder):
        raise Http404(name)
    one = contracts.load(name, folder)
    if request.GET.get("format") == "yaml":
        response = HttpResponse(one.path.read_bytes(), content_type="application/yaml")
        file_name = f"{one.name}-{one.version}.odcs.yaml"
        response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
        return response
    context = {
        "contract": one,
        "versions": [version.version for version in contracts.versions(name, folder)],
        "rule_count": len(one.every_rule()),
    }
    return render(request, "portal/data/standards/contract.html", context)


def rules_page(request: HttpRequest) -> HttpResponse:
    """Every quality rule of every contract: what it asks, and what becomes of a row that breaks it."""
    every = [
        (one, [(field, rule, _title(field, rule)) for field, rule in one.every_rule()])
        for one in _contracts()
    ]
    if request.GET.get("format") == "csv":
        rows = [
            (one.name, one.version, field.name if field else "", rule.id, rule.kind, rule.severity, *title.values())
            for one, rules in every
            for field, rule, title in rules
        ]  # fmt: skip
        return csv_response("quality-rules", _RULES_HEAD, rows)
    chosen = request.GET.get("contract") or every[0][0].name
    shown = [(one, rules) for one, rules in every if one.name == chosen]
    if not shown:
        raise Http404(chosen)
    context = {"every": [(one, len(rules)) for one, rules in every], "shown": shown[0], "chosen": chosen}
    return render(request, "portal/data/standards/rules.html", context)


def owners_page(request: HttpRequest) -> HttpResponse:
    """Who answers for each table, who may see a level, how long versions are kept."""
    tables = [{"name": name, **one} for name, one in declared.tables().items()]
    if request.GET.get("format") == "csv":
        rows = [
            (t["name"], t.get("owner", {}).get("zh", ""), t.get("owner", {}).get("en", ""), t.get("rhythm", ""))
            for t in tables
        ]  # fmt: skip
        return csv_response("table-owners", ("table", "owner_zh", "owner_en", "rhythm"), rows)
    retention = parameters.load("data/lake_retention_days")
    by_owner: dict[str, list[dict[str, Any]]] = {}
    for one in tables:
        owner = one.get("owner", {})
        by_owner.setdefault(owner.get("en" if words.in_english() else "zh", ""), []).append(one)
    context = {"by_owner": sorted(by_owner.items()), "table_count": len(tables)}
    context |= {"retention": retention.on(today()).items(), "is_checked": retention.review.is_checked_by_two}
    return render(request, "portal/data/standards/owners.html", context)


def _contracts() -> list[contracts.Contract]:
    folder = current_home().lake / "contracts"
    return [contracts.load(name, folder) for name in contracts.names(folder)]


def _title(field: contracts.Field | None, rule: contracts.Rule) -> dict[str, str]:
    """The rule's title in both languages; without a field where it is over whole rows."""
    labels = {"label": field.label_zh if field else "", "label_en": field.label_en if field else ""}
    return {side: rule.wording[side].format_map(labels) for side in ("title_zh", "title_en")}


# --- code lists ---


def _industry_codes(entries: Iterable[industries.Industry]) -> list[Code]:
    return [Code(one.code, one.name, one.note, len(industries.children(one.code))) for one in entries]


def _industries_under(code: str | None) -> list[Code]:
    return _industry_codes(industries.children(code) if code else industries.sections())


def _every_industry() -> Iterable[Code]:
    return _industry_codes((*industries.sections(), *industries.classes()))


def _industry_changes() -> list[dict[str, Any]]:
    """What the amendment changed, each with whether two copies agree on it."""
    kinds = {"name": _("名称"), "note": _("说明"), "added": _("新增"), "moved": _("改用此代码，原代码")}
    return [
        {"code": one.code, "kind": kinds[one.field], "text": one.text, "is_verified": one.is_verified}
        for one in industries.amendments()
    ]


def _division_codes(entries: Iterable[divisions.Division]) -> list[Code]:
    return [Code(one.code, one.name, "", len(divisions.children(one.code))) for one in entries]


def _division_path(code: str) -> list[Code]:
    found, path = divisions.find(code), []
    while found is not None and found.code != _GUANGDONG:
        path.append(found)
        found = found.parent
    return _division_codes(reversed(path)) if found is not None else []


def _every_division() -> Iterable[Code]:
    cities = divisions.children(_GUANGDONG)
    return _division_codes(one for city in cities for one in (city, *divisions.children(city.code)))


def _type_codes(entries: Iterable[enterprise_types.EnterpriseType]) -> list[Code]:
    return [Code(one.code, one.name, "", len(enterprise_types.children(one.code))) for one in entries]


def _types_under(code: str | None) -> list[Code]:
    top = (one for one in enterprise_types.all_types() if not one.parent_code)
    return _type_codes(enterprise_types.children(code) if code else top)


def _type_path(code: str) -> list[Code]:
    found, path = enterprise_types.find(code), []
    while found is not None:
        path.append(found)
        found = found.parent
    return _type_codes(reversed(path))


def _flat(labels: dict[str, Any], title: Callable[[], str]) -> CodeList:
    def entries(_under: str | None = None) -> list[Code]:
        return [Code(code, label.en if words.in_english() else label.zh) for code, label in labels.items()]

    return CodeList(title, lambda: _("本平台的归并，来源各用各的写法。"), entries, lambda code: [], entries)


CODE_LISTS = {
    "divisions": CodeList(
        lambda: _("行政区划（广东）"),
        lambda: _("GB/T 2260与统计用区划代码，国家统计局2023年6月30日版。"),
        lambda code: _division_codes(divisions.children(code or _GUANGDONG)),
        _division_path,
        _every_division,
    ),
    "industries": CodeList(
        lambda: _("国民经济行业分类"),
        lambda: _("GB/T 4754-2017，含第1号修改单（2019年3月29日起实施）。"),
        _industries_under,
        lambda code: _industry_codes(industries.path(code)),
        _every_industry,
    ),
    "enterprise_types": CodeList(
        lambda: _("企业类型"),
        lambda: _("登记机关的企业类型代码，取自公开的信用平台代码表。"),
        _types_under,
        _type_path,
        lambda: _type_codes(enterprise_types.all_types()),
    ),
    "status": _flat(STATUSES, lambda: _("登记状态")),
    "entity_kinds": _flat(KINDS, lambda: _("主体种类")),
}
