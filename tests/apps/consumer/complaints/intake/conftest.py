"""Units that receive, and a register with three shops."""

import shutil

import pytest


@pytest.fixture(scope="session")
def built_shops(tmp_path_factory):
    """A home with lake and register, built once."""
    from tests.portal.pages import town
    from zhijian.infrastructure.home import Home

    folder = Home(tmp_path_factory.mktemp("shops"))
    town.serve(folder)
    return folder.root


@pytest.fixture
def shops(home, built_shops):
    """The register alone, served; needs no database."""
    shutil.copytree(built_shops, home.root, dirs_exist_ok=True)
    return home


@pytest.fixture
def units(db):
    """A province, a city and a county that receive; all invented."""
    from zhijian.security.models import Organisation

    made, parent = {}, None
    for code, name, level in (
        ("440000", "示例省局", "province"),
        ("440100", "示例市局", "city"),
        ("440106", "示例区局", "county"),
    ):
        parent = made[code] = Organisation.objects.create(
            code=f"amr-{code}",
            name=name,
            name_en=f"Example bureau {code}",
            level=level,
            division_code=code,
            parent=parent,
            is_synthetic=True,
        )
    return made
