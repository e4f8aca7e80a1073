"""Thematic libraries: ready questions with their pictures, tables and files. What is public, the catalogue's levels say."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from zhijian.datazone.lake import Lake
from zhijian.datazone.theme import questions
from zhijian.datazone.theme.questions import Answer, BadFilter, Filters, NotRefreshed, Question
from zhijian.engines.registers import code_lists
from zhijian.engines.registers.declaration import Label
from zhijian.infrastructure.home import current_home
from zhijian.portal.components import tile_map
from zhijian.portal.views import theme_words
from zhijian.portal.views.catalogue import reader_level
from zhijian.portal.views.downloads import csv_text
from zhijian.portal.views.register import now
from zhijian.portal.work_navigation import PROVINCE
from zhijian.security.audit import record_look
from zhijian.security.permissions import Permission, require
from zhijian.standards import industries

LICENCE = Label(
    "数据许可尚未由主管部门确定；引用请注明来源与截至日期。",
    "The authority has not yet set a licence for these data; cite the source and the date.",
)

_RIGHTS = {
    "internal": Permission.VIEW_INTERNAL_DATA,
    "personal": Permission.VIEW_PERSONAL_DATA,
    "sensitive": Permission.VIEW_SENSITIVE_DATA,
}


def _lake() -> Lake:
    return Lake(current_home().lake)


def _level(columns: Iterable[tuple[str, str]]) -> Any:
    """The highest level of these columns of tables, as the catalogue gives it."""
    from zhijian.datazone.catalogue import Level
    from zhijian.datazone.catalogue.levels import level_of

    return max((level_of(table, column) for table, column in columns), default=Level.PUBLIC)


def _columns(table: str) -> list[tuple[str, str]]:
    return [(table, column) for column in _lake().schema(table)]


def _allow(request: HttpRequest, subject: str, columns: Iterable[tuple[str, str]]) -> None:
    """Let pass who may see all of these columns; a look at what is not public is written down."""
    word = _level(columns).word
    if word in _RIGHTS:
        officer = require(request.user, _RIGHTS[word], division=None if word == "internal" else PROVINCE)
        record_look(officer, f"theme/{subject}", "theme", at=now())


def _library(library: str) -> str:
    if library not in questions.LIBRARIES:
        raise Http404(library)
    return library


def _question(library: str, question_id: str) -> Question:
    found = questions.find(_library(library), question_id)
    if found is None:
        raise Http404(question_id)
    return found


def theme_list(request: HttpRequest) -> HttpResponse:
    """The three libraries with their questions."""
    libraries = [
        {
            "id": one,
            "name": theme_words.LIBRARIES[one],
            "about": theme_words.ABOUT[one],
            "questions": _asked(one),
        }
        for one in questions.LIBRARIES
    ]
    return render(request, "portal/themes/list.html", {"libraries": libraries, "is_ready": _is_ready()})


def library_page(request: HttpRequest, library: str) -> HttpResponse:
    """One library: every question with what it finds now, and its tables as files."""
    asked = _asked(_library(library))
    tables = tuple(dict.fromkeys(name for one in asked for name in one.tables if f"_{library}__" in name))
    reader = reader_level(request.user)
    is_shown = {one.id: _level(one.columns) <= reader for one in asked}
    found: list[dict[str, Any]] = []
    as_of, synthetic = None, ""
    answers: list[Answer] = []
    if _is_ready():
        answers = [
            questions.answer(_lake(), one, Filters()) for one in asked if _has(one) and is_shown[one.id]
        ]
        found = [{"question": one.question, "finding": theme_words.finding(one)} for one in answers]
        as_of = answers[0].as_of if answers else None
        synthetic = "part" if any(one.is_synthetic for one in answers) else ""
    lacking = [one for one in asked if is_shown[one.id] and not _has(one)]
    if any(_level(one.question.columns).word in _RIGHTS for one in answers):
        record_look(
            require(request.user, Permission.VIEW_INTERNAL_DATA), f"theme/{library}", "theme", at=now()
        )
    context = {
        "library": library, "name": theme_words.LIBRARIES[library], "about": theme_words.ABOUT[library],
        "found": found, "lacking": lacking, "as_of": as_of, "synthetic": synthetic,
        "tables": [
            (name, _lake().count(name), _level(_columns(name)) <= reader) for name in tables if _lake().exists(name)
        ],
        "licence": theme_words.either(LICENCE), "withheld": [one for one in asked if not is_shown[one.id]],
    }  # fmt: skip
    return render(request, "portal/themes/library.html", context)


def question_page(request: HttpRequest, library: str, question_id: str) -> HttpResponse:
    """One question answered: the finding, its picture and table, and how it was counted."""
    question = _question(library, question_id)
    _allow(request, question.id, question.columns)
    context: dict[str, Any] = {
        "question": question, "library": library, "name": theme_words.LIBRARIES[library],
        "fields": _fields(question, request), "given": request.GET.urlencode(), "fewest": questions.FEWEST,
    }  # fmt: skip
    status = 200
    try:
        answer = questions.answer(_lake(), question, questions.read_filters(question, _given(request)))
        context |= _told(answer) | {"answer": answer, "synthetic": "part" if answer.is_synthetic else ""}
    except NotRefreshed:
        context["is_empty"] = True
    except BadFilter as problem:
        context["problem"], status = theme_words.either((problem.message_zh, problem.message_en)), 400
    return render(request, "portal/themes/question.html", context, status=status)


def question_csv(request: HttpRequest, library: str, question_id: str) -> HttpResponse:
    """The rows of the picture as a file."""
    question = _question(library, question_id)
    _allow(request, question.id, question.columns)
    try:
        answer = questions.answer(_lake(), question, questions.read_filters(question, _given(request)))
    except NotRefreshed:
        raise Http404(question_id) from None
    except BadFilter as problem:
        return HttpResponse(
            theme_words.either((problem.message_zh, problem.message_en)),
            status=400,
            content_type="text/plain; charset=utf-8",
        )
    text = csv_text(theme_words.csv_rows(answer))
    return _file(text.encode(), f"{library}-{question_id}.csv", answer.is_synthetic)


def table_file(request: HttpRequest, library: str, file_name: str) -> HttpResponse:
    """A whole table of the library as CSV or Parquet, with its date, its licence and whether it is invented."""
    name, _dot, ending = file_name.rpartition(".")
    tables = {table for one in _asked(_library(library)) for table in one.tables if f"_{library}__" in table}
    if name not in tables or ending not in ("csv", "parquet") or not _lake().exists(name) or not _is_ready():
        raise Http404(file_name)
    _allow(request, name, _columns(name))
    question = next(one for one in _asked(library) if name in one.tables)
    answer = questions.answer(_lake(), question, Filters())
    rows = _lake().read(name)
    given = {
        "as_of": answer.as_of.isoformat(),
        "source": f"{name}@{_lake().version(name)}",
        "licence": " ".join(LICENCE),
    }
    given["is_synthetic"] = str(answer.is_synthetic).lower()
    if ending == "parquet":
        metadata = {key.encode(): value.encode() for key, value in given.items()}
        sink = pa.BufferOutputStream()
        pq.write_table(rows.replace_schema_metadata(metadata), sink)
        return _file(sink.getvalue().to_pybytes(), file_name, answer.is_synthetic)
    told = ([*row.values(), *given.values()] for row in rows.to_pylist())
    text = csv_text(chain([[*rows.column_names, *given]], told))
    return _file(text.encode(), file_name, answer.is_synthetic)


def _file(content: bytes, name: str, is_synthetic: bool) -> HttpResponse:
    kind = "text/csv; charset=utf-8" if name.endswith(".csv") else "application/vnd.apache.parquet"
    response = HttpResponse(content, content_type=kind)
    marked = f"synthetic-{name}" if is_synthetic else name
    response.headers["Content-Disposition"] = f'attachment; filename="{marked}"'
    return response


def _asked(library: str) -> list[Question]:
    return [one for one in questions.QUESTIONS if one.library == library]


def _is_ready() -> bool:
    return _lake().exists(questions.LOG)


def _has(question: Question) -> bool:
    return all(_lake().exists(name) for name in question.tables)


def _given(request: HttpRequest) -> dict[str, str]:
    return {name: value for name, value in request.GET.items() if isinstance(value, str)}


def _told(answer: Answer) -> dict[str, Any]:
    return {
        "finding": theme_words.finding(answer),
        "table": theme_words.table(answer),
        "value_label": theme_words.either(answer.question.counted),
        "counted": theme_words.either(answer.question.counted),
        "base": theme_words.either(answer.question.base) if answer.question.base else "",
        "unit": theme_words.either(answer.question.unit),
        **theme_words.picture(answer),
    }


def _fields(question: Question, request: HttpRequest) -> list[dict[str, Any]]:
    """The filters that the question has, each with its choices; years are typed."""
    choices = {
        "prefecture": [(code, tile_map.city_name(code)) for code in code_lists.PREFECTURES_EN],
        "section": [(one.code, theme_words.name("section", one.code)) for one in industries.sections()],
        "kind": [(code, theme_words.name("kind", code)) for code in code_lists.KINDS],
    }
    labels = {
        "prefecture": _("地市"), "section": _("行业"), "kind": _("主体类型"),
        "year_from": _("从哪一年"), "year_to": _("到哪一年"),
    }  # fmt: skip
    return [
        {"name": one, "label": labels[one], "choices": choices.get(one), "chosen": request.GET.get(one, "")}
        for one in question.filters
    ]
