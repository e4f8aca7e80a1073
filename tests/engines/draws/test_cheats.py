"""Ten kinds of cheating, each caught by both verifiers with a message that names the line."""

import base64
import random
from pathlib import Path

import pytest

from tests.engines.draws import ceremony
from tests.engines.draws.cheats import CHEATS, Forgery, Honest, records_of, sealed
from tests.engines.draws.conftest import STATIC
from zhijian.engines.draws import verifier

pytestmark = [pytest.mark.django_db]


def _check(found, name):
    return next(check for check in found["checks"] if check["id"] == name)


def _in_browser(page, file, ledger=None):
    return page.evaluate(
        """async ([file, ledger]) => {
            const bytes = (text) => text && Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
            return await verifyDraw(bytes(file), { ledgerText: bytes(ledger) });
        }""",
        [base64.b64encode(file).decode(), ledger and base64.b64encode(ledger).decode()],
    )


def _assert_caught(found, forgery: Forgery):
    assert not found["ok"]
    check = _check(found, forgery.check)
    assert not check["ok"], found["checks"]
    assert check["line"] == forgery.line, (check, forgery.line)
    assert check["message_zh"].startswith(f"第{forgery.line:,}行：")
    assert check["message_en"].startswith(f"Line {forgery.line:,}: ")


def _agree(one, two):
    fields = ("id", "ok", "line")
    assert [[c[f] for f in fields] for c in one["checks"]] == [[c[f] for f in fields] for c in two["checks"]]
    assert one["ok"] == two["ok"]
    assert one["objects"] == two["objects"]


@pytest.mark.parametrize("cheat", CHEATS, ids=lambda cheat: cheat.__name__)
def test_a_cheat_is_caught_in_python_and_its_line_named(honest: Honest, cheat):
    for forgery in cheat(honest):
        _assert_caught(verifier.verify(forgery.file, forgery.ledger), forgery)


@pytest.mark.browser
@pytest.mark.parametrize("cheat", CHEATS, ids=lambda cheat: cheat.__name__)
def test_a_cheat_is_caught_in_the_browser_and_its_line_named(honest: Honest, verifier_page, cheat):
    for forgery in cheat(honest):
        found = _in_browser(verifier_page, forgery.file, forgery.ledger)
        _assert_caught(found, forgery)
        _agree(found, verifier.verify(forgery.file, forgery.ledger))


def test_an_honest_file_passes_with_and_without_the_kept_ledger(honest: Honest):
    for file, ledger in ((honest.salted, honest.salted_ledger), (honest.open, honest.open_ledger)):
        assert verifier.verify(file)["ok"], verifier.verify(file)["checks"]
        assert verifier.verify(file, ledger)["ok"], verifier.verify(file, ledger)["checks"]


@pytest.mark.browser
def test_the_browser_agrees_on_honest_files_object_by_object(honest: Honest, verifier_page):
    for file, ledger in ((honest.salted, honest.salted_ledger), (honest.open, honest.open_ledger)):
        found = _in_browser(verifier_page, file, ledger)
        assert found["ok"], found["checks"]
        _agree(found, verifier.verify(file, ledger))


@pytest.mark.browser
def test_the_browser_agrees_on_objects_that_have_a_number_and_no_credit_code(home, verifier_page):
    for plan in (ceremony.a_plan(plan_id="L1"), ceremony.open_plan(plan_id="L2")):
        draw, _ = ceremony.published(plan, ceremony.library_objects(plan))
        file = ceremony.with_outcomes(draw).read_bytes()
        found = _in_browser(verifier_page, file)
        assert found["ok"], found["checks"]
        _agree(found, verifier.verify(file))


def _changes(file: bytes, count: int):
    chance = random.Random(20261116)
    for _ in range(count):
        at = chance.randrange(len(file))
        yield at, (file[at] + chance.randrange(1, 256)) % 256


