"""A station, its county and the people there."""

import pytest


def unit(code, level, division, parent=None):
    from zhijian.security.models import Organisation

    return Organisation.objects.create(
        code=code, name=f"{code}（合成）", name_en=code, level=level, division_code=division, parent=parent, is_synthetic=True
    )  # fmt: skip


@pytest.fixture
def county(db):
    return unit("county", "county", "440106", unit("city", "city", "440100"))


@pytest.fixture
def station(county):
    return unit("station", "station", "440106001", county)


@pytest.fixture
def other_station(county):
    return unit("other", "station", "440106002", county)


@pytest.fixture
def officer(db, settings):
    from zhijian.security.models import Officer

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

    def made(name, organisation, *roles, **more):
        return Officer.objects.create_user(
            name, organisation=organisation, roles=list(roles), display_name=name, is_synthetic=True, **more
        )

    return made


@pytest.fixture
def handler(officer, station):
    return officer("handler", station, "handler")


@pytest.fixture
def leader(officer, station):
    return officer("leader", station, "leader")


@pytest.fixture
def county_leader(officer, county):
    return officer("county_leader", county, "leader")
