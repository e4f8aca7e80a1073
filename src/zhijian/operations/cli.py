"""The command ``zhijian``. Each verb is a file in ``commands/``, loaded when it is called for."""

import importlib
import os
import sys
from pathlib import Path

import click

from zhijian.infrastructure.configuration import ConfigurationError, use_own_parameters

_FOLDER = Path(__file__).parent / "commands"


class _Verbs(click.Group):
    """Find a verb by its file name, so that a new verb is a new file and nothing else."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(path.stem.replace("_", "-") for path in _FOLDER.glob("[a-z]*.py"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        stem = cmd_name.replace("-", "_")
        if not (_FOLDER / f"{stem}.py").exists():
            return None
        module = importlib.import_module(f"zhijian.operations.commands.{stem}")
        command: click.Command = module.command
        command.name = cmd_name
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = []
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            assert command is not None
            rows.append((name, f"{command.get_short_help_str(200)}  {_example(command)}".strip()))
        with formatter.section("Verbs"):
            formatter.write_dl(rows, col_max=14)


def _example(command: click.Command) -> str:
    """Return the first example line of a command's help text, or nothing."""
    lines = [line.strip() for line in (command.help or "").splitlines()]
    starts = [number for number, line in enumerate(lines) if line.startswith("Example")]
    if not starts:
        return ""
    following = [line for line in lines[starts[0] :] if line.startswith("zhijian ")]
    return f"e.g. {following[0]}" if following else ""


@click.command(cls=_Verbs, context_settings={"max_content_width": 110})
@click.version_option(package_name="zhijian")
def zhijian() -> None:
    """Zhijian (智监): one platform for the market supervision of a province.

    Everything is written under ZHIJIAN_HOME (default ./var). `zhijian VERB --help` says more.
    """


def prepare_django() -> None:
    """Load Django for verbs that need our own records.

    Raises:
        ConfigurationError: a setting is wrong.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhijian.infrastructure.settings")
    import django

    django.setup()


def main() -> None:
    """Run the verb that was typed; end on what a person can mend with one line."""
    use_own_parameters(os.environ)
    try:
        zhijian()
    except ConfigurationError as problem:
        click.echo(f"zhijian: {problem}", err=True)
        sys.exit(2)
    except Exception as problem:
        if (text := _explained(problem)) is None:
            raise
        click.echo(f"zhijian: {text}", err=True)
        sys.exit(1)


def _explained(problem: Exception) -> str | None:
    from zhijian.infrastructure.home import current_home
    from zhijian.operations.failures import explain

    return explain(problem, current_home())
