"""Conditions that are not known, and loops that would do the same a thousand times."""

from __future__ import annotations

import ast
from collections.abc import Generator, Iterator
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils import data

from rnn_core.interpreter.core import Machine, named
from rnn_core.interpreter.errors import NotUnderstood, Raised, not_understood
from rnn_core.interpreter.expressions import either
from rnn_core.interpreter.functions import Returned
from rnn_core.interpreter.loading import Loader
from rnn_core.interpreter.python import Paired
from rnn_core.interpreter.values import (
    Drawn,
    Quiet,
    Scope,
    Unknown,
    Value,
    is_drawn,
    marks,
)
from rnn_core.sentence import Sentence

_LEAST = 3  # rounds that are always run


class Break(BaseException):
    """The innermost loop ends."""


class Continue(BaseException):
    """The innermost loop goes on with its next round."""


def run_if(machine: Machine, node: ast.If, scope: Scope) -> Iterator[Value]:
    """Run one branch; where it is not known which, both, and keep what they agree on."""
    test = machine.value(node.test, scope)
    held = machine.truth(test)
    if held is not None:
        yield from machine.block(node.body if held else node.orelse, scope)
        return
    if isinstance(test, Unknown) and not isinstance(test, Drawn):
        raise NotUnderstood(Sentence("Which way this goes is not known before it runs."))
    before = dict(scope.names)
    lengths = _lengths(before)
    outcomes: list[dict[str, Value]] = []
    for nodes in (node.body, node.orelse):
        scope.names.clear()
        scope.names.update(before)
        left = yield from _branch(machine, nodes, scope)
        if left:
            outcomes.append(dict(scope.names))
    _join(machine, scope, before, outcomes, lengths)


def _branch(machine: Machine, nodes: list[ast.stmt], scope: Scope) -> Generator[Value, None, bool]:
    """Run a branch that may not be run; tell whether the code goes on after it."""
    try:
        yield from machine.block(nodes, scope)
    except Raised:
        return False
    except Returned as returned:
        kept = scope.names.get("%returns")
        if kept is None:
            return False
        kept.append(returned.value)
        return False
    except (Break, Continue) as jump:
        if isinstance(jump, Break):
            machine.breaks.append(dict(scope.names))
        return False
    return True


def _join(
    machine: Machine, scope: Scope, before: dict[str, Value], outcomes: list[dict[str, Value]], lengths: dict[str, int]
) -> None:
    outcomes = outcomes or [before]
    scope.names.clear()
    scope.names.update(outcomes[0])
    for other in outcomes[1:]:
        for name in {**scope.names, **other}:
            if name in scope.names and name in other:
                joined = either(scope.names[name], other[name])
                if joined is not scope.names[name]:
                    scope.names[name] = joined
                    machine.show(name, joined)
            else:
                scope.names.setdefault(name, other.get(name))
    for name, length in lengths.items():
        held = scope.names.get(name)
        if isinstance(held, (list, dict, set)) and len(held) != length:
            scope.names[name] = Drawn(None)  # who knows how long it is now


def run_while(machine: Machine, node: ast.While, scope: Scope) -> Iterator[Value]:
    """Run a loop as long as its condition holds; once, where that is not known."""
    outer, machine.breaks = getattr(machine, "breaks", []), []
    try:
        rounds, previous = 0, None
        while True:
            held = machine.truth(machine.value(node.test, scope))
            if held is False:
                yield from machine.block(node.orelse, scope)
                break
            if held is None and rounds >= 2:
                break
            before = dict(scope.names)
            lengths = _lengths(before)
            try:
                yield from machine.block(node.body, scope)
            except Break:
                break
            except Continue:
                pass
            rounds += 1
            if held is None and rounds == 2:
                _join(machine, scope, before, [dict(scope.names), before], lengths)
            state = _state(scope, set())
            if machine.breaks and state[0] == previous and rounds >= _LEAST:
                break
            if machine.breaks and rounds >= 40:
                raise not_understood("a loop that ends when a number says so")
            previous = state[0]
        _after_breaks(machine, scope)
    finally:
        machine.breaks = outer


def _after_breaks(machine: Machine, scope: Scope) -> None:
    """Keep of a loop that may have ended earlier what would be the same."""
    if machine.breaks:
        _join(machine, scope, scope.names, [dict(scope.names), *machine.breaks], {})


def run_for(machine: Machine, node: ast.For, scope: Scope) -> Iterator[Value]:
    """Run a loop; rounds that only do the same again are left out, but never the last one."""
    source = machine.evaluated(node.iter, scope)
    if isinstance(source, Unknown):
        raise not_understood(ast.unparse(node.iter))
    outer, machine.breaks = getattr(machine, "breaks", []), []
    try:
        yield from _rounds_of(machine, node, _Rounds(machine, source), scope)
        _after_breaks(machine, scope)
    finally:
        machine.breaks = outer


