"""``zhijian backup``: this home and its database in an encrypted file, while everybody goes on working."""

import json
import sys
import time
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import click

from zhijian.operations.cli import prepare_django
from zhijian.standards.calendar import ZONE

_READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--passphrase-file", required=True, type=_READABLE, help="its first line opens the backup")
@click.option("--keys-passphrase-file", type=_READABLE, help="opens the file of keys; default: the same")
@click.option(
    "--verify", is_flag=True, help="Restore the backup beside the home, compare everything, throw it away."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was made as JSON.")
def command(
    target: Path, passphrase_file: Path, keys_passphrase_file: Path | None, verify: bool, as_json: bool
) -> None:
    """Back up database, evidence, lake and published files to TARGET, and the keys to TARGET.keys.

    The serving store is left out: `zhijian serving build` makes it from the lake. Keep TARGET.keys and the passphrases in
    another place than TARGET: who has all of them reads everything.

    \b
    Example:
      zhijian backup /backup/2026-11-29.zjb --passphrase-file /etc/zhijian/backup.pass --verify
    """
    prepare_django()
    from django.conf import settings

    from zhijian.infrastructure import backup_record as record
    from zhijian.infrastructure.home import current_home
    from zhijian.operations.backup import making, restoring
    from zhijian.operations.backup.errors import BackupRefused

    home, start, at = current_home(), time.perf_counter(), datetime.now(ZONE)
    words = first_line(passphrase_file)
    own = first_line(keys_passphrase_file) if keys_passphrase_file else words
    try:
        made = making.make(
            home, settings.DATABASES["default"], target,
            passphrase=words, keys_passphrase=own, at=at, version=version("zhijian"),
        )  # fmt: skip
        seconds = round(time.perf_counter() - start, 1)
        said = {
            "file": str(made.file),
            "bytes": made.size,
            "sha256": made.sha256,
            "files": made.files,
            "seconds": seconds,
        }
        record.note(home, "made", at=at, **said)
        if verify:
            tried = restoring.rehearse(home, target, passphrase=words, keys_passphrase=own)
            record.note(
                home,
                "rehearsed",
                at=datetime.now(ZONE),
                file=str(made.file),
                files=tried.files,
                tables=tried.tables,
            )
    except BackupRefused as refused:
        click.echo(f"zhijian: {refused}", err=True)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps({**said, "keys": str(made.keys), "verified": verify}, ensure_ascii=False))
        return
    click.echo(f"备份完成 / backed up: {made.file}  {made.size:,} bytes, {made.files:,} files, {seconds} s")
    click.echo(f"密钥 / keys: {made.keys}   SHA-256 {made.sha256}")
    if verify:
        click.echo("已试恢复并逐一核对 / restored beside the home and compared file by file")


def first_line(path: Path) -> str:
    """Return the passphrase that a file holds: its first line."""
    return (path.read_text("utf-8").splitlines() or [""])[0].strip()
