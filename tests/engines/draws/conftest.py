"""Honest files to cheat with, made once per run of the suite; and a browser page that holds the verifier."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

STATIC = Path(__file__).parents[3] / "src" / "zhijian" / "portal" / "static" / "zhijian"
_cache: dict[str, Any] = {}


class _Undone(Exception):
    """Ends a world that did not happen."""


def _history(folder: Path, plan: Any, frame: Any) -> tuple[bytes, bytes, bytes]:
    """Run one whole ceremony, return its files and the ledger, and undo it."""
    from django.db import transaction

    from tests.engines.draws import ceremony
    from zhijian.engines.draws import ledger

    found: list[bytes] = []
    try:
        with transaction.atomic():
            counts = {d: sum(o.division == d for o in frame) for d in ceremony.DIVISIONS}
            draw, path = ceremony.published(plan, frame, register_counts=counts)
            found.append(path.read_bytes())
            found.append(ceremony.with_outcomes(draw).read_bytes())
            ledger.write()
            found.append((folder / "draws" / "ledger.json").read_bytes())
            raise _Undone
    except _Undone:
        return found[0], found[1], found[2]


@pytest.fixture
def honest(db: None, home: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The honest files of cheats.Honest (Django has to be up before they are imported)."""
    from tests.engines.draws import ceremony
    from tests.engines.draws.cheats import Honest

    if "all" not in _cache:
        folder, frame = home.published, ceremony.objects()
        _, salted, salted_ledger = _history(folder, ceremony.a_plan(), frame)
        _, open_file, open_ledger = _history(folder, ceremony.open_plan(), ceremony.objects(rates=("R1",)))
        worlds = {
            "dropped": _history(folder, ceremony.a_plan(), frame[1:])[1],
            "added": _history(folder, ceremony.a_plan(), [*frame, *ceremony.objects(61)[60:]])[1],
        }
        monkeypatch.setitem(ceremony.NONCES, "chamber", "33" * 32)
        worlds["rerun"] = _history(folder, ceremony.a_plan(), frame)[1]
        _cache["all"] = Honest(salted, open_file, salted_ledger, open_ledger, worlds)
    return _cache["all"]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: Any) -> None:
        return


@contextmanager
def serving() -> Iterator[str]:
    """Serve the verifier's folder on a free port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(STATIC)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="session")
def verifier_page(chromium: Any) -> Iterator[Any]:
    """A page in which `verifyDraw` and `explain` are loaded; the server is gone by the time they run."""
    page = chromium.new_page()
    with serving() as address:
        page.goto(f"{address}/verify-draw.js")
        page.evaluate("async () => { Object.assign(window, await import('/verify-draw.js')) }")
    yield page
    page.close()
