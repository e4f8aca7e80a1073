"""``zhijian restore``: an empty home filled from a backup."""

import json
import sys
from datetime import datetime
from pathlib import Path

import click

from zhijian.operations.cli import prepare_django
from zhijian.operations.commands.backup import first_line
from zhijian.standards.calendar import ZONE

_READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("source", type=_READABLE)
@click.option("--passphrase-file", required=True, type=_READABLE, help="its first line opens the backup")
@click.option("--keys-passphrase-file", type=_READABLE, help="opens the file of keys; default: the same")
@click.option("--json", "as_json", is_flag=True, help="Print what was restored as JSON.")
def command(source: Path, passphrase_file: Path, keys_passphrase_file: Path | None, as_json: bool) -> None:
    """Fill an empty ZHIJIAN_HOME and an empty database from SOURCE and SOURCE.keys.

    What is not empty, a wrong passphrase, and a backup that was changed or cut off are refused, and nothing is restored.

    \b
    Example:
      zhijian restore /backup/2026-11-29.zjb --passphrase-file backup.pass
    """
    from zhijian.infrastructure import backup_record as record
    from zhijian.infrastructure.configuration import chosen_database
    from zhijian.infrastructure.home import current_home
    from zhijian.operations.backup import restoring
    from zhijian.operations.backup.errors import BackupRefused

    home, words = current_home(), first_line(passphrase_file)
    own = first_line(keys_passphrase_file) if keys_passphrase_file else words
    try:
        restored = restoring.restore(home, chosen_database(), source, passphrase=words, keys_passphrase=own)
    except BackupRefused as refused:
        click.echo(f"zhijian: {refused}", err=True)
        sys.exit(1)
    prepare_django()
    from zhijian.engines.facts import seals

    if (last := seals.newest_seal()) is not None:
        seals.publish(
            last, home.published / "seals"
        )  # it may be younger than the published files that were copied
    record.note(
        home,
        "restored",
        at=datetime.now(ZONE),
        file=str(source),
        files=restored.files,
        made_at=restored.made_at,
    )
    if as_json:
        click.echo(json.dumps(vars(restored), ensure_ascii=False))
        return
    click.echo(f"已恢复 / restored: {restored.files:,} files, {restored.tables} tables; {restored.made_at}")
    click.echo("接着 / next: zhijian migrate; zhijian serving build; zhijian facts verify")
