"""Who acts does not oversee the act, who decides does not pay, who draws does not keep the roster."""

from datetime import UTC, datetime
from itertools import combinations

import pytest

from zhijian.engines.registers.declared import registry
from zhijian.security import emergency
from zhijian.security.access_matrix import sample
from zhijian.security.emergency import EmergencyRefused
from zhijian.security.models import Officer, Role
from zhijian.security.permissions import may
from zhijian.security.role_rules import RIGHTS_APART, RolesDoNotGoTogether, check_together

ROSTERS = ("inspectors", "inspection_objects")


def goes_together(one, other):
    try:
        check_together([one], other)
    except RolesDoNotGoTogether:
        return False
    return True


PAIRS = [pair for pair in combinations(Role.values, 2) if goes_together(*pair)] + [
    (one, one) for one in Role.values
]


def holding(roles):
    return Officer(username="who", roles=list(roles), organisation=sample(Role.INSPECTOR).organisation)


@pytest.mark.parametrize(("one", "other"), RIGHTS_APART)
def test_no_roles_that_go_together_hold_two_rights_that_are_apart(one, other):
    both = [pair for pair in PAIRS if may(holding(pair), one) and may(holding(pair), other)]
    assert both == []


def test_each_right_that_is_apart_is_somebodys():
    for pair in RIGHTS_APART:
        for right in pair:
            assert any(may(holding([role]), right) for role in Role.values), right


def test_whoever_draws_keeps_no_roster_of_inspectors_and_no_directory_of_objects():
    drawers = [pair for pair in PAIRS if Role.DRAWER in pair]
    kept = [register for register in registry.every() if register.name in ROSTERS]
    assert [one.name for one in kept] and drawers
    for register in kept:
        assert [pair for pair in drawers if set(pair) & set(register.keepers)] == [], register.name


def test_the_table_refuses_both_ways():
    for one, other in combinations(Role.values, 2):
        assert goes_together(one, other) == goes_together(other, one), (one, other)


@pytest.mark.django_db
def test_an_emergency_opens_no_role_that_never_goes_with_a_held_one():
    leader = Officer.objects.create_user("leader", roles=[Role.LEADER], organisation=saved_unit())
    with pytest.raises(EmergencyRefused, match="does not keep the rosters"):
        emergency.ask(leader, Role.DRAWER, reason="抽签人员不在", at=datetime(2026, 11, 2, tzinfo=UTC))


def saved_unit():
    unit = sample(Role.LEADER).organisation
    unit.save()
    return unit
