"""What every test may ask for: a home of its own, and on demand a PostgreSQL server of the suite's own."""

import csv
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

# No test asserts how long something takes, on a busy machine least of all.
hypothesis.settings.register_profile(
    "suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("suite")

# The suite writes nothing under ./var: each worker process has a home of its own, made before Django starts.
_suite_home = Path(tempfile.mkdtemp(prefix="zhijian-tests-"))
os.environ["ZHIJIAN_HOME"] = str(_suite_home)
os.environ["DJANGO_SETTINGS_MODULE"] = "zhijian.infrastructure.settings"
os.environ.setdefault(
    "DJANGO_ALLOW_ASYNC_UNSAFE", "true"
)  # Playwright keeps an event loop in the test's thread

_starts_server = (
    os.environ.get("ZHIJIAN_TEST_DATABASE", "sqlite") == "postgresql"
    and "PYTEST_XDIST_WORKER" not in os.environ
)
if _starts_server:  # parallel workers share the first process's server, each with a database of its own
    from tests.postgresql import start_server

    os.environ["ZHIJIAN_DATABASE_URL"] = start_server(_suite_home / "postgresql")

from django.conf import settings as _django_settings  # noqa: E402

from tests import tables  # noqa: E402

assert (
    _django_settings.configured or _django_settings.SECRET_KEY
)  # read them now, after the environment is made


_makes_tables: list[subprocess.Popen[bytes]] = []


def pytest_configure(config: pytest.Config) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ and config.getoption("numprocesses", None):
        _makes_tables.append(tables.begin(_suite_home))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where only tests of the database are asked for, do not read the files that have none."""
    wanted = str(config.getoption("markexpr", "")).split(" ")[0]
    if wanted != "database" or not collection_path.match("test_*.py"):
        return None
    return True if "mark.database" not in collection_path.read_text("utf-8") else None


def pytest_unconfigure(config: pytest.Config) -> None:
    for process in _makes_tables:
        process.kill()
        process.wait()
    if _starts_server:
        from tests.postgresql import stop_server

        stop_server(_suite_home / "postgresql")
    shutil.rmtree(_suite_home, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest) -> bool:
    """Take the copy of the tables that lies ready, where there is one; it goes with the suite's home."""
    return tables.are_made() or bool(request.config.getvalue("reuse_db"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    from django.db import connection

    if tables.are_made():
        tables.lend(connection.settings_dict)


@pytest.fixture
def empty_tables(db: None, tmp_path: Path) -> Path:
    """A SQLite file with the tables of every system, for what runs in a process apart and need not make them."""
    from django.db import connection

    file = tmp_path / "tables.sqlite3"
    file.write_bytes(connection.connection.serialize())
    return file


@pytest.fixture
def home(tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """An empty home for one test, seen by both the environment and Django's settings."""
    from zhijian.infrastructure.home import Home

    folder = Home(tmp_path / "home")
    folder.root.mkdir()
    monkeypatch.setenv("ZHIJIAN_HOME", str(folder.root))
    settings.HOME = folder  # type: ignore[attr-defined]
    settings.MEDIA_ROOT = folder.media  # type: ignore[attr-defined]
    return folder


@pytest.fixture(autouse=True)
def _plain_and_quick(settings: object) -> None:
    """Serve static files from the source, for no manifest has been collected; hash passwords at once, not slowly."""
    hashers = "django.contrib.auth.hashers"
    settings.PASSWORD_HASHERS = [f"{hashers}.MD5PasswordHasher", f"{hashers}.PBKDF2PasswordHasher"]  # type: ignore[attr-defined]
    settings.STORAGES = {  # type: ignore[attr-defined]
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def usual_csv_limit() -> Iterator[None]:
    """The longest field of a CSV as Python has it at the start; a library of the data zone lifts it for its process."""
    before = csv.field_size_limit(131_072)
    yield
    csv.field_size_limit(before)


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """Debian's Chromium, driven by Playwright. Missing under CI is a failure, elsewhere a skip."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        message = "Chromium is not installed (Debian: apt-get install chromium fonts-wqy-zenhei)."
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
        )
        yield browser
        browser.close()


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a command and return what it printed; used by tests of the command line."""
    return subprocess.run(arguments, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload,no-any-return]
