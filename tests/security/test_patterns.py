"""No word that somebody typed enters a regular expression unescaped: every pattern that is put together is on this list."""

import ast
from pathlib import Path

import zhijian

ROOT = Path(zhijian.__file__).parent
FUNCTIONS = {"compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
PUT_TOGETHER = {  # file: the names that patterns are made of, each from the program's own constants and files
    "apps/consumer/complaints/hotline.py": {"pattern"},  # of the constant table _CLAIMS
    "apps/consumer/contracts/screening/engine.py": {
        "own",
        "other",
        "letter",
    },  # of the rulebook; 甲方, 乙方, 丙方
    "apps/consumer/contracts/screening/rulebook.py": {"ordered", "one", "part"},  # its words, each escaped
    "datazone/linkage/parsing.py": {
        "characters",
        "_one_syllable",
        "s",
        "len",
        "sorted",
    },  # syllables of pinyin
    "engines/draws/verifier.py": {
        "shape",
        "CODE",
        "DAY",
        "HASH",
        "NONCE",
        "TIME",
    },  # constants; escaped sign by sign
    "engines/facts/quick.py": {"text"},  # of the schemas of kinds of facts, which come with the program
    "operations/locks.py": {"pattern"},  # of the constant table _IN_SQL
    "infrastructure/database_proof.py": {"one"},  # of the enumeration Fault, whose values are the patterns
}


def put_together(tree):
    """Yield each pattern that is no constant, with the names of which it is made; constants of the module count as written."""
    written = {target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets if isinstance(target, ast.Name)
               and all(not isinstance(part, ast.Call) for part in ast.walk(node.value))}  # fmt: skip
    for node in ast.walk(tree):
        if not (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in FUNCTIONS
        ):
            continue
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re"):
            continue
        pattern = (
            node.args[0] if node.args else next(one.value for one in node.keywords if one.arg == "pattern")
        )
        names = {
            part.id for part in _unescaped(pattern) if isinstance(part, ast.Name) and part.id not in written
        }
        if names:
            yield node.lineno, names


def _unescaped(node):
    """Walk an expression without what `re.escape` was given."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.escape":
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _unescaped(child)


def test_every_pattern_that_is_put_together_is_made_of_what_the_program_brings():
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        names = {name for _, made_of in put_together(tree) for name in made_of}
        if names := names - _imported_constants(tree):
            found[str(path.relative_to(ROOT))] = names
    assert found == PUT_TOGETHER


def _imported_constants(tree):
    return {
        alias.asname or alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
        for alias in node.names if (alias.asname or alias.name).isupper()
    }  # fmt: skip


def test_the_sweep_sees_a_typed_word_and_lets_an_escaped_one_pass():
    seen = "import re\nSHAPE = 'a'\ndef look(word):\n    re.search(f'^{word}', 'x')\n    re.search(SHAPE, word)\n    re.search('^' + re.escape(word), 'x')\n"
    assert list(put_together(ast.parse(seen))) == [(4, {"word"})]


def test_patterns_come_in_by_no_other_way():
    for path in ROOT.rglob("*.py"):
        text = path.read_text("utf-8")
        assert "from re import" not in text and "import regex" not in text, path
        assert "__regex=" not in text and "__iregex=" not in text, path  # the database's own patterns
    for path in ROOT.rglob("*.js"):
        if "vendor" not in path.parts:
            assert "new RegExp(" not in path.read_text("utf-8"), path
