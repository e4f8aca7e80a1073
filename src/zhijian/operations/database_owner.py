"""The account that owns the tables: known to `zhijian migrate`, `restore` and `database` alone, never to the site."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from zhijian.infrastructure.configuration import ConfigurationError, chosen_database, owner_database

OWNER = "ZHIJIAN_DATABASE_OWNER_URL"


def site_account() -> str:
    """Return the account under which the site signs in.

    Raises:
        ConfigurationError: the database is SQLite, which has no accounts.
    """
    name = str(chosen_database().get("USER") or "")
    if not name:
        raise ConfigurationError(
            "ZHIJIAN_DATABASE_URL names no account of PostgreSQL: SQLite has none, and its file is for the service alone."
        )
    return name


@contextmanager
def as_owner() -> Iterator[bool]:
    """Sign in as the owner for the block where one is set; say whether it is so."""
    from django.db import connection

    owner = owner_database(os.environ)
    if owner is None:
        yield False
        return
    site: dict[str, Any] = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(
        {name: owner[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")}
        | {"OPTIONS": {**site["OPTIONS"], **_options(owner)}}
    )
    try:
        yield True
    finally:
        connection.close()
        connection.settings_dict.update(site)


def _options(owner: dict[str, object]) -> dict[str, object]:
    options = owner.get("OPTIONS")
    return dict(options) if isinstance(options, dict) else {}


def refuse_owner() -> None:
    """Let no site start that could sign in as the owner.

    Raises:
        ConfigurationError: the owner's address is in the environment.
    """
    if os.environ.get(OWNER):
        raise ConfigurationError(
            f"{OWNER} is in the environment of the site, which must not be able to sign in as the owner of its tables. "
            "Set it for `zhijian migrate` alone."
        )
