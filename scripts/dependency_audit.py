"""Known weaknesses of the locked packages: asked of the source of advisories, and compared with a kept list.

.venv/bin/python scripts/dependency_audit.py             ask pip-audit; where its source is silent, say so loudly
.venv/bin/python scripts/dependency_audit.py --strict    fail as well where the source was silent: before a release
.venv/bin/python scripts/dependency_audit.py --refresh FILE   keep the advisories of our packages from the file `all.zip`
                                                         of https://osv-vulnerabilities.storage.googleapis.com/PyPI/

Exit code 0: none is known. 1: some are, and each is named. 2: --strict, and the source did not answer for every package.

`pip-audit` ends with "No known vulnerabilities found" and code 0 where its source knows no package at all. So what was
skipped is counted here, and silence is never taken for a clean answer: docs/security/advisories.json is compared in any
case, and its day stands in what is printed.
"""

import argparse
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements-dev.lock"
"""It holds what is needed to run too: the same versions, by constraint."""
KEPT = ROOT / "docs" / "security" / "advisories.json"
OLD_DAYS = 30
_SECONDS = 180


def locked(lock: Path = LOCK) -> dict[str, str]:
    """Return the version of each locked package."""
    pins = (line.split(" ")[0].split(";")[0] for line in lock.read_text("utf-8").splitlines() if "==" in line)
    pairs = (pin.split("==") for pin in pins if pin[:1].isalnum())
    return {canonicalize_name(name.split("[")[0]): version for name, version in pairs}


def ask_source(packages: Mapping[str, str], lock: Path = LOCK) -> tuple[list[str], int]:
    """Return what the source of advisories says of the packages, and for how many it answered."""
    command = [sys.executable, "-m", "pip_audit", "-r", str(lock), "--disable-pip", "--no-deps", "-f", "json"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS)
        told = json.loads(run.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return [], 0
    answered = [one for one in told if "skip_reason" not in one]
    found = [
        f"{one['name']} {one['version']}: {weak['id']}, mended in {', '.join(weak['fix_versions']) or 'no version yet'}"
        for one in answered
        for weak in one["vulns"]
    ]
    return found, len({canonicalize_name(one["name"]) for one in answered} & set(packages))


def known_from(advisories: Iterable[Mapping[str, Any]], packages: Mapping[str, str]) -> list[str]:
    """Return a line for each locked package that a kept advisory names as weak."""
    found = []
    for advisory in advisories:
        for affected in advisory["affected"]:
            version = packages.get(canonicalize_name(affected["package"]["name"]))
            if version and is_affected(version, affected):
                found.append(f"{affected['package']['name']} {version}: {advisory['id']}")
    return sorted(set(found))


def is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    """Say whether a version stands in the list, or in one of the ranges, of an advisory in the form of OSV."""
    if version in affected.get("versions", ()):
        return True
    ranges = [one for one in affected.get("ranges", ()) if one["type"] == "ECOSYSTEM"]
    return any(_is_in(Version(version), one["events"]) for one in ranges)


def _is_in(version: Version, events: Sequence[Mapping[str, str]]) -> bool:
    ordered = sorted(events, key=lambda event: (_version(next(iter(event.values()))), "introduced" in event))
    weak = False
    for event in ordered:
        kind, told = next(iter(event.items()))
        at = _version(told)
        if kind == "introduced" and version >= at:
            weak = True
        elif (kind == "fixed" and version >= at) or (kind == "last_affected" and version > at):
            weak = False
    return weak


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")


def kept() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(KEPT.read_text("utf-8"))
    return read


def refreshed(archive: Path, packages: Mapping[str, str], *, on: date) -> dict[str, Any]:
    """Return the kept list made anew from an archive of OSV: only our packages, only what is not withdrawn."""
    return {
        **{key: value for key, value in kept().items() if key not in ("kept_on", "advisories")},
        "kept_on": on.isoformat(),
        "advisories": sorted(_of_ours(archive, packages), key=lambda one: str(one["id"])),
    }


def _of_ours(archive: Path, packages: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    with zipfile.ZipFile(archive) as opened:
        for name in opened.namelist():
            read = json.loads(opened.read(name))
            ours = [
                {
                    "package": {"name": one["package"]["name"], "ecosystem": "PyPI"},
                    "ranges": [
                        {"type": "ECOSYSTEM", "events": part["events"]}
                        for part in one.get("ranges", ())
                        if part["type"] == "ECOSYSTEM"
                    ],
                }
                for one in read.get("affected", ())
                if canonicalize_name(one["package"]["name"]) in packages
            ]
            if ours and "withdrawn" not in read:
                yield {"id": read["id"], "published": read.get("published", "")[:10], "affected": ours}


def audit(*, on: date, is_strict: bool) -> int:
    """Print what is known, and return the exit code."""
    packages, list_ = locked(), kept()
    found, answered = ask_source(packages)
    age = (on - date.fromisoformat(list_["kept_on"])).days
    found += [line for line in known_from(list_["advisories"], packages) if line not in found]
    accepted = {one["id"] for one in list_["accepted"] if one["until"] >= on.isoformat()}
    open_ = [line for line in found if not accepted & {word.strip(",:") for word in line.split()}]
    is_silent = answered < len(packages)
    if is_silent:
        print(
            f"NOT AUDITED IN FULL: the source of advisories answered for {answered} of {len(packages)} packages.\n"
            f"Compared instead with the list kept on {list_['kept_on']} ({len(list_['advisories'])} advisories, "
            f"{age} days old), which is no full answer. Run this again where the source can be reached.",
            file=sys.stderr,
        )
        if age > OLD_DAYS:
            print(f"THE KEPT LIST IS OLDER THAN {OLD_DAYS} DAYS: --refresh makes it anew.", file=sys.stderr)
    for line in open_:
        print(f"KNOWN WEAKNESS: {line}", file=sys.stderr)
    if open_:
        return 1
    if not is_silent:
        print(f"{len(packages)} packages audited; no weakness is known.")
    return 2 if is_strict and is_silent else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--strict", action="store_true", help="fail where the source did not answer")
    parser.add_argument(
        "--refresh", type=Path, metavar="FILE", help="make the kept list anew from all.zip of OSV"
    )
    chosen = parser.parse_args()
    today = datetime.now(UTC).date()
    if chosen.refresh:
        made = refreshed(chosen.refresh, locked(), on=today)
        KEPT.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", "utf-8")
        print(f"{len(made['advisories'])} advisories kept.")
        return
    sys.exit(audit(on=today, is_strict=chosen.strict))


if __name__ == "__main__":
    main()
