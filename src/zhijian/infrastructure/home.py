"""Where one province's files lie: everything that Zhijian writes is under ``ZHIJIAN_HOME``."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """The folder of one installation. Two provinces have two homes and never meet."""

    root: Path

    @property
    def database(self) -> Path:
        """The SQLite file of our own records (cases, tasks, filings, facts born with them)."""
        return self.root / "zhijian.sqlite3"

    @property
    def lake(self) -> Path:
        """Delta tables by layer, deliveries as they came, quarantine."""
        return self.root / "lake"

    @property
    def serving(self) -> Path:
        """Read-only stores built from the lake for the portal."""
        return self.root / "serving"

    @property
    def media(self) -> Path:
        """Evidence: photos and papers, named by their hash."""
        return self.root / "media"

    @property
    def published(self) -> Path:
        """Files that anyone may download: draws, seals, open data."""
        return self.root / "published"

    @property
    def parameters(self) -> Path:
        """The office's own parameters and calendars, over those that ship with the product."""
        return self.root / "parameters"

    @property
    def sources(self) -> Path:
        """Declarations of the databases that are pulled from, one YAML file each."""
        return self.root / "sources"

    @property
    def secret_key(self) -> Path:
        return self.root / "secret_key"


def current_home() -> Home:
    """Return the home named by the environment variable ZHIJIAN_HOME, default ``./var``."""
    return Home(Path(os.environ.get("ZHIJIAN_HOME", "var")).resolve())
