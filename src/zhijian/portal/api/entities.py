"""The public API of the register of market entities. It never shows a credit class."""

from typing import Any, Literal
from urllib.parse import quote

from django.conf import settings
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.utils import timezone
from ninja import P, PathEx, Query, QueryEx, Router

from zhijian.engines.facts import queries as facts
from zhijian.engines.registers import EntityRecord, EntityRegister, register_at
from zhijian.portal.api import exports
from zhijian.portal.api.errors import ApiError, ErrorOut
from zhijian.portal.api.schemas import (
    WITHOUT_NUL,
    CodeCheckOut,
    Counts,
    EntityOut,
    EntityPage,
    EntityPageSearch,
    EntitySearch,
    FactOut,
    SuggestionOut,
    VersionOut,
    not_sealed,
)
from zhijian.standards.calendar import ZONE

router = Router(tags=["entities"])
Code = PathEx[
    str, P(max_length=40, pattern=WITHOUT_NUL, description="unified social credit code, in any width or case")
]
_LIST_ERRORS: dict[int, Any] = {409: ErrorOut, 422: ErrorOut, 500: ErrorOut, 503: ErrorOut}
_ENTITY_ERRORS: dict[int, Any] = {404: ErrorOut, **_LIST_ERRORS}
CountField = Literal[
    "prefecture_code", "county_code", "industry_section", "entity_kind_code", "status_code", "is_synthetic",
    "registered_year",
]  # fmt: skip
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _register() -> EntityRegister:
    return register_at(settings.HOME.serving)


def _get(uscc: str) -> EntityRecord:
    record = _register().find(uscc)
    if record is None:
        check = _register().check_code(uscc)
        zh = "".join(problem.message_zh for problem in check.problems)
        en = " ".join(problem.message_en for problem in check.problems)
        raise ApiError(
            404,
            "no_such_entity" if check.is_valid else "wrong_code",
            zh or f"登记簿中没有统一社会信用代码为{check.code}的市场主体。",
            en or f"No entity on the register has the code {check.code}.",
        )
    return record


@router.get("/entities", response={200: EntityPage, **_LIST_ERRORS})
def search(request: HttpRequest, params: Query[EntityPageSearch]) -> EntityPage:
    """Search the register; without `q`, list all that the filters leave."""
    return EntityPage.of(_register().search(params.q, params.filters(), params.cursor, params.size))


@router.get("/entities/suggest", response={200: list[SuggestionOut], **_LIST_ERRORS})
def suggest(
    request: HttpRequest, q: QueryEx[str, P(max_length=100, pattern=WITHOUT_NUL)]
) -> list[SuggestionOut]:
    """Give the first eight for the list under a search box, with what matched."""
    return [SuggestionOut.of(one) for one in _register().suggest(q, 8)]


@router.get("/entities/counts", response={200: Counts, **_LIST_ERRORS})
def counts(request: HttpRequest, filters: Query[EntitySearch], by: CountField = "prefecture_code") -> Counts:
    """Count entities by a field, narrowed by the filters; `q` is not looked at here."""
    register = _register()
    narrowed = filters.filters()
    is_by_prefecture = by == "prefecture_code" and narrowed.prefecture_code is None
    counted = (
        register.counts_by_prefecture(narrowed) if is_by_prefecture else register.counts_by(by, narrowed)
    )
    return Counts(as_of=register.as_of, by=by, counts=counted)


def _file(description: str, content_type: str) -> dict[str, Any]:
    content = {content_type: {"schema": {"type": "string", "format": "binary"}}}
    return {"responses": {200: {"description": description, "content": content}}}


@router.get("/entities.csv", response=_LIST_ERRORS, openapi_extra=_file("CSV, UTF-8", "text/csv"))
def as_csv(request: HttpRequest, params: Query[EntitySearch]) -> StreamingHttpResponse:
    """Download what a search finds as CSV: a note, Chinese names, English names, at most 50,000 rows."""
    export = exports.prepare(_register(), params.q, params.filters())
    response = StreamingHttpResponse(exports.csv_lines(export), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = _attachment(f"{export.file_stem}.csv")
    return response


@router.get("/entities.xlsx", response=_LIST_ERRORS, openapi_extra=_file("Excel workbook", _XLSX))
def as_xlsx(request: HttpRequest, params: Query[EntitySearch]) -> FileResponse:
    """Download what a search finds as an Excel workbook, at most 50,000 rows."""
    export = exports.prepare(_register(), params.q, params.filters())
    response = FileResponse(exports.xlsx_file(export), content_type=_XLSX)
    response["Content-Disposition"] = _attachment(f"{export.file_stem}.xlsx")
    return response


def _attachment(name: str) -> str:
    return f"attachment; filename*=UTF-8''{quote(name)}"


@router.get("/entities/{uscc}", response={200: EntityOut, **_ENTITY_ERRORS})
def entity(request: HttpRequest, uscc: Code) -> EntityOut:
    """Return one entity as it stands on the register."""
    return EntityOut.of(_get(uscc))


@router.get("/entities/{uscc}/versions", response={200: list[VersionOut], **_ENTITY_ERRORS})
def versions(request: HttpRequest, uscc: Code) -> list[VersionOut]:
    """Return every version of an entity, newest first."""
    return [VersionOut.of(one) for one in _register().versions(_get(uscc).uscc)]


@router.get("/entities/{uscc}/facts", response={200: list[FactOut], **_ENTITY_ERRORS})
def public_facts(request: HttpRequest, uscc: Code) -> list[FactOut]:
    """Return the facts about an entity that are public today, newest first, each with whether the log holds it."""
    code, today = _get(uscc).uscc, timezone.localdate()
    delivered = _register().delivered_facts(code)
    return [_fact(one) for one in facts.public_record(code, on=today, delivered=delivered)]


def _fact(shown: facts.PublicFact) -> FactOut:
    fact = shown.shown
    return FactOut(
        fact_id=str(fact.fact_id),
        kind=fact.kind,
        occurred_on=fact.occurred_on,
        recorded_at=fact.recorded_at,
        source=fact.source,
        legal_basis=fact.legal_basis,
        public_until=fact.public_until,
        is_synthetic=fact.is_synthetic,
        payload=fact.payload,
        is_in_log=shown.is_in_log,
        proof=f"/fact/{fact.fact_id}/" if shown.is_in_log else None,
        note=None if shown.is_in_log else not_sealed(fact.source, fact.recorded_at.astimezone(ZONE).date()),
    )


@router.get("/codes/{code}/check", response={200: CodeCheckOut, **_LIST_ERRORS}, tags=["codes"])
def check_code(request: HttpRequest, code: Code) -> CodeCheckOut:
    """Say whether a credit code is right, what is wrong with it, and which right codes look like it."""
    return CodeCheckOut.of(_register().check_code(code))
