"""办理流程: every procedure with its drawing, its deadlines and articles, open to anybody."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from zhijian.engines.procedures import declaration, drawing
from zhijian.engines.procedures.declaration import Procedure
from zhijian.engines.procedures.models import ProcedureVersion, VersionState
from zhijian.portal.components import drawing as drawings
from zhijian.portal.components.words import in_english
from zhijian.portal.views.downloads import csv_file
from zhijian.portal.views.register import today


def procedure_list(request: HttpRequest) -> HttpResponse:
    """Every procedure, with how many steps it has and the version that new cases begin with."""
    published = {
        one.procedure: one
        for one in ProcedureVersion.objects.filter(state=VersionState.PUBLISHED).defer("decisions")
    }
    rows = []
    for procedure in declaration.all_procedures():
        version = published.get(procedure.code)
        read = drawing.parse(version.drawing if version else procedure.drawing_text())
        listed = drawings.steps(read, today())
        rows.append(
            {
                "procedure": procedure,
                "version": version,
                "step_count": len(listed),
                "limit_count": sum(one.period is not None for one in listed),
            }
        )
    return render(request, "portal/procedures/list.html", {"rows": rows})


def procedure_page(request: HttpRequest, code: str) -> HttpResponse:
    """One procedure: the drawing, and the same as a list with roles, limits and articles."""
    procedure = declared(code)
    version, text = in_force(procedure)
    listed = drawings.steps(drawing.parse(text), today())
    title = title_of(procedure)
    context: dict[str, Any] = {
        "procedure": procedure,
        "title": title,
        "version": version,
        "steps": listed,
        "shown": drawings.show(text, title, drawings.description(listed)),
    }
    return render(request, "portal/procedures/procedure.html", context)


def steps_csv(request: HttpRequest, code: str) -> HttpResponse:
    """The steps of a procedure as a file."""
    procedure = declared(code)
    _, text = in_force(procedure)
    return csv_file(
        f"procedure-{code.replace('/', '-')}.csv",
        drawings.csv_rows(drawings.steps(drawing.parse(text), today())),
    )


def declared(code: str) -> Procedure:
    """Return a declared procedure, or answer that there is none."""
    found = declaration.find(code)
    if found is None:
        raise Http404
    return found


def in_force(procedure: Procedure) -> tuple[ProcedureVersion | None, str]:
    """Return the published version and its drawing; before the first case, what ships with the product."""
    version = ProcedureVersion.objects.filter(procedure=procedure.code, state=VersionState.PUBLISHED).first()
    return version, version.drawing if version else procedure.drawing_text()


def title_of(procedure: Procedure) -> str:
    return procedure.title_en if in_english() else procedure.title_zh


__all__ = ["declared", "in_force", "procedure_list", "procedure_page", "steps_csv", "title_of"]
