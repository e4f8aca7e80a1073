"""Each setting stands in one place, `KNOWN_KEYS`, from which docs/settings.md is made; nothing reads or names another."""

import re
from itertools import chain
from pathlib import Path

import pytest

from zhijian.infrastructure.configuration import ENVIRONMENT_ONLY, KNOWN_KEYS, SOURCE_PREFIX

ROOT = Path(__file__).parents[2]
KINDS = {".py", ".md", ".yaml", ".conf", ".service", ".timer", ".sh", ".html", ".po"}
GENERATED = ROOT / "docs" / "settings.md"
CONFIGURATION = ROOT / "src/zhijian/infrastructure/configuration.py"
_NAME = re.compile(r"\bZHIJIAN_[A-Z]+(?:_[A-Z]+)*")


def texts():
    folders = (ROOT / name for name in ("src/zhijian", "scripts", "benchmarks", "deploy", "docs"))
    found = chain(
        ROOT.glob("*.md"), [ROOT / "Makefile"], chain.from_iterable(one.rglob("*") for one in folders)
    )
    for path in found:
        if path.is_file() and (path.suffix in KINDS or path.name in {"Makefile", "Containerfile"}):
            yield path, path.read_text("utf-8")


def test_no_code_and_no_page_names_a_setting_that_does_not_exist():
    unknown = {
        f"{path.relative_to(ROOT)}: {name}"
        for path, text in texts()
        for name in _NAME.findall(text)
        if name not in KNOWN_KEYS
        and not name.startswith(SOURCE_PREFIX.rstrip("_"))
        and f"{name}_" not in text  # the beginning of names that are put together
    }
    assert unknown == set()


@pytest.mark.parametrize("key", KNOWN_KEYS)
def test_each_setting_is_read_by_something(key):
    named = f'"{key}"'
    readers = [path for path, text in texts() if path.suffix == ".py" and named in text]
    in_configuration = CONFIGURATION.read_text("utf-8").count(named) > 1 + (key in ENVIRONMENT_ONLY)
    is_notice = re.fullmatch(r"ZHIJIAN_NOTICE_\w+_URL", key)  # named by its way: sms, yss, yst
    is_of_tests = key == "ZHIJIAN_TEST_DATABASE"
    assert in_configuration or is_notice or is_of_tests or len(readers) > 1


def test_a_reader_finds_every_setting_on_one_page():
    listed = set(re.findall(r"^\| `(ZHIJIAN_[A-Z_]+)` \|", GENERATED.read_text("utf-8"), re.MULTILINE))
    assert listed == KNOWN_KEYS.keys()
