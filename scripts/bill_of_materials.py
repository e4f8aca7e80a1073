"""The bill of materials: every component of the two lock files and of the pages, as CycloneDX 1.6.

.venv/bin/python scripts/bill_of_materials.py          write docs/security/bill-of-materials.cdx.json
.venv/bin/python scripts/bill_of_materials.py --check  exit 1 if it differs from the lock files

It is the same to the byte wherever it is made: no time stands in it, and its number follows from what it lists. What is
needed to run is `required`; what only tests need is `excluded`. The hashes of the Python files stand in the lock files;
those of the scripts and styles that the pages carry stand here.
"""

import json
import re
import sys
import tomllib
import uuid
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "security" / "bill-of-materials.cdx.json"
VENDOR = ROOT / "src" / "zhijian" / "portal" / "static" / "vendor"
NPM_NAMES = {"tabler-core": "@tabler/core", "tabler-icons": "@tabler/icons"}
_PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", re.I)


def locked(file: str) -> dict[str, tuple[str, list[str]]]:
    """Return each package of a lock file with its version and the packages that asked for it."""
    found: dict[str, tuple[str, list[str]]] = {}
    name = ""
    for line in (ROOT / file).read_text("utf-8").splitlines():
        if pin := _PIN.match(line):
            name = pin.group(1).lower()
            found[name] = (pin.group(2), [])
        elif line.strip().startswith("#") and name:
            word = line.strip().removeprefix("#").strip().removeprefix("via").strip()
            if word and not word.startswith(("-", "zhijian")):
                found[name][1].append(word.lower())
    return found


def licence(name: str) -> list[dict[str, Any]]:
    """Return what a package says of its licence, in the words of the format.

    Raises:
        PackageNotFoundError: it is not installed; `make setup-dev` first.
    """
    told = metadata.metadata(name)
    if expression := told.get("License-Expression"):
        return [{"expression": expression}]
    classifiers = told.get_all("Classifier") or []
    words = [one.rsplit(" :: ", 1)[1] for one in classifiers if one.startswith("License :: ")]
    text = (told.get("License") or "").strip().splitlines()
    words = words or text[:1]
    return [{"license": {"name": word[:120]}} for word in words]


def bill() -> dict[str, Any]:
    """Return the whole bill."""
    needed, every = locked("requirements.lock"), locked("requirements-dev.lock")
    components = [
        _python(name, version, is_needed=name in needed) for name, (version, _) in sorted(every.items())
    ]
    components += [_vendored(folder) for folder in sorted(VENDOR.iterdir()) if folder.is_dir()]
    references = {name: _reference(name, version) for name, (version, _) in every.items()}
    asked: dict[str, list[str]] = {}
    for name, (_, askers) in every.items():
        for asker in askers:
            if asker in references:
                asked.setdefault(references[asker], []).append(references[name])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    own = {
        "type": "application", "bom-ref": "zhijian", "name": project["name"], "version": project["version"],
    }  # fmt: skip
    number = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([own, components, asked], sort_keys=True))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{number}",
        "version": 1,
        "metadata": {"component": own},
        "components": components,
        "dependencies": [{"ref": ref, "dependsOn": sorted(on)} for ref, on in sorted(asked.items())],
    }


def text() -> str:
    return json.dumps(bill(), ensure_ascii=False, indent=1) + "\n"


def _reference(name: str, version: str) -> str:
    return f"pkg:pypi/{name}@{version}"


def _python(name: str, version: str, *, is_needed: bool) -> dict[str, Any]:
    reference = _reference(name, version)
    made: dict[str, Any] = {
        "type": "library", "bom-ref": reference, "name": name, "version": version,
        "scope": "required" if is_needed else "excluded", "purl": reference,
    }  # fmt: skip
    if licences := licence(name):
        made["licenses"] = licences
    return made


def _vendored(folder: Path) -> dict[str, Any]:
    name, _, version = folder.name.rpartition("-")
    reference = f"pkg:npm/{NPM_NAMES.get(name, name).replace('@', '%40')}@{version}"
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    return {
        "type": "library", "bom-ref": reference, "name": NPM_NAMES.get(name, name), "version": version,
        "scope": "required", "purl": reference,
        "components": [
            {
                "type": "file", "bom-ref": f"{reference}#{file.relative_to(folder)}",
                "name": str(file.relative_to(ROOT)),
                "hashes": [{"alg": "SHA-256", "content": sha256(file.read_bytes()).hexdigest()}],
            }
            for file in files
        ],
    }  # fmt: skip


def main() -> None:
    made = text()
    if "--check" in sys.argv[1:]:
        if not PAGE.exists() or PAGE.read_text("utf-8") != made:
            print(f"{PAGE.relative_to(ROOT)} is not that of the lock files: run scripts/bill_of_materials.py")
            sys.exit(1)
        return
    PAGE.write_text(made, "utf-8")


if __name__ == "__main__":
    main()
