"""Ties that an officer declares: sealed at rest, opened for a reason only, and read by draws."""

from datetime import date

import pytest

from tests.engines.registers.declared import desk
from tests.engines.registers.declared.desk import AT
from zhijian.engines.recusal import services
from zhijian.engines.recusal.errors import RecusalRefused
from zhijian.engines.recusal.models import Interest
from zhijian.security.models import AccessRecord, Role
from zhijian.security.permissions import Forbidden

pytestmark = pytest.mark.django_db
FIRM = "91441900MAYYHQFT6P"
ON = date(2026, 11, 20)


@pytest.fixture
def inspector():
    return desk.officer("inspector", desk.unit("440106", "示例区局"), Role.INSPECTOR)


def declared(by, **more):
    given = {"kind": "shares", "uscc": FIRM, "note": "持股百分之二", "starts_on": date(2026, 1, 1), **more}
    kind, uscc, note = given.pop("kind"), given.pop("uscc"), given.pop("note")
    return services.declare(kind, uscc, note, **given, by=by, at=AT)


def test_a_tie_is_sealed_at_rest_and_keeps_its_officer_from_the_firm(inspector):
    made = declared(inspector)
    kept = Interest.objects.values().get(pk=made.pk)
    assert FIRM not in str(kept) and "持股" not in str(kept)
    assert services.recused_on(ON) == {"inspector": frozenset({FIRM})}
    assert services.recused_on(date(2025, 12, 31)) == {}


def test_an_ended_tie_holds_to_its_last_day(inspector):
    made = declared(inspector)
    services.end(made, last_day=date(2026, 11, 1), reason="股份已经转让", by=inspector, at=AT)
    assert services.recused_on(date(2026, 11, 1)) and not services.recused_on(date(2026, 11, 2))
    with pytest.raises(RecusalRefused):
        services.end(made, last_day=date(2026, 11, 1), reason="再终止一次", by=inspector, at=AT)


@pytest.mark.parametrize("more", [{"kind": "friend"}, {"uscc": "9144"}, {"starts_on": date(2027, 1, 1)}])
def test_what_is_no_tie_is_refused(inspector, more):
    with pytest.raises(RecusalRefused):
        declared(inspector, **more)


def test_the_same_tie_is_declared_once(inspector):
    declared(inspector)
    with pytest.raises(RecusalRefused):
        declared(inspector, note="同一关系")


def test_only_an_auditor_of_the_area_opens_it_for_a_reason_and_the_look_stays(inspector):
    declared(inspector)
    auditor = desk.officer("auditor", desk.unit("440100", "示例市局"), Role.AUDITOR)
    with pytest.raises(RecusalRefused):
        services.opened(inspector, reason=" ", by=auditor, at=AT)
    elsewhere = desk.officer("elsewhere", desk.unit("440300", "示例邻市局"), Role.AUDITOR)
    for nobody in (elsewhere, inspector):
        with pytest.raises(Forbidden):
            services.opened(inspector, reason="核对回避情况", by=nobody, at=AT)
    assert not AccessRecord.objects.exists()
    assert services.opened(inspector, reason="核对回避情况", by=auditor, at=AT)[0].uscc == FIRM
    look = AccessRecord.objects.get()
    assert (look.officer, look.subject, look.part) == (auditor, "inspector", "interests")


def test_nobody_ends_somebody_else_s_tie(inspector):
    made = declared(inspector)
    other = desk.officer("other", inspector.organisation, Role.INSPECTOR)
    with pytest.raises(Forbidden):
        services.end(made, last_day=date(2026, 11, 1), reason="替他终止", by=other, at=AT)
