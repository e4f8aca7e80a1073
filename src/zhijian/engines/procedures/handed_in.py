"""What is handed in with a step is judged by its form once more, whoever showed the form and however it was filled in."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from zhijian.engines.procedures.declaration import Procedure
from zhijian.engines.procedures.drawing import Node
from zhijian.engines.procedures.errors import Incomplete


def check(procedure: Procedure, node: Node, data: Mapping[str, Any]) -> None:
    """Refuse data that break the step's form. Fields that the form does not know are none of its business.

    Raises:
        Incomplete: each problem names its field.
    """
    name = node.properties.get("form", "")
    if not name:
        return
    path = procedure.form_path(name)
    known, validator = _form(path, path.stat().st_mtime_ns)
    judged = {key: value for key, value in data.items() if key in known}
    problems = [_words(problem, known) for problem in validator.iter_errors(judged)]
    if problems:
        raise Incomplete(
            f"“{node.name}”的表单还有问题：" + "；".join(zh for _, zh, _ in problems),
            f"The form of '{node.name}' has problems: " + "; ".join(en for _, _, en in problems),
            problems,
        )


@lru_cache(maxsize=256)
def _form(path: Path, modified_ns: int) -> tuple[dict[str, Any], Draft202012Validator]:
    schema = json.loads(path.read_text("utf-8"))
    checker = FormatChecker(["date"])
    return schema.get("properties", {}), Draft202012Validator(schema, format_checker=checker)


def _words(problem: Any, known: Mapping[str, Any]) -> tuple[str, str, str]:
    field = ".".join(str(part) for part in problem.absolute_path)
    if problem.validator == "required":
        missing = [name for name in problem.validator_value if name not in problem.instance]
        field = ".".join(filter(None, [field, missing[0] if missing else ""]))
        return field, f"缺少“{_title(field, known)}”", f"'{field}' is missing"
    return field, f"“{_title(field, known)}”不符合要求", f"'{field}': {problem.message[:200]}"


def _title(field: str, known: Mapping[str, Any]) -> str:
    return str(known.get(field.partition(".")[0], {}).get("title") or field)