def test_any_change_of_one_byte_is_refused_in_python(honest: Honest):
    for file in (honest.salted, honest.open):
        for at, byte in _changes(file, 250):
            changed = file[:at] + bytes([byte]) + file[at + 1 :]
            assert not verifier.verify(changed)["ok"], (at, byte)


@pytest.mark.browser
def test_any_change_of_one_byte_is_refused_in_the_browser(honest: Honest, verifier_page):
    survivors = verifier_page.evaluate(
        """async ([file, changes]) => {
            const honest = Uint8Array.from(atob(file), (sign) => sign.charCodeAt(0)), passed = [];
            for (const [at, byte] of changes) {
                const changed = honest.slice();
                changed[at] = byte;
                if ((await verifyDraw(changed)).ok) passed.push([at, byte]);
            }
            return passed;
        }""",
        [base64.b64encode(honest.salted).decode(), list(_changes(honest.salted, 150))],
    )
    assert survivors == []


@pytest.mark.parametrize(
    ("broken", "line"),
    [(b"", 1), (b"PK\x03\x04 not json", 1), (b"{}", 1), (b"\xff\xfe", 1)],
    ids=["empty", "zip", "json", "utf16"],
)
def test_what_is_no_draw_file_is_called_unreadable(broken, line):
    found = verifier.verify(broken)
    assert found["unreadable"] and not found["ok"]
    assert _check(found, "file")["line"] == line


def test_a_truncated_file_says_where_it_stops(honest: Honest):
    cut = honest.salted[: len(honest.salted) // 2]
    found = verifier.verify(cut)
    assert found["unreadable"]
    assert _check(found, "file")["line"] == cut.count(b"\n") + 1


def test_a_changed_copy_of_the_ledger_is_not_trusted(honest: Honest):
    changed = honest.salted_ledger.replace(b"2026-11-17", b"2026-11-18", 1)
    found = verifier.verify(honest.salted, changed)
    assert not found["ok"]
    assert "总账副本" in _check(found, "ledger")["message_zh"]


def test_the_public_file_of_a_salted_draw_names_no_object_before_results(honest: Honest):
    kinds = {record["kind"] for record in records_of(honest.salted)}
    assert kinds == {"event", "object", "inspector", "drawn", "reserve", "slot", "result"}
    for record in records_of(honest.salted):
        if record["kind"] != "result":
            assert "示例企业" not in str(record) and "91440101MA" not in str(record)


def test_each_verifier_has_under_320_lines_and_shares_none():
    python = Path(verifier.__file__).read_text("utf-8")
    script = (STATIC / "verify-draw.js").read_text("utf-8")
    assert python.count("\n") < 320
    assert script.count("\n") < 320
    assert "import " not in script and "fetch" not in script and "XMLHttpRequest" not in script
    assert "zhijian.engines" not in python


def test_a_leaf_that_is_no_hash_is_refused(honest: Honest):
    records = records_of(honest.salted)
    at = max(index for index, record in enumerate(records) if record["kind"] == "object")
    records[at]["leaf"] = "z" * 64
    found = verifier.verify(sealed(records))
    assert _check(found, "roster")["line"] == at + 2


@pytest.mark.browser
def test_the_module_also_works_as_a_worker_and_reports_progress(honest: Honest, chromium):
    from tests.engines.draws.conftest import serving

    page = chromium.new_page()
    with serving() as address:
        page.goto(f"{address}/verify-draw.js")
        found, stages = page.evaluate(
            """async (file) => await new Promise((resolve, reject) => {
                const worker = new Worker("/verify-draw.js", { type: "module" }), stages = [];
                worker.onerror = (why) => reject(why.message);
                worker.onmessage = ({ data }) => (data.progress ? stages.push(data.progress.stage) : resolve([data.found, stages]));
                worker.postMessage({ file });
            })""",
            honest.salted.decode(),
        )
    page.close()
    assert found["ok"]
    assert stages[-1] == "kept" and "sample" in stages
