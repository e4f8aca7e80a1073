"""The demonstration signs in by password alone, except for one leader who has an app."""

from datetime import UTC, datetime

import pytest

from zhijian.operations.demo import identity
from zhijian.security import factors
from zhijian.security.models import Officer, Organisation
from zhijian.standards import parameters

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)


def test_no_role_needs_a_second_factor_in_the_demonstrations_home_and_the_file_says_so(home):
    environment = {}
    assert identity.sign_in_by_password(home, environment) is True
    assert identity.sign_in_by_password(home, environment) is False
    own = parameters.load("service/second_factor_roles", overlay=home.parameters)
    assert own.on(NOW.date()) == [] and environment == {"ZHIJIAN_PARAMETERS": str(home.parameters)}
    assert identity.sign_in_by_password(home, {"ZHIJIAN_PARAMETERS": "/elsewhere"}) is False


@pytest.mark.django_db
def test_the_leaders_app_is_made_once_and_its_code_opens(home):
    Organisation.objects.create(
        code="amr-440000", name="省局", name_en="Province", level="province", division_code="440000"
    )
    key = identity.leader_with_app(home, at=NOW)
    assert identity.leader_with_app(home, at=NOW) == key
    leader = Officer.objects.get(username=identity.LEADER)
    factors.check(leader, identity.current_code(key, at=NOW), at=NOW)
    assert (home.root / "demo" / "totp.json").stat().st_mode & 0o077 == 0
