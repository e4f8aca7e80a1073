"""Who may do what is anchored at each seal: an account changed in the database, and by no administrator, is named."""

from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner
from django.db.models import QuerySet

from zhijian.engines.facts import accounts_agreement, accounts_kept, seals
from zhijian.engines.facts.models import Fact
from zhijian.operations import cli
from zhijian.operations.commands import audit as audit_verbs
from zhijian.operations.commands import facts as facts_verbs
from zhijian.security import accounts, areas, roles
from zhijian.security.audit import record_look
from zhijian.security.models import Level, Officer, Organisation, Role

pytestmark = [pytest.mark.database, pytest.mark.django_db]

AT = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 2, 16, 10, tzinfo=UTC)


@pytest.fixture
def people(db):
    unit = Organisation.objects.create(
        code="u", name="示例省局", name_en="Sample", level=Level.PROVINCE, division_code="440000"
    )
    make = Officer.objects.create_user
    steward = make("steward", roles=[Role.STEWARD], organisation=unit, staff_number="1")
    clerk = make("clerk", roles=[Role.INTAKE], organisation=unit, staff_number="2")
    record_look(steward, "firm-1", "credit_class", at=AT)
    return steward, clerk


def seal(home, nights=0):
    at = NIGHT + timedelta(days=nights)
    return seals.seal_day(date(2026, 11, 2) + timedelta(days=nights), at=at, home=home)


def said():
    return list(accounts_kept.differences())


def test_what_administrators_changed_is_no_difference_before_and_after_a_seal(people, home):
    steward, clerk = people
    seal(home)
    roles.change(clerk, Role.HANDLER, is_giving=True, reason="轮岗", by=steward, at=NIGHT)
    areas.limit(clerk, "440106", reason="派驻", by=steward, at=NIGHT)
    accounts.set_staff_number(clerk, "22", reason="更正", by=steward, at=NIGHT)
    accounts.close(clerk, reason="离职", by=steward, at=NIGHT)
    accounts.enter(
        "newcomer", clerk.organisation, name="示例", name_en="Sample", staff_number="3", reason="新来", by=steward, at=NIGHT
    )  # fmt: skip
    assert said() == []
    seal(home, 1)
    assert said() == [] and Fact.objects.filter(kind="accounts.kept").count() == 2
    seal(home, 2)
    assert Fact.objects.filter(kind="accounts.kept").count() == 2  # nothing changed: no further anchor


@pytest.mark.parametrize(
    ("edit", "what"),
    [
        ({"roles": ["intake", "auditor"]}, "roles"),
        ({"division_code": "440106"}, "area"),
        ({"staff_number": "1"}, "number"),
        ({"is_active": False}, "open"),
        ({"organisation": None}, "unit"),
        ({"username": "other"}, "name"),
    ],
)
def test_what_was_changed_in_the_database_is_named_and_stays_named_after_the_next_seals(
    people, home, edit, what
):
    _, clerk = people
    seal(home)
    Officer.objects.filter(pk=clerk.pk).update(**edit)
    assert said() == [(str(clerk.pk), what)]
    seal(home, 1)
    seal(home, 2)
    assert said() == [(str(clerk.pk), what)]
    (finding,) = accounts_agreement.findings()
    assert finding.where == f"account/{clerk.pk}"


def test_a_change_by_hand_is_not_covered_by_a_look_of_another_kind_or_of_another_account(people, home):
    steward, clerk = people
    seal(home)
    areas.limit(clerk, "440106", reason="派驻", by=steward, at=NIGHT)
    record_look(clerk, f"account/{steward.pk}", "role_given", at=NIGHT)
    Officer.objects.filter(pk=clerk.pk).update(roles=["auditor"])
    assert said() == [(str(clerk.pk), "roles")]


def test_an_account_that_nobody_entered_and_one_that_was_deleted_are_named(people, home):
    _, clerk = people
    seal(home)
    slipped_in = Officer.objects.create_user("ghost", roles=["auditor"], organisation=clerk.organisation)
    QuerySet(Officer).filter(pk=clerk.pk).delete()
    assert set(said()) == {(str(slipped_in.pk), "new"), (str(clerk.pk), "gone")}
    Officer.objects.filter(pk=slipped_in.pk).update(is_synthetic=True)
    assert (str(slipped_in.pk), "new") in said()  # a demonstration has no account that is not made up


def test_accounts_of_a_mere_demonstration_appear_without_a_look(people, home):
    _, clerk = people
    Officer.objects.update(is_synthetic=True)
    seal(home)
    Officer.objects.create_user(
        "later", roles=["handler"], organisation=clerk.organisation, is_synthetic=True
    )
    assert said() == []
    seal(home, 1)
    assert said() == []


def test_both_verbs_name_the_account_and_fail(people, home, monkeypatch):
    _, clerk = people
    seal(home)
    monkeypatch.setattr(facts_verbs, "_prepare", lambda: None)
    monkeypatch.setattr(cli, "prepare_django", lambda: None)
    verbs = (facts_verbs.verify, audit_verbs.verify)
    assert [CliRunner().invoke(verb, []).exit_code for verb in verbs] == [0, 0]
    Officer.objects.filter(pk=clerk.pk).update(roles=["auditor"])
    for verb in verbs:
        done = CliRunner().invoke(verb, [])
        assert done.exit_code == 1 and f"Account {clerk.pk} was changed in the database" in done.output
