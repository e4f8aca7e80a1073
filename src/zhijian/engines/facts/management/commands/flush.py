"""Emptying the database: only a test's. A real one holds facts that nobody may delete."""

from pathlib import PurePath
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import flush
from django.db import connections

from zhijian.engines.facts.append_only import lifted


class Command(flush.Command):
    """Django's `flush` with the append-only guards lifted, refused outside a test's database."""

    def handle(self, **options: Any) -> None:
        connection = connections[options["database"]]
        name = PurePath(str(connection.settings_dict["NAME"])).name
        if not name.startswith(("test", "file:memorydb_")):
            raise CommandError(
                f"'{name}' holds append-only facts and is not emptied. Start another installation with its own ZHIJIAN_HOME."
            )
        with lifted(connection):
            super().handle(**options)
