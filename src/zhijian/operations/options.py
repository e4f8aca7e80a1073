"""What several verbs take as an option."""

from datetime import date

import click


def day(ctx: click.Context, parameter: click.Parameter, value: str | None) -> date | None:
    """Read a day that somebody typed; None where none was.

    Raises:
        click.BadParameter: it is no day.
    """
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise click.BadParameter(f"'{value}' is no day. Write 2026-11-28.") from None
