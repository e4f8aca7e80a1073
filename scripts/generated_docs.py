"""Documents that are made from the code: docs/rules.md, docs/parameters.md, docs/settings.md, docs/data/contracts.md,
docs/security/access-matrix.csv.

.venv/bin/python scripts/generated_docs.py          write them
.venv/bin/python scripts/generated_docs.py --check  exit 1 if they differ from the code
"""

import csv
import importlib
import io
import pkgutil
import sys
from pathlib import Path

import yaml

import zhijian
from zhijian.infrastructure.configuration import ENVIRONMENT_ONLY, KNOWN_KEYS, SOURCE_PREFIX
from zhijian.standards import citation, parameters

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SOURCE = f"{SOURCE_PREFIX}<NAME>_URL"
SOURCE_MEANING = "address of a database that is pulled from, with its password (`zhijian pull`)"


def load_rules() -> None:
    """Import every module that may hold rules, so that the registry is full."""
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhijian.infrastructure.settings")
    import django

    django.setup()
    layers = ("zhijian.standards", "zhijian.datazone", "zhijian.engines")
    for module in pkgutil.walk_packages(zhijian.__path__, "zhijian."):
        holds_rules = module.name.endswith(".rules") or module.name.startswith(layers)
        if holds_rules and ".migrations" not in module.name and not module.name.endswith(".verifier"):
            importlib.import_module(module.name)


def rules_page() -> str:
    lines = [
        "# Rules of law",
        "",
        "Made from the code. Each rule is a pure function; it takes the day that governs.",
        "",
    ]
    lines += ["| rule | finds | applies |", "|---|---|---|"]
    for entry in citation.registered():
        name = entry.name.removeprefix("zhijian.")
        lines.append(f"| `{name}` | {entry.summary.replace('|', '/')} | {'；'.join(entry.cites)} |")
    return "\n".join(lines) + "\n"


def parameters_page() -> str:
    lines = [
        "# Dated parameters",
        "",
        "Made from `src/zhijian/standards/parameters/`. An amendment adds an entry.",
        "",
    ]
    lines += [
        "| parameter | 名称 | unit | from | value | source | verified |",
        "|---|---|---|---|---|---|---|",
    ]
    for path in sorted(parameters.FOLDER.rglob("*.yaml")):
        content = yaml.load(path.read_text("utf-8"), parameters.PlainLoader)
        name = path.relative_to(parameters.FOLDER).with_suffix("").as_posix()
        for entry in content["values"]:
            value = entry["value"] if not isinstance(entry["value"], dict) else "see file"
            verified = "yes" if entry.get("verified", True) else "no"
            verified += f": {entry['note']}" if entry.get("note") else ""
            lines.append(
                f"| `{name}` | {content['label']} | {content['unit']} | {entry['from']} | {value} | {entry['source']} | {verified} |"
            )
    return "\n".join(lines) + "\n"


def contracts_page() -> str:
    lines = [
        "# Data contracts",
        "",
        "Made from `src/zhijian/datazone/contracts/` (Open Data Contract Standard).",
        "",
    ]
    for path in sorted((ROOT / "src/zhijian/datazone/contracts").glob("*.odcs.yaml")):
        contract = yaml.safe_load(path.read_text("utf-8"))
        lines += [f"## {contract.get('name', path.stem)} `{path.name}` v{contract['version']}", ""]
        for table in contract["schema"]:
            lines += ["| field | type | required | meaning |", "|---|---|---|---|"]
            for field in table["properties"]:
                meaning = (
                    str(field.get("description") or field.get("businessName") or "")
                    .replace("\n", " ")
                    .replace("|", "/")
                )
                required = "yes" if field.get("required") else ""
                lines.append(
                    f"| `{field['name']}` | {field.get('logicalType', '')} | {required} | {meaning} |"
                )
            lines.append("")
    return "\n".join(lines)


def settings_page() -> str:
    lines = [
        "# Settings",
        "",
        "Made from `src/zhijian/infrastructure/configuration.py`. A setting stands in the environment or, as `KEY=value`, in one file",
        "(`ZHIJIAN_HOME/zhijian.conf`, or what `ZHIJIAN_CONFIG` names); the environment wins. All are checked at start.",
        "",
        "| setting | what it is | where |",
        "|---|---|---|",
    ]
    for key, meaning in {**KNOWN_KEYS, SOURCE: SOURCE_MEANING}.items():
        where = "environment" if key in ENVIRONMENT_ONLY else "environment or file"
        lines.append(f"| `{key}` | {meaning.replace('|', '/')} | {where} |")
    return "\n".join(lines) + "\n"


def access_matrix() -> str:
    """Every address against every role, as CSV."""
    from zhijian.security.access_matrix import rows

    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows())
    return out.getvalue()


PAGES = {
    "rules.md": rules_page,
    "parameters.md": parameters_page,
    "settings.md": settings_page,
    "data/contracts.md": contracts_page,
    "security/access-matrix.csv": access_matrix,
}


def main() -> int:
    load_rules()
    stale = []
    for name, make in PAGES.items():
        path, text = DOCS / name, make()
        if "--check" in sys.argv:
            if not path.exists() or path.read_text("utf-8") != text:
                stale.append(name)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    for name in stale:
        print(f"docs/{name} differs from the code; run scripts/generated_docs.py")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
