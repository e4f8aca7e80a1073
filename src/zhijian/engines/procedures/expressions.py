"""Conditions and table cells: a small language of comparisons that cannot do anything but say true or what.

Names are fields of the case's data (one that is missing is None); ``parameter("consumer/…")`` is the number of the law
in force on the case's governing day. No attribute, no call but that one, no power: an officer's drawing is no program.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from zhijian.engines.procedures.errors import ProcedureRefused
from zhijian.standards import parameters

LONGEST = 1000
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda value, many: value in many,
    ast.NotIn: lambda value, many: value not in many,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_WORDS = {"true": True, "false": False, "null": None}


class ExpressionProblem(ProcedureRefused):
    """An expression uses what is not allowed, or cannot be worked out with this data."""

    status = 422


@lru_cache(maxsize=4096)
def parsed(text: str) -> ast.expr:
    """Return the tree of an expression, all of whose parts are allowed.

    Raises:
        SyntaxError: it is no expression.
        ExpressionProblem: it is longer than 1,000 characters, or has a part that is not allowed.
    """
    if len(text) > LONGEST:
        raise ExpressionProblem(
            f"表达式有{len(text)}个字符，最多{LONGEST}个。",
            f"An expression of {len(text)} characters; at most {LONGEST} are allowed.",
        )
    tree = ast.parse(text.strip(), mode="eval").body
    _check(tree, text)
    return tree


def names_in(text: str) -> set[str]:
    """Return the data fields that an expression reads."""
    return {node.id for node in ast.walk(parsed(text)) if isinstance(node, ast.Name)} - {
        *_WORDS,
        "parameter",
    }


def parameters_in(text: str) -> set[str]:
    """Return the dated parameters that an expression names."""
    calls = [node for node in ast.walk(parsed(text)) if isinstance(node, ast.Call)]
    return {str(call.args[0].value) for call in calls if isinstance(call.args[0], ast.Constant)}


def evaluate(text: str, data: Mapping[str, Any], *, on: date | None = None) -> Any:
    """Work an expression out; `on` is the day that governs its parameters.

    Raises:
        ExpressionProblem: a comparison of what cannot be compared, or a parameter without a governing day.
    """
    try:
        return _value(parsed(text), data, on)
    except TypeError as problem:
        raise ExpressionProblem(
            f"表达式“{text}”无法计算：{problem}。请检查表单字段的类型。",
            f"'{text}' cannot be worked out: {problem}. Check the types of the form's fields.",
        ) from problem


def _check(node: ast.expr, text: str) -> None:
    if isinstance(node, ast.BoolOp):
        parts = node.values
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        parts = [node.operand]
    elif isinstance(node, ast.Compare) and all(type(op) in _COMPARISONS for op in node.ops):
        parts = [node.left, *node.comparators]
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        parts = [node.left, node.right]
    elif isinstance(node, ast.List | ast.Tuple):
        parts = node.elts
    elif _is_leaf(node):
        return
    else:
        raise ExpressionProblem(
            f"表达式“{text}”中的“{ast.unparse(node)}”不允许；只能用字段、常量、比较和 and/or/not。",
            f"'{ast.unparse(node)}' in '{text}' is not allowed; use fields, constants, comparisons and and/or/not.",
        )
    for part in parts:
        _check(part, text)


def _is_leaf(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str | int | float | bool | None)
    return isinstance(node, ast.Name) or _is_parameter_call(node)


def _is_parameter_call(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "parameter"
        and len(node.args) == 1
        and not node.keywords
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    )


def _value(node: ast.expr, data: Mapping[str, Any], on: date | None) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return _WORDS[name] if name in _WORDS and name not in data else data.get(name)
        case ast.BoolOp(op=ast.And(), values=values):
            return all(_value(part, data, on) for part in values)
        case ast.BoolOp(values=values):
            return any(_value(part, data, on) for part in values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _value(operand, data, on)
        case ast.UnaryOp(operand=operand):
            return -_value(operand, data, on)
        case ast.BinOp(left=left, op=op, right=right):
            one, other = _value(left, data, on), _value(right, data, on)
            return one + other if isinstance(op, ast.Add) else one - other
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [_value(part, data, on) for part in parts]
        case ast.Compare():
            return _compared(node, data, on)
        case ast.Call():
            return _parameter(node, on)
    raise ExpressionProblem("表达式不允许。", f"{ast.dump(node)} is not allowed.")


def _compared(node: ast.Compare, data: Mapping[str, Any], on: date | None) -> bool:
    left = _value(node.left, data, on)
    for op, part in zip(node.ops, node.comparators, strict=True):
        right = _value(part, data, on)
        if not _COMPARISONS[type(op)](left, right):
            return False
        left = right
    return True


def _parameter(node: ast.Call, on: date | None) -> Any:
    name = str(node.args[0].value)  # type: ignore[attr-defined]  # checked when parsed
    if on is None:
        raise ExpressionProblem(
            f"参数“{name}”没有依据日，无法取值。", f"No day governs the parameter '{name}'."
        )
    path, _, key = name.partition(":")
    value = parameters.load(path).on(on)
    return value[key] if key else value
