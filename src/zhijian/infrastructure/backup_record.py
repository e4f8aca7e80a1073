"""What is known of the backups of a home: one line for each that was made, tried or brought back."""

import json
from datetime import datetime
from typing import Any

from zhijian.infrastructure.home import Home


def note(home: Home, event: str, *, at: datetime, **said: Any) -> None:
    """Add a line: `event` is made, rehearsed, restored, or failed with its reason."""
    path = home.root / "operations" / "backups.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"event": event, "at": at.isoformat(), **said}, ensure_ascii=False) + "\n")


def newest(home: Home, event: str) -> dict[str, Any] | None:
    """Return the newest line of an event; None where it never happened."""
    path = home.root / "operations" / "backups.jsonl"
    if not path.exists():
        return None
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return next((line for line in reversed(lines) if line["event"] == event), None)


def failed_since(home: Home) -> dict[str, Any] | None:
    """Return the newest line of a backup that failed, or of one that could not be restored; None where one was made since."""
    failed, made = newest(home, "failed"), newest(home, "made")
    return failed if failed and (made is None or made["at"] <= failed["at"]) else None
