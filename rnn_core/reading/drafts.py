"""What is noted of a line while it is being read, and how what a name holds is shown."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

import torch
from torch import nn

from rnn_core.interpreter.core import Machine
from rnn_core.interpreter.values import Bound, Library, Quiet, Scope, Unknown, Value, axes_of, describe, dtype_name
from rnn_core.reading.fixes import Fix
from rnn_core.reading.results import Finding, NamedShape, Verdict


@dataclass
class Draft:
    """A line while it is being read."""

    node: ast.stmt
    is_reached: bool
    names: dict[str, NamedShape] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    verdict: Verdict = "ok"
    printed: list[str] = field(default_factory=list)


class Fixes(tuple[Fix, ...]):
    """The fixes of a finding that is not finished: the first whose corrected line works will be offered."""


def named_shape(name: str, value: Value) -> NamedShape:
    """Describe what a name holds."""
    if isinstance(value, torch.Tensor):
        shape = tuple(int(n) for n in value.shape)
        return NamedShape(name, describe(value), shape, dtype_name(value.dtype), axes_of(value))
    if isinstance(value, nn.utils.rnn.PackedSequence):
        return NamedShape(name, describe(value), dtype=dtype_name(value.data.dtype))
    return NamedShape(name, describe(value))


def is_hidden(machine: Machine, name: str, value: Value) -> bool:
    """Whether a name is not shown: packages, functions and classes."""
    if name.startswith(("__", "%")) or isinstance(value, (Library, Quiet, Bound)):
        return True
    if isinstance(value, (torch.Tensor, nn.Module, Unknown)):
        return False
    return isinstance(value, type) or (callable(value) and not machine.has_own_class(value))


def changed_by(node: ast.AST, scope: Scope) -> list[str]:
    """Return the names that a part of a statement defines or may change."""
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.alias():
            return [(node.asname or node.name).split(".")[0]]
        case ast.Attribute(value=ast.Name(id=name)) | ast.Subscript(value=ast.Name(id=name), ctx=ast.Store()):
            held = scope.names.get(name)
            is_in_place = isinstance(held, torch.Tensor) and isinstance(node, ast.Attribute) and node.attr.endswith("_")
            return [name] if isinstance(held, (list, dict, set)) or is_in_place else []
    return []