def _rounds_of(machine: Machine, node: ast.For, rounds: _Rounds, scope: Scope) -> Iterator[Value]:
    counters = {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
    free = {name for name in counters if not has_effect({name}, node.body)}
    is_simple = rounds.is_even != "counted" or counters == free
    is_simple = is_simple and not any(
        isinstance(part, (ast.Break, ast.Yield, ast.YieldFrom)) for part in ast.walk(node)
    )
    history: list[tuple[Any, dict[Any, float]]] = []
    shapes: list[Any] = []
    while True:
        item = rounds.next()
        if item is _END:
            break
        machine.assign(node.target, item, scope)
        try:
            yield from machine.block(node.body, scope)
        except Break:
            return
        except Continue:
            pass
        if not is_simple:
            continue
        if rounds.count < _LEAST:
            history.append(_state(scope, free))
            shapes.append(_signature(item, counters == free))
            continue
        history = [*history[-2:], _state(scope, free)]
        shapes = [*shapes[-1:], _signature(item, counters == free)]
        growth = _growth(history, node)
        if growth is not None and shapes[0] == shapes[-1]:
            skipped = rounds.skip(shapes[-1], counters == free)
            _grow(machine, scope, growth, skipped)
    yield from machine.block(node.orelse, scope)


def _growth(history: list[tuple[Any, dict[Any, float]]], node: ast.For) -> dict[Any, float] | None:
    """Return what a round adds to counters and lists, if the last two added the same and changed nothing else."""
    if len(history) < 3 or not history[0][0] == history[1][0] == history[2][0]:
        return None
    sizes = [state[1] for state in history]
    if not sizes[0].keys() == sizes[1].keys() == sizes[2].keys():
        return None
    steps = {key: sizes[2][key] - sizes[1][key] for key in sizes[2]}
    if any(sizes[1][key] - sizes[0][key] != step for key, step in steps.items()):
        return None
    moving = {key for key, step in steps.items() if step and isinstance(key, str)}
    return None if moving and has_effect(moving, node.body) else {key: step for key, step in steps.items() if step}


def _grow(machine: Machine, scope: Scope, growth: dict[Any, float], rounds: int) -> None:
    """Add what the rounds that are left out would have added."""
    for key, step in growth.items():
        if isinstance(key, str):
            scope.set(key, named(int(scope.find(key) + step * rounds), key))
            continue
        for held in _lists(scope):
            if id(held) == key[0] and step > 0:
                added = held[-int(step) :] * rounds
                machine.budget.spend(len(added) // 10 + 1)
                machine.budget.weigh(held)
                machine.budget.weigh(added)
                held.extend(added)


_END = object()


class _Rounds:
    """The items that a loop goes through, with a way to leave some out."""

    def __init__(self, machine: Machine, source: Value) -> None:
        self.machine, self.count = machine, 0
        self.length, self.get, self.is_even = _random_access(machine, source)
        self.steps = iter(()) if self.get else machine.items(source)
        self.ahead: Value = _END

    def next(self) -> Value:
        """Return the next item, or _END."""
        self.machine.budget.spend()
        if self.get is not None:
            if self.count >= self.length():
                return _END
            item = self.get(self.count)
        elif self.ahead is not _END:
            item, self.ahead = self.ahead, _END
        else:
            item = next(self.steps, _END)
        self.count += 1
        return item

    def skip(self, shape: Any, is_free: bool) -> int:
        """Leave out the items that look like the last one, but not the very last; return how many."""
        if self.get is not None:
            left = max(int(self.length()) - 1 - self.count, 0)
            if self.is_even == "always" or (self.is_even == "counted" and is_free):
                self.count += left
                return left
            for skipped in range(left):
                self.machine.budget.spend()
                if _signature(self.get(self.count), is_free) != shape:
                    return skipped
                self.count += 1
            return left
        skipped = 0
        item = next(self.steps, _END)
        while item is not _END:
            following = next(self.steps, _END)
            if following is _END or _signature(item, is_free) != shape:
                self.ahead = item
                if following is not _END:
                    rest = self.steps
                    self.steps = _chained(following, rest)
                break
            skipped += 1
            item = following
        self.count += skipped
        return skipped


def _chained(first: Value, rest: Iterator[Value]) -> Iterator[Value]:
    yield first
    yield from rest


def _random_access(machine: Machine, source: Value) -> tuple[Any, Any, str]:
    """Return how many items there are, how to get one, and whether all but the last look alike.

    Nothing, if the items cannot be had without the ones before. They look alike `always`, `never` for sure, or if it
    does not matter what is `counted`.
    """
    if isinstance(source, range):
        return (lambda: len(source)), source.__getitem__, "counted"
    if isinstance(source, (list, tuple)):
        return (lambda: len(source)), source.__getitem__, "never"
    if isinstance(source, torch.Tensor):
        count = machine.foreign(len, source)
        return (lambda: count), source.__getitem__, "always" if is_drawn(source) else "never"
    if isinstance(source, Loader):
        batches = source.batches(machine)
        is_even = isinstance(source.dataset, data.TensorDataset) and source.collate_fn is None
        return (lambda: len(batches)), (lambda i: source.batch(machine, batches[i])), "always" if is_even else "never"
    if isinstance(source, Paired):
        parts = [_random_access(machine, value) for value in source.values]
        if not all(get for _, get, _ in parts):
            return None, None, ""
        start = source.start

        def item(i: int) -> Value:
            values = tuple(get(i) for _, get, _ in parts)
            return values if start is None else (start + i, values[0])

        kinds = {even for _, _, even in parts} | ({"counted"} if start is not None else set())
        even = "never" if "never" in kinds else "counted" if "counted" in kinds else "always"
        return (lambda: min(length() for length, _, _ in parts)), item, even
    return None, None, ""


def has_effect(names: set[str], nodes: list[ast.stmt]) -> bool:
    """Whether what is counted reaches a shape or an index: anything but what is printed, or whether it is printed."""
    waiting: list[ast.AST] = list(nodes)
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Name(id=name) if name in names:
                return True
            case ast.If() if all(isinstance(part, (ast.Expr, ast.Pass)) for part in (*node.body, *node.orelse)):
                waiting += [*node.body, *node.orelse]
            case ast.AugAssign(target=ast.Name(id=name), value=ast.Constant()) if name in names:
                continue
            case ast.Call(func=ast.Name(id="print")) | ast.JoinedStr():
                continue
            case _:
                waiting += ast.iter_child_nodes(node)
    return False


def _lengths(names: dict[str, Value]) -> dict[str, int]:
    return {name: len(value) for name, value in names.items() if isinstance(value, (list, dict, set))}


def _lists(scope: Scope) -> list[list[Value]]:
    held = [value for value in scope.names.values() if isinstance(value, list)]
    held += [v for d in scope.names.values() if isinstance(d, dict) for v in d.values() if isinstance(v, list)]
    for value in scope.names.values():
        if type(value).__module__ == "__main__" and hasattr(value, "__dict__"):
            held += [v for v in vars(value).values() if isinstance(v, list)]
    return held


def _state(scope: Scope, skipped: set[str]) -> tuple[Any, dict[Any, float]]:
    """Return what has to stay the same for another round to do the same, and what may grow evenly."""
    same: list[Any] = []
    sizes: dict[Any, float] = {}
    for name, value in scope.names.items():
        if name in skipped or name.startswith("%"):
            continue
        if isinstance(value, int) and not isinstance(value, bool):
            sizes[name] = int(value)
        elif isinstance(value, list):
            same.append((name, "list", _signature(value[-1], False) if value else None))
        else:
            same.append((name, _signature(value, True)))
        if type(value).__module__ == "__main__" and hasattr(value, "__dict__"):
            same.append(tuple((k, _signature(v, True)) for k, v in vars(value).items() if not k.startswith("_")))
    for held in _lists(scope):
        sizes[id(held), "list"] = len(held)
    return tuple(same), sizes


def _signature(value: Value, is_number_free: bool, depth: int = 0) -> Any:
    """Return what of a value decides what is done with it."""
    match value:
        case torch.Tensor():
            numbers = True if is_drawn(value) or value.numel() > 64 else value.detach().tolist().__repr__()
            return ("tensor", tuple(value.shape), value.dtype, value.requires_grad, marks(value).axes, numbers)
        case np.ndarray():
            return ("array", value.shape, value.dtype)
        case Drawn(sample=sample):
            return ("drawn", type(sample).__name__)
        case bool() | None:
            return value
        case int():
            return "int" if is_number_free else int(value)
        case float():
            return "float"
        case str():
            return "str" if is_number_free else value[:50]
        case tuple() | list() if depth < 3:
            return (type(value).__name__, *(_signature(item, is_number_free, depth + 1) for item in value[:50]))
        case dict() if depth < 2:
            return (*((str(k)[:20], _signature(v, True, depth + 2)) for k, v in islice(value.items(), 30)), len(value))
    return type(value).__name__ if isinstance(value, (Quiet, nn.Module)) or depth else id(value)
