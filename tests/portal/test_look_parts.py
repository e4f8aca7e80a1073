"""Whatever is written into the chain of looks has words: no auditor and no firm reads a code of the program."""

import ast
import re
from pathlib import Path

from django.utils import translation

from zhijian.portal.components import look_words
from zhijian.security import roles

SOURCE = Path(__file__).parents[2] / "src" / "zhijian"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _written_parts():
    """Every part that the source names where it records a look: plain, by a name of the module, or one of two."""
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        names = {
            target.id: node.value.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func).endswith("record_look")
                and len(node.args) > 2
            ):
                yield from _told(node.args[2], names)


def _told(part, names):
    match part:
        case ast.Constant():
            yield part.value
        case ast.Name() if part.id in names:
            yield names[part.id]
        case ast.IfExp():
            yield from _told(part.body, names)
            yield from _told(part.orelse, names)


def test_every_look_that_is_recorded_has_words_in_both_languages():
    parts = {*_written_parts(), *roles.CHANGES}
    assert {"credit_class", "targeting", "factor_set_up"} < parts
    assert [code for code in sorted(parts) if not CHINESE.search(look_words.part(code))] == []
    with translation.override("en"):
        assert [code for code in sorted(parts) if CHINESE.search(look_words.part(code))] == []
