"""Runs statements of a paste."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from typing import Any

import torch

from rnn_core.interpreter import allow
from rnn_core.interpreter.branches import Break, Continue, run_for, run_if, run_while
from rnn_core.interpreter.core import Machine
from rnn_core.interpreter.errors import Call, Raised, not_understood
from rnn_core.interpreter.functions import Returned, make_class, make_function
from rnn_core.interpreter.operators import ARITHMETIC, binary
from rnn_core.interpreter.values import (
    UNKNOWN,
    Library,
    Quiet,
    Scope,
    Unknown,
    Value,
    is_dark,
    mark,
    marks,
    sampled,
)

_IN_PLACE = {
    ast.Add: operator.iadd, ast.Sub: operator.isub, ast.Mult: operator.imul, ast.Div: operator.itruediv,
    ast.BitAnd: operator.iand, ast.BitOr: operator.ior,
}  # fmt: skip


def run_simple(machine: Machine, node: ast.stmt, scope: Scope) -> None:
    """Run a statement without a block."""
    run = _STATEMENTS.get(type(node))
    if run is None:
        raise not_understood("match" if isinstance(node, ast.Match) else ast.unparse(node).split("\n")[0])
    run(machine, node, scope)


def run_compound(machine: Machine, node: ast.stmt, scope: Scope) -> Iterator[Value]:
    """Run a statement that other statements belong to, or that yields."""
    match node:
        case ast.If():
            yield from run_if(machine, node, scope)
        case ast.For():
            yield from run_for(machine, node, scope)
        case ast.While():
            yield from run_while(machine, node, scope)
        case ast.With():
            yield from _run_with(machine, node, scope)
        case ast.Try():
            yield from _run_try(machine, node, scope)
        case ast.Expr(value=ast.Yield(value=value)):
            yield machine.value(value, scope) if value else None
        case ast.Assign(value=ast.Yield(value=value)):
            yield machine.value(value, scope) if value else None
            for target in node.targets:
                machine.assign(target, None, scope)
        case ast.Expr(value=ast.YieldFrom(value=value)):
            yield from machine.items(machine.value(value, scope))
        case _:
            run_simple(machine, node, scope)


def _run_expr(machine: Machine, node: ast.Expr, scope: Scope) -> None:
    machine.evaluated(node.value, scope)


def _run_return(machine: Machine, node: ast.Return, scope: Scope) -> None:
    raise Returned(machine.evaluated(node.value, scope) if node.value else None)


def _run_jump(_: Machine, node: ast.Break | ast.Continue, __: Scope) -> None:
    raise Break if isinstance(node, ast.Break) else Continue


def _run_global(machine: Machine, node: ast.Global, scope: Scope) -> None:
    for name in node.names:
        scope.elsewhere[name] = machine.globals


def _run_nonlocal(machine: Machine, node: ast.Nonlocal, scope: Scope) -> None:
    for name in node.names:
        around = scope.around
        while around is not None and name not in around.names:
            around = around.around
        scope.elsewhere[name] = around or machine.globals


def _run_import(_: Machine, node: ast.Import, scope: Scope) -> None:
    for alias in node.names:
        name = alias.asname or alias.name.split(".")[0]
        if allow.is_quiet(alias.name):
            scope.set(name, Quiet(alias.name))
        elif not allow.is_library(alias.name):
            raise not_understood(f"import {alias.name}")
        else:
            scope.set(name, Library(alias.name if alias.asname else name))


def _run_importfrom(_: Machine, node: ast.ImportFrom, scope: Scope) -> None:
    if node.module == "__future__":
        return
    path = node.module or ""
    if not allow.is_library(path) or node.level:
        raise not_understood(ast.unparse(node))
    for alias in node.names:
        if alias.name == "*":
            _import_all(path, scope, node)
            continue
        try:
            scope.set(
                alias.asname or alias.name,
                Quiet(alias.name) if allow.is_quiet(path) else allow.take(path, alias.name),
            )
        except allow.Absent as absent:
            file = getattr(absent.library, "__file__", "unknown location")
            raise Raised(ImportError(f"cannot import name '{alias.name}' from '{path}' ({file})")) from None


def _import_all(path: str, scope: Scope, node: ast.stmt) -> None:
    if allow.is_quiet(path):
        return
    found = [name.rpartition(".") for name in allow.functions()]
    names = [last for head, _, last in found if head == path]
    if not names:
        raise not_understood(ast.unparse(node))
    for name in names:
        scope.set(name, allow.functions()[f"{path}.{name}"])


def _run_assign(machine: Machine, node: ast.Assign, scope: Scope) -> None:
    value = machine.evaluated(node.value, scope)
    words = machine.comment(node)
    if (
        isinstance(value, torch.Tensor)
        and words
        and len(words) == value.dim()
        and marks(value).origin.kind in ("", "filled")
    ):
        mark(value, axes=words)
    for target in node.targets:
        machine.assign(target, value, scope)


def _run_annassign(machine: Machine, node: ast.AnnAssign, scope: Scope) -> None:
    if node.value is not None:
        machine.assign(node.target, machine.evaluated(node.value, scope), scope)


def _run_augassign(machine: Machine, node: ast.AugAssign, scope: Scope) -> None:
    left, right = machine.value(node.target, scope), machine.evaluated(node.value, scope)
    if isinstance(left, list) and isinstance(node.op, ast.Add):
        left += [UNKNOWN] if isinstance(right, Unknown) else machine.listed(right)
        machine.budget.weigh(left)
        return machine.assign(node.target, left, scope)
    outer, machine.calling = machine.calling, Call(node.target, None, (left, right), {}, (node.target, node.value))
    try:
        if isinstance(left, torch.Tensor) and not is_dark(right):
            made = machine.foreign(_IN_PLACE.get(type(node.op), ARITHMETIC[type(node.op)]), left, sampled(right)[0])
        else:
            made = binary(machine, ARITHMETIC[type(node.op)], type(node.op), left, right)
    except Raised as raised:
        raised.number = raised.number or node.lineno
        raised.node, raised.call = raised.node or node.target, raised.call or machine.calling
        raise
    finally:
        machine.calling = outer
    machine.after_arithmetic(node.target, left, right, made)
    return machine.assign(node.target, made, scope)


def _run_assert(machine: Machine, node: ast.Assert, scope: Scope) -> None:
    held = machine.truth(machine.evaluated(node.test, scope))
    if held is False:
        text = [machine.value(node.msg, scope)] if node.msg else []
        if any(isinstance(t, Unknown) for t in text):
            raise not_understood("the text of this assertion")
        raise _at(AssertionError(*text), node)


def _run_raise(machine: Machine, node: ast.Raise, scope: Scope) -> None:
    made = machine.value(node.exc, scope) if node.exc else scope.names.get("%caught")
    if isinstance(made, type) and issubclass(made, Exception):
        made = made()
    if not isinstance(made, Exception):
        raise not_understood("raise")
    raise _at(made, node)


def _run_delete(machine: Machine, node: ast.Delete, scope: Scope) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            if target.id not in scope.names:
                raise not_understood(ast.unparse(node))
            del scope.names[target.id]
        elif isinstance(target, ast.Subscript):
            owner, index = machine.value(target.value, scope), machine.value(target.slice, scope)
            if not isinstance(owner, (list, dict)) or is_dark(index):
                raise not_understood(ast.unparse(node))
            machine.foreign(operator.delitem, owner, index)


def _run_with(machine: Machine, node: ast.With, scope: Scope) -> Iterator[Value]:
    opened: list[Any] = []
    try:
        for item in node.items:
            context = machine.value(item.context_expr, scope)
            given: Value = context
            if isinstance(context, (torch.no_grad, torch.enable_grad, torch.inference_mode, torch.set_grad_enabled)):
                context.__enter__()
                opened.append(context)
            elif machine.has_own_class(context) and hasattr(type(context), "__enter__"):
                given = machine.foreign(context.__enter__)
                opened.append(context)
            elif not isinstance(context, Quiet):
                raise not_understood(ast.unparse(item.context_expr))
            if item.optional_vars is not None:
                machine.assign(item.optional_vars, given, scope)
        yield from machine.block(node.body, scope)
    finally:
        for context in reversed(opened):
            context.__exit__(None, None, None)


def _run_try(machine: Machine, node: ast.Try, scope: Scope) -> Iterator[Value]:
    try:
        try:
            yield from machine.block(node.body, scope)
        except Raised as raised:
            handler = next((h for h in node.handlers if _catches(machine, h, raised, scope)), None)
            if handler is None:
                raise
            scope.names["%caught"] = raised.error
            if handler.name:
                scope.set(handler.name, raised.error)
            try:
                yield from machine.block(handler.body, scope)
            finally:
                scope.names.pop(handler.name or "", None)  # as Python does
        else:
            yield from machine.block(node.orelse, scope)
    finally:
        yield from machine.block(node.finalbody, scope)


def _catches(machine: Machine, handler: ast.ExceptHandler, raised: Raised, scope: Scope) -> bool:
    if handler.type is None:
        return True
    kinds = machine.value(handler.type, scope)
    kinds = kinds if isinstance(kinds, tuple) else (kinds,)
    if not all(isinstance(kind, type) for kind in kinds):
        raise not_understood("except")
    return isinstance(raised.error, kinds)


def _at(error: Exception, node: ast.stmt) -> Raised:
    raised = Raised(error)
    raised.number, raised.node = node.lineno, node
    return raised


_STATEMENTS: dict[type[ast.stmt], Callable[[Machine, Any, Scope], None]] = {
    ast.Pass: lambda *_: None,
    ast.Break: _run_jump,
    ast.Continue: _run_jump,
    ast.Expr: _run_expr,
    ast.Return: _run_return,
    ast.Global: _run_global,
    ast.Nonlocal: _run_nonlocal,
    ast.Import: _run_import,
    ast.ImportFrom: _run_importfrom,
    ast.Assign: _run_assign,
    ast.AnnAssign: _run_annassign,
    ast.AugAssign: _run_augassign,
    ast.Assert: _run_assert,
    ast.Raise: _run_raise,
    ast.Delete: _run_delete,
    ast.FunctionDef: lambda m, node, scope: scope.set(node.name, make_function(m, node, node.name, scope)),
    ast.ClassDef: lambda m, node, scope: scope.set(node.name, make_class(m, node, scope)),
}
