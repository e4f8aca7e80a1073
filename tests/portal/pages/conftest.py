"""The town of `town.py`, in a home of its own. The lake and the register are built once and copied."""

import shutil

import pytest


@pytest.fixture(scope="session")
def built_town(tmp_path_factory):
    """A home with lake and register, built once."""
    from tests.portal.pages import town  # Django is not ready when this file is read
    from zhijian.infrastructure.home import Home

    folder = Home(tmp_path_factory.mktemp("town"))
    town.serve(folder)
    return folder.root


@pytest.fixture
def register(home, built_town):
    """The register alone, served; needs no database."""
    from tests.portal.pages import town

    shutil.copytree(built_town, home.root, dirs_exist_ok=True)
    return town


@pytest.fixture
def _quick_passwords(settings):
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher"
    ]  # the usual one is slow by design


@pytest.fixture
def inspected(db, register, _quick_passwords):
    """Register, one published inspection, and a seal; `inspected.result_id` is the inspection's."""
    register.result_id = register.inspect()
    register.seal()
    return register


@pytest.fixture
def settled(db, register, _quick_passwords):
    """Register, one published inspection, a finished draw, and a seal."""
    register.result_id = register.inspect()
    register.draw()
    register.seal()
    return register
