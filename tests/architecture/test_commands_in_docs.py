"""Each command that a page, an alert or a unit tells people to run exists, with the options that it names."""

import re
import shlex
from pathlib import Path

import click
import pytest

from zhijian.operations.cli import zhijian

ROOT = Path(__file__).parents[2]
OLD = ("docs/decisions/", "docs/benchmarks.md", "CHANGELOG.md")  # what was true on their day
PAGES = [
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*"))
    if path.is_file() and not str(path.relative_to(ROOT)).startswith(OLD)
]
_CODE = re.compile(r"```.*?```|^ {4}.*$|`[^`\n]+`", re.DOTALL | re.MULTILINE)
_PART = re.compile(r"&&|;|\||  +|#|`|\n")  # what ends a command, or sets a remark apart from it
_CALL = re.compile(r"(?:^|[\s('])(?:\S+/bin/)?zhijian ([a-z][a-z-]*\b(?: .*)?)")
_OTHERS = ("systemctl", "useradd", "git", "install", "make", "podman", "helm", "chown", "env_file")


def told(path):
    """The commands of a page: of prose only what is set as code."""
    text = path.read_text("utf-8").replace("\\\n", " ")
    parts = _CODE.findall(text) if path.suffix == ".md" else [text]
    lines = [line.strip() for part in parts for line in _PART.split(part)]
    calls = (_CALL.search(line) for line in lines if not line.startswith(_OTHERS))
    return [call[1].strip("'.,") for call in calls if call]


def verb_of(words):
    """Walk from the command line's head to its verb; return it with the words that are left."""
    command: click.Command = zhijian
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        if command.name == "link" and words[0] not in command.commands:
            words = ["file", *words]  # the one verb that may begin with its file
        _name, found, words = command.resolve_command(click.Context(command), words)
        assert found is not None
        command = found
    return command, words


@pytest.mark.parametrize("path", [one for one in PAGES if told(one)], ids=lambda path: path.name)
def test_each_command_that_is_told_exists_with_its_options(path):
    for line in told(path):
        command, words = verb_of(shlex.split(line))
        known = {option for one in command.params for option in (*one.opts, *one.secondary_opts)} | {"--help"}
        named = {word.split("=")[0] for word in words if word.startswith("--")}
        assert named <= known, f"{line}: {named - known}"
