"""The promises of the house that no single module can keep alone."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

SOURCE = Path(__file__).resolve().parents[2] / "src" / "zhijian"
ROOT = SOURCE.parents[1]
PARAMETERS = sorted((SOURCE / "standards" / "parameters").rglob("*.yaml"))
RULES = sorted(SOURCE.glob("apps/**/rules.py"))
NOT_LAW = {"state_after", "light"}  # how we show a case, not what the law says about it
SERVICES = sorted(SOURCE.glob("apps/**/services.py")) + sorted(SOURCE.glob("engines/*/services.py"))


def functions(path):
    return [n for n in ast.parse(path.read_text("utf-8")).body if isinstance(n, ast.FunctionDef)]


def names(nodes):
    return {getattr(n, "id", getattr(n, "attr", getattr(getattr(n, "func", None), "id", ""))) for n in nodes}


@pytest.mark.parametrize("path", PARAMETERS, ids=lambda p: p.stem)
def test_every_parameter_has_a_label_a_unit_and_a_source_for_each_value(path):
    content = yaml.safe_load(path.read_text("utf-8"))
    assert content["label"]
    assert content["unit"]
    assert content["values"]
    for entry in content["values"]:
        assert entry["source"], f"{path}: the value from {entry['from']} names no source"


@pytest.mark.parametrize("path", RULES, ids=str)
def test_every_public_rule_cites_its_article(path):
    public = [f for f in functions(path) if not f.name.startswith("_") and f.name not in NOT_LAW]
    assert public
    uncited = [f.name for f in public if "rule" not in names(f.decorator_list)]
    assert uncited == []


@pytest.mark.parametrize("path", RULES, ids=str)
def test_no_rule_asks_the_clock(path):
    text = path.read_text("utf-8")
    assert not re.search(r"\b(now|today|utcnow)\(", text)


@pytest.mark.parametrize("path", SERVICES, ids=lambda p: "/".join(p.parts[-3:]))
def test_every_service_that_writes_takes_who_and_when(path):
    """A public verb of a service takes `by` and `at`; a seal is nobody's act and lies in `seals`."""
    writing = [
        f
        for f in functions(path)
        if not f.name.startswith("_") and re.search(r"\.(save|create|bulk_create)\(|record\(", ast.unparse(f))
    ]
    for function in writing:
        arguments = {a.arg for a in [*function.args.args, *function.args.kwonlyargs]}
        assert {"by", "at"} <= arguments, f"{path.name}: {function.name} does not take who and when"


def test_only_the_clock_of_the_edge_is_asked_for_the_time():
    """Pages and commands read the clock; rules, services, engines and the data zone take it as an argument."""
    edge = r"(pages|api|measures/answering|views/\w+|context|middleware|infrastructure/clock)\.py$"
    allowed = re.compile(rf"{edge}|operations/|portal/")
    asking = [
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if re.search(r"datetime\.now\(|timezone\.now\(|date\.today\(", path.read_text("utf-8"))
        and not allowed.search(path.relative_to(SOURCE).as_posix())
    ]
    assert asking == []


def test_no_template_carries_inline_style_or_script():
    bad = [
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.html")
        if re.search(
            r"\sstyle=|<style|\son\w+=\"|<script(?![^>]*\bsrc=)(?![^>]*application/json)",
            path.read_text("utf-8"),
        )
    ]
    assert bad == []


def test_every_visible_message_has_its_english():
    result = subprocess.run(
        [sys.executable, ROOT / "scripts" / "messages.py", "--missing"], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout[-4000:]


def test_the_compiled_catalogue_is_the_written_one():
    from babel.messages.mofile import read_mo
    from babel.messages.pofile import read_po

    folder = SOURCE / "portal" / "locale" / "en" / "LC_MESSAGES"
    with (folder / "django.po").open("rb") as po, (folder / "django.mo").open("rb") as mo:
        written, compiled = read_po(po, locale="en"), read_mo(mo)
    for message in written:
        if message.id and message.string:
            assert compiled.get(message.id).string == message.string


def test_nothing_names_a_machine_or_a_workplace():
    pattern = re.compile(
        r"/work/(main|shared|steering|\.library)|\.\./shared|/opt/pypi|registry\.npmjs|pypi\.org/simple"
    )
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.split()
    bad = []
    for name in tracked:
        path = ROOT / name
        if path == Path(__file__) or not path.is_file() or path.stat().st_size > 2_000_000:
            continue
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        if pattern.search(text):
            bad.append(name)
    assert bad == []


def test_no_page_reads_a_number_that_somebody_sent_without_a_bound():
    """`int` refuses thousands of digits with an error that nobody catches; `whole_number` says that it is no number."""
    unbounded = re.compile(
        r"int\(([\w.\[\]\"]+)\)(?:\)\.first\(\))?(?:, \w+=\w+\)\.first\(\))? if \1\.is(?:decimal|digit)\(\)(?! and len\()"
    )
    assert unbounded.search("pk=int(number) if number.isdecimal() else 0")
    found = [
        f"{path.relative_to(SOURCE)}: {line.strip()}"
        for path in [*SOURCE.glob("portal/**/*.py"), *SOURCE.glob("apps/**/*pages.py")]
        for line in path.read_text("utf-8").splitlines()
        if unbounded.search(line)
    ]
    assert found == []


COUNTS_DAYS = {
    "add_working_days",
    "next_working_day",
    "working_days_before",
    "working_days_between",
    "is_working_day",
}


def test_a_term_that_ends_in_a_year_without_a_notice_of_holidays_is_counted_and_never_an_error():
    """Until the notice comes the fixed holidays and weekends count; the operations page says that it lacks."""
    found = [
        f"{path.relative_to(SOURCE)}:{call.lineno}"
        for part in ("apps", "engines", "portal", "operations/demo")
        for path in sorted((SOURCE / part).rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and getattr(call.func, "attr", getattr(call.func, "id", "")) in COUNTS_DAYS
        and "provisional" not in {word.arg for word in call.keywords}
    ]
    assert found == []


def test_every_runtime_dependency_is_explained_with_its_licence():
    explained = (ROOT / "docs" / "dependencies.md").read_text("utf-8").lower()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    requirements = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    declared = [re.match(r"[a-zA-Z0-9_-]+", requirement).group() for requirement in requirements]
    missing = [name for name in declared if f"| {name.lower()} |" not in explained]
    assert missing == []


def test_the_generated_documents_are_those_of_the_code():
    script = ROOT / "scripts" / "generated_docs.py"
    result = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr[-2000:]
