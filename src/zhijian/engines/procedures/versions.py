"""Versions of a procedure: what shipped, what officers saved, which one new cases begin with."""

import hashlib
from collections import OrderedDict
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from zhijian.engines.procedures import declaration
from zhijian.engines.procedures.models import ProcedureVersion, VersionState
from zhijian.engines.procedures.spiff import Compiled, compiled
from zhijian.security.models import Officer

_COMPILED: OrderedDict[str, Compiled] = OrderedDict()
_MOST = 64


def digest_of(drawing: str, decisions: str) -> str:
    return hashlib.sha256(f"{drawing}\0{decisions}".encode()).hexdigest()


def compiled_of(version: ProcedureVersion) -> Compiled:
    """Return what a version runs; its text is read from the database once per process.

    Raises:
        DrawingRefused: it cannot run.
    """
    found = _COMPILED.get(version.digest)
    if found is None:
        found = _COMPILED[version.digest] = compiled(version.drawing, version.decisions)
        if len(_COMPILED) > _MOST:
            _COMPILED.popitem(last=False)
    return found


def current(code: str, *, at: datetime) -> ProcedureVersion:
    """Return the published version of a procedure; where there is none yet, what shipped becomes the first.

    Raises:
        ProcedureRefused: no such procedure is declared.
        DrawingRefused: what shipped cannot be used.
    """
    published = ProcedureVersion.objects.filter(procedure=code, state=VersionState.PUBLISHED)
    found = published.defer("drawing", "decisions").first()
    return found or publish_shipped(code, by=None, at=at)


def publish_shipped(code: str, *, by: Officer | None, at: datetime) -> ProcedureVersion:
    """Publish the drawing that ships with the product, unless this very one was published before."""
    procedure = declaration.get(code)
    drawing, decisions = procedure.drawing_text(), procedure.decisions_text()
    known = ProcedureVersion.objects.filter(procedure=code, digest=digest_of(drawing, decisions)).first()
    if known is not None and known.state != VersionState.DRAFT:
        return known
    version = known or save(code, drawing, decisions, note="随产品发布", by=by, at=at)
    return publish(version, by=by, at=at)


def save(
    code: str, drawing: str, decisions: str, *, note: str = "", by: Officer | None, at: datetime
) -> ProcedureVersion:
    """Keep a new draft under the next number. It may still have problems; `publish` refuses those."""
    with transaction.atomic():
        last = ProcedureVersion.objects.filter(procedure=code).aggregate(Max("number"))["number__max"] or 0
        return ProcedureVersion.objects.create(
            procedure=code,
            number=last + 1,
            drawing=drawing,
            decisions=decisions,
            digest=digest_of(drawing, decisions),
            saved_at=at,
            saved_by=by,
            note=note,
        )


def publish(version: ProcedureVersion, *, by: Officer | None, at: datetime) -> ProcedureVersion:
    """Make a version the one that new cases begin with; the one before is retired, its cases end under it.

    Raises:
        DrawingRefused: the checks found problems; all of them are listed.
    """
    from zhijian.engines.procedures.checks import check

    check(declaration.get(version.procedure), version.drawing, version.decisions)
    with transaction.atomic():
        before = ProcedureVersion.objects.filter(procedure=version.procedure, state=VersionState.PUBLISHED)
        before.exclude(pk=version.pk).update(state=VersionState.RETIRED)
        version.state, version.published_at, version.published_by = VersionState.PUBLISHED, at, by
        version.save(update_fields=["state", "published_at", "published_by"])
    return version
