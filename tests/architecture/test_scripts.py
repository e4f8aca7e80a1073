"""Own scripts set text as text: none writes markup, and none runs what it was given."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "src" / "zhijian"
OWN = sorted(
    path for path in STATIC.rglob("*.js") if "/static/" in path.as_posix() and "vendor" not in path.parts
)
WRITES_MARKUP = re.compile(
    r"\b(innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|setHTMLUnsafe|srcdoc)\b|\bdocument\.write"
)
RUNS_TEXT = re.compile(r"\beval\s*\(|\bnew Function\b|\bset(Timeout|Interval)\s*\(\s*[\"'`]")


def test_the_own_scripts_are_found_and_no_vendored_one_is_among_them():
    names = {path.name for path in OWN}
    assert {"field.js", "modeller.js", "zhijian.js", "cases.js"} <= names
    assert not any(name.startswith(("htmx", "bpmn", "maplibre")) for name in names)


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_an_own_script_writes_no_markup_and_runs_no_text(path):
    lines = path.read_text("utf-8").splitlines()
    found = [
        (number, line.strip()) for number, line in enumerate(lines, 1)
        if WRITES_MARKUP.search(line) or RUNS_TEXT.search(line)
    ]  # fmt: skip
    assert found == [], f"{path.name}: use textContent, createElement or replaceChildren"


@pytest.mark.parametrize(
    "line",
    [
        "a.innerHTML = x",
        'a.insertAdjacentHTML("beforeend", x)',
        "document.write(x)",
        "eval(x)",
        'setTimeout("x()", 1)',
    ],
)
def test_such_a_line_would_be_found(line):
    assert WRITES_MARKUP.search(line) or RUNS_TEXT.search(line)
