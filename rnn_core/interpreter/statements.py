"""Runs statements of a paste."""

from __future__ import annotations

import ast
import operator
from collections.abc import Iterator
from typing import Any

import torch

from rnn_core.interpreter import allow
from rnn_core.interpreter.branches import Break, Continue, Loops
from rnn_core.interpreter.errors import Call, Raised, not_understood
from rnn_core.interpreter.functions import Returned
from rnn_core.interpreter.operators import ARITHMETIC
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


class Statements(Loops):
    """Runs statements; `_run_NAME` is that of a node of the syntax tree."""

    def run_simple(self, node: ast.stmt, scope: Scope) -> None:
        """Run a statement without a block."""
        method = getattr(self, f"_run_{type(node).__name__.lower()}", None)
        if method is None:
            raise not_understood(_WORDS.get(type(node).__name__, ast.unparse(node).split("\n")[0]))
        method(node, scope)

    def run_compound(self, node: ast.stmt, scope: Scope) -> Iterator[Value]:
        """Run a statement that other statements belong to, or that yields."""
        match node:
            case ast.If():
                yield from self.run_if(node, scope)
            case ast.For():
                yield from self.run_for(node, scope)
            case ast.While():
                yield from self.run_while(node, scope)
            case ast.With():
                yield from self._run_with(node, scope)
            case ast.Try():
                yield from self._run_try(node, scope)
            case ast.Expr(value=ast.Yield(value=value)):
                yield self.value(value, scope) if value else None
            case ast.Assign(value=ast.Yield(value=value)):
                yield self.value(value, scope) if value else None
                for target in node.targets:
                    self.assign(target, None, scope)
            case ast.Expr(value=ast.YieldFrom(value=value)):
                yield from self.items(self.value(value, scope))
            case _:
                self.run_simple(node, scope)

    def _run_pass(self, _: ast.Pass, __: Scope) -> None:
        """Nothing happens."""

    def _run_expr(self, node: ast.Expr, scope: Scope) -> None:
        self.evaluated(node.value, scope)

    def evaluated(self, node: ast.expr, scope: Scope) -> Value:
        """Evaluate an expression, and say so if it is not known."""
        raise NotImplementedError

    def _run_return(self, node: ast.Return, scope: Scope) -> None:
        raise Returned(self.evaluated(node.value, scope) if node.value else None)

    def _run_break(self, _: ast.Break, __: Scope) -> None:
        raise Break

    def _run_continue(self, _: ast.Continue, __: Scope) -> None:
        raise Continue

    def _run_global(self, node: ast.Global, scope: Scope) -> None:
        for name in node.names:
            scope.elsewhere[name] = self.globals

    def _run_nonlocal(self, node: ast.Nonlocal, scope: Scope) -> None:
        for name in node.names:
            around = scope.around
            while around is not None and name not in around.names:
                around = around.around
            scope.elsewhere[name] = around or self.globals

    def _run_import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.split(".")[0]
            if allow.is_quiet(alias.name):
                scope.set(name, Quiet(alias.name))
            elif not allow.is_library(alias.name):
                raise not_understood(f"import {alias.name}")
            else:
                scope.set(name, Library(alias.name if alias.asname else name))

    def _run_importfrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        if node.module == "__future__":
            return
        path = node.module or ""
        if not allow.is_library(path) or node.level:
            raise not_understood(ast.unparse(node))
        for alias in node.names:
            if alias.name == "*":
                self._import_all(path, scope, node)
                continue
            try:
                scope.set(
                    alias.asname or alias.name,
                    Quiet(alias.name) if allow.is_quiet(path) else allow.take(path, alias.name),
                )
            except allow.Absent as absent:
                file = getattr(absent.library, "__file__", "unknown location")
                raise Raised(ImportError(f"cannot import name '{alias.name}' from '{path}' ({file})")) from None

    def _import_all(self, path: str, scope: Scope, node: ast.stmt) -> None:
        if allow.is_quiet(path):
            return
        found = [name.rpartition(".") for name in allow.functions()]
        names = [last for head, _, last in found if head == path]
        if not names:
            raise not_understood(ast.unparse(node))
        for name in names:
            scope.set(name, allow.functions()[f"{path}.{name}"])

    def _run_assign(self, node: ast.Assign, scope: Scope) -> None:
        value = self.evaluated(node.value, scope)
        words = self.comment(node)
        if (
            isinstance(value, torch.Tensor)
            and words
            and len(words) == value.dim()
            and marks(value).origin.kind in ("", "filled")
        ):
            mark(value, axes=words)
        for target in node.targets:
            self.assign(target, value, scope)

    def comment(self, node: ast.stmt) -> tuple[str, ...]:
        """Return the words for axes in a comment on the line."""
        raise NotImplementedError

    def _run_annassign(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self.assign(node.target, self.evaluated(node.value, scope), scope)

    def _run_augassign(self, node: ast.AugAssign, scope: Scope) -> None:
        load = ast.parse(ast.unparse(node.target), mode="eval").body
        for part in ast.walk(load):
            if isinstance(part, (ast.expr, ast.keyword)):
                ast.copy_location(part, node.target)
        left, right = self.value(load, scope), self.evaluated(node.value, scope)
        if isinstance(left, list) and isinstance(node.op, ast.Add):
            left += [UNKNOWN] if isinstance(right, Unknown) else self.listed(right)
            self.budget.weigh(left)
            return self.assign(node.target, left, scope)
        outer, self.calling = self.calling, Call(load, None, (left, right), {}, (load, node.value))
        try:
            if isinstance(left, torch.Tensor) and not is_dark(right):
                made = self.foreign(_IN_PLACE.get(type(node.op), ARITHMETIC[type(node.op)]), left, sampled(right)[0])
            else:
                made = self.binary(ARITHMETIC[type(node.op)], type(node.op), left, right)
        except Raised as raised:
            raised.number = raised.number or node.lineno
            raised.node, raised.call = raised.node or load, raised.call or self.calling
            raise
        finally:
            self.calling = outer
        self.after_arithmetic(load, left, right, made)
        return self.assign(node.target, made, scope)

    def _run_assert(self, node: ast.Assert, scope: Scope) -> None:
        held = self.truth(self.evaluated(node.test, scope))
        if held is False:
            text = [self.value(node.msg, scope)] if node.msg else []
            if any(isinstance(t, Unknown) for t in text):
                raise not_understood("the text of this assertion")
            raise _at(AssertionError(*text), node)

    def _run_raise(self, node: ast.Raise, scope: Scope) -> None:
        made = self.value(node.exc, scope) if node.exc else scope.names.get("%caught")
        if isinstance(made, type) and issubclass(made, Exception):
            made = made()
        if not isinstance(made, Exception):
            raise not_understood("raise")
        raise _at(made, node)

    def _run_delete(self, node: ast.Delete, scope: Scope) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                if target.id not in scope.names:
                    raise not_understood(ast.unparse(node))
                del scope.names[target.id]
            elif isinstance(target, ast.Subscript):
                owner, index = self.value(target.value, scope), self.value(target.slice, scope)
                if not isinstance(owner, (list, dict)) or is_dark(index):
                    raise not_understood(ast.unparse(node))
                self.foreign(operator.delitem, owner, index)

    def _run_functiondef(self, node: ast.FunctionDef, scope: Scope) -> None:
        scope.set(node.name, self.function(node, node.name, scope))

    def _run_classdef(self, node: ast.ClassDef, scope: Scope) -> None:
        scope.set(node.name, self.make_class(node, scope))

    def _run_with(self, node: ast.With, scope: Scope) -> Iterator[Value]:
        opened: list[Any] = []
        try:
            for item in node.items:
                context = self.value(item.context_expr, scope)
                given: Value = context
                if isinstance(
                    context, (torch.no_grad, torch.enable_grad, torch.inference_mode, torch.set_grad_enabled)
                ):
                    context.__enter__()
                    opened.append(context)
                elif self.has_own_class(context) and hasattr(type(context), "__enter__"):
                    given = self.foreign(context.__enter__)
                    opened.append(context)
                elif not isinstance(context, Quiet):
                    raise not_understood(ast.unparse(item.context_expr))
                if item.optional_vars is not None:
                    self.assign(item.optional_vars, given, scope)
            yield from self.block(node.body, scope)
        finally:
            for context in reversed(opened):
                context.__exit__(None, None, None)

    def _run_try(self, node: ast.Try, scope: Scope) -> Iterator[Value]:
        try:
            try:
                yield from self.block(node.body, scope)
            except Raised as raised:
                handler = next((h for h in node.handlers if self._catches(h, raised, scope)), None)
                if handler is None:
                    raise
                self.caught(raised)
                scope.names["%caught"] = raised.error
                if handler.name:
                    scope.set(handler.name, raised.error)
                try:
                    yield from self.block(handler.body, scope)
                finally:
                    scope.names.pop(handler.name or "", None)  # as Python does
            else:
                yield from self.block(node.orelse, scope)
        finally:
            yield from self.block(node.finalbody, scope)

    def caught(self, raised: Raised) -> None:
        """Note that the paste goes on after an exception."""

    def _catches(self, handler: ast.ExceptHandler, raised: Raised, scope: Scope) -> bool:
        if handler.type is None:
            return True
        kinds = self.value(handler.type, scope)
        kinds = kinds if isinstance(kinds, tuple) else (kinds,)
        if not all(isinstance(kind, type) for kind in kinds):
            raise not_understood("except")
        return isinstance(raised.error, kinds)


def _at(error: Exception, node: ast.stmt) -> Raised:
    raised = Raised(error)
    raised.number, raised.node = node.lineno, node
    return raised


_WORDS = {
    "Match": "match",
    "AsyncFunctionDef": "async",
    "AsyncFor": "async",
    "AsyncWith": "async",
    "TryStar": "except*",
}
