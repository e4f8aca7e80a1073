"""The verb ``zhijian draw``: check what was published, without a database or a server."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from zhijian.engines.draws import verifier, why

YES, NO, UNREADABLE = 0, 1, 2
_SIGNS = {True: "✓", False: "✕", None: "–"}  # None: there was nothing to compare with


@click.group()
def command() -> None:
    """Verify random draws from their published files.

    \b
    Example:
      zhijian draw verify draw-2026-0312-1.json --ledger ledger.json
    """


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        click.echo(f"zhijian: {path}: {problem.strerror}", err=True)
        sys.exit(UNREADABLE)


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--ledger", type=click.Path(path_type=Path), help="A copy of ledger.json that you kept.")
@click.option(
    "--why", "opening", type=click.Path(path_type=Path), help="Your opening: say why you were drawn or not."
)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def verify(file: Path, ledger: Path | None, opening: Path | None, as_json: bool) -> None:
    """Re-run a draw and say yes (exit 0), no (1, naming the lines) or unreadable (2).

    The file alone shows a changed line, sample or seed. A second run, or a history rewritten from its start with
    new times, shows only against a ledger that somebody kept: give yours with --ledger.

    \b
    Example:
      zhijian draw verify draw-2026-0312-1.json --ledger ledger.json --why opening.json
    """
    data = _read(file)
    found = verifier.verify(data, _read(ledger) if ledger else None)
    reason = _explanation(data, opening) if opening and not found["unreadable"] else None
    if as_json:
        click.echo(json.dumps(found | {"why": reason and asdict(reason)}, ensure_ascii=False, indent=1))
    else:
        _print(found, reason)
    if found["unreadable"]:
        sys.exit(UNREADABLE)
    sys.exit(YES if found["ok"] and (reason is None or reason.ok) else NO)


def _explanation(data: bytes, path: Path) -> why.Explanation:
    try:
        opening = json.loads(_read(path))
        if not isinstance(opening, dict):
            raise ValueError("it is not a JSON object")
        return why.explain(data, opening)
    except (ValueError, KeyError, TypeError) as problem:
        click.echo(
            f"zhijian: 凭证{path}读不懂：{problem} / the opening {path} is unreadable: {problem}", err=True
        )
        sys.exit(UNREADABLE)


def _print(found: dict[str, Any], reason: why.Explanation | None) -> None:
    for check in found["checks"]:
        click.echo(f"{_SIGNS[check['ok']]} {check['message_zh']} / {check['message_en']}")
    if found["ok"]:
        drawn = sum(one["recomputed"] == "drawn" for one in found["objects"])
        count = len(found["objects"])
        click.echo(
            f"一致：{count:,}户抽{drawn:,}户，复算相同。 / Yes: {drawn:,} of {count:,}, recomputed the same."
        )
    else:
        click.echo("不一致。 / No." if not found["unreadable"] else "文件读不懂。 / Unreadable.")
    if reason is not None:
        click.echo(f"{reason.message_zh} / {reason.message_en}")
