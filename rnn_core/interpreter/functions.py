"""Functions and classes of a paste, as real functions and classes whose bodies the interpreter runs."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn
from torch.utils import data

from rnn_core.interpreter import allow
from rnn_core.interpreter.core import MAX_CALLS, Machine, named
from rnn_core.interpreter.errors import Raised, not_understood
from rnn_core.interpreter.values import UNKNOWN, Drawn, Library, Scope, Unknown, Value, is_same_kind

Def = ast.FunctionDef | ast.Lambda


class Returned(BaseException):
    """A function of the paste ends."""

    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


def make_function(
    machine: Machine, node: Def, qualname: str, scope: Scope, owner: list[type] | None = None
) -> Callable[..., Any]:
    """Return a function that binds its arguments as Python does, and runs the body."""
    spec = node.args
    names = [a.arg for a in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]
    if any(name.startswith("__") for name in names):
        raise not_understood("such a name of an argument")
    defaults = [machine.value(default, scope) for default in spec.defaults]
    only = {
        a.arg: machine.value(d, scope) for a, d in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if d is not None
    }
    yields = not isinstance(node, ast.Lambda) and _yields(node.body)
    own = frozenset() if isinstance(node, ast.Lambda) else _assigned(node.body)

    def run(*args: Any, **kwargs: Any) -> Any:
        given = bind(qualname, spec, defaults, only, args, kwargs)
        inner = Scope(scope)
        inner.names = {name: named(value, name) for name, value in given.items()}
        inner.owner, inner.first, inner.locals = owner, next(iter(given.values()), None), own
        return _enter(machine, node, inner, is_generator=yields)

    run.__name__, run.__qualname__ = getattr(node, "name", "<lambda>"), qualname
    made: Any = machine.keep(run)
    for decorator in reversed(getattr(node, "decorator_list", [])):
        made = _decorated(machine, decorator, made, scope)
    return made  # type: ignore[no-any-return]


def _decorated(machine: Machine, decorator: ast.expr, made: Any, scope: Scope) -> Any:
    word = ast.unparse(decorator)
    plain = {"staticmethod": staticmethod, "classmethod": classmethod, "property": property}
    if word in plain:
        return plain[word](made)
    try:
        value = machine.value(decorator, scope)
    except Raised:
        raise not_understood(f"@{word}") from None
    if isinstance(value, (torch.no_grad, torch.enable_grad, torch.inference_mode)):
        context = type(value)

        def quietly(*args: Any, **kwargs: Any) -> Any:
            with context():
                return made(*args, **kwargs)

        quietly.__name__, quietly.__qualname__ = made.__name__, made.__qualname__
        return machine.keep(quietly)
    if value in (torch.no_grad, torch.inference_mode):
        return _decorated(machine, ast.Call(decorator, [], []), made, scope)
    if machine.is_own(value):
        return machine.call(value, [made], {})
    raise not_understood(f"@{word}")


def _enter(machine: Machine, node: Def, inner: Scope, *, is_generator: bool) -> Value:
    if machine.depth >= MAX_CALLS:
        raise not_understood("a function within itself")
    if is_generator:
        assert not isinstance(node, ast.Lambda)
        return _produce(machine, node.body, inner)
    machine.depth += 1
    machine.entered()
    maybe: list[Value] = []
    inner.names["%returns"] = maybe  # what may have been returned before, where a condition is not known
    try:
        if isinstance(node, ast.Lambda):
            return machine.value(node.body, inner)
        for _ in machine.block(node.body, inner):
            raise not_understood("yield")
    except Returned as returned:
        return _merged(returned.value, maybe)
    finally:
        machine.depth -= 1
    return _merged(None, maybe)


def _produce(machine: Machine, nodes: list[ast.stmt], scope: Scope) -> Iterator[Value]:
    """Return what a function with yield returns; the statement that asks for more stays the present one."""
    steps = machine.block(nodes, scope)
    while True:
        present = machine.present()
        machine.depth += 1
        try:
            item = next(steps)
        except (StopIteration, Returned):
            return
        finally:
            machine.depth -= 1
            machine.go_on(present)
        yield item


def make_class(machine: Machine, node: ast.ClassDef, scope: Scope) -> type:
    """Return a class with the methods of a class of the paste."""
    bases = [machine.value(base, scope) for base in node.bases]
    bases = [base for base in bases if not (isinstance(base, Library) and base.path in ("abc.ABC", "typing.Protocol"))]
    decorators = [ast.unparse(decorator).split("(")[0].split(".")[-1] for decorator in node.decorator_list]
    if node.keywords or decorators not in ([], ["dataclass"]) or not all(_is_base(machine, base) for base in bases):
        raise not_understood(f"class {node.name}")
    inner, owner = Scope(scope, is_class=True), list[type]()
    inner.owner = owner
    fields: dict[str, Value] = {}
    for part in node.body:
        if isinstance(part, ast.FunctionDef):
            _check_name(part.name)
            inner.set(part.name, make_function(machine, part, f"{node.name}.{part.name}", inner, owner))
            continue
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            fields[part.target.id] = ...
        for _ in machine.block([part], inner):
            raise not_understood("yield")
    for name in inner.names:
        _check_name(name)
    made = machine.foreign(type, node.name, tuple(bases), {**inner.names, "__module__": "__main__"})
    owner.append(made)
    machine.classes.add(made)
    if decorators:
        _add_init(machine, made, fields)
    return made  # type: ignore[no-any-return]


def _is_base(machine: Machine, base: Value) -> bool:
    if not isinstance(base, type):
        return False
    if base in machine.classes or base is object or base in allow.EXCEPTIONS.values():
        return True
    return id(base) in allow.listed() and issubclass(base, (nn.Module, data.Dataset, data.Sampler))


def _add_init(machine: Machine, made: type, fields: dict[str, Value]) -> None:
    """Give a dataclass its `__init__`."""
    every: dict[str, Value] = {}
    for base in reversed(made.__mro__):
        every |= base.__dict__.get("_fields_of_paste", {})
    every |= {name: made.__dict__.get(name, ...) for name in fields}
    made._fields_of_paste = every  # type: ignore[attr-defined]
    if "__init__" in made.__dict__:
        return

    spec = ast.arguments([], [ast.arg("self"), *map(ast.arg, every)], None, [], [], None, [])
    defaults = [value for value in every.values() if value is not ...]

    def init(self_: Any, *args: Any, **kwargs: Any) -> None:
        given = bind(f"{made.__name__}.__init__", spec, defaults, {}, (self_, *args), kwargs)
        for name, value in list(given.items())[1:]:
            setattr(self_, name, machine.call(value.factory, [], {}) if isinstance(value, Factory) else value)
        if hasattr(self_, "__post_init__"):
            self_.__post_init__()

    made.__init__ = machine.keep(init)  # type: ignore[misc]


class Factory:
    """The default of a dataclass's field that is made anew each time."""

    def __init__(self, factory: Value) -> None:
        self.factory = factory


def _check_name(name: str) -> None:
    """Keep a class from changing how torch itself works."""
    is_inside = hasattr(nn.Module, name) or hasattr(data.Dataset, name)
    if name not in allow.DUNDERS and (
        name.startswith("__") or (name.startswith("_") and is_inside) or name == "_marks"
    ):
        raise not_understood(name)


def _yields(nodes: list[ast.stmt]) -> bool:
    waiting: list[ast.AST] = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(node, (ast.FunctionDef, ast.Lambda, ast.ClassDef)):
            waiting += ast.iter_child_nodes(node)
    return False


def _assigned(nodes: list[ast.stmt]) -> frozenset[str]:
    """Return the names that are a function's own, because it gives them values."""
    found, elsewhere = set(), set()
    waiting: list[ast.AST] = list(nodes)
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
                continue
            case ast.Global() | ast.Nonlocal():
                elsewhere |= set(node.names)
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                continue
        waiting += ast.iter_child_nodes(node)
    return frozenset(found - elsewhere)


def _merged(value: Value, maybe: list[Value]) -> Value:
    """Return what a function returns that may have returned something else before."""
    if not maybe or all(is_same_kind(value, other) for other in maybe):
        return value if not maybe or isinstance(value, (torch.Tensor, Unknown)) else _open(value)
    return UNKNOWN


def _open(value: Value) -> Value:
    return Drawn(value) if isinstance(value, (bool, int, float, str)) else value


def bind(
    name: str,
    spec: ast.arguments,
    defaults: list[Value],
    only: dict[str, Value],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> dict[str, Value]:
    """Give the parameters of a function their values.

    Raises:
        TypeError: with Python's own words, if they do not fit.
    """
    positional = [a.arg for a in (*spec.posonlyargs, *spec.args)]
    known = {a.arg for a in (*spec.args, *spec.kwonlyargs)}
    given = dict(zip(positional, args, strict=False))
    rest: dict[str, Any] = {}
    for key, value in kwargs.items():
        if key not in known:
            if spec.kwarg is None:
                if key in positional:
                    raise TypeError(f"{name}() got some positional-only arguments passed as keyword arguments: '{key}'")
                raise TypeError(f"{name}() got an unexpected keyword argument '{key}'")
            rest[key] = value
        elif key in given:
            raise TypeError(f"{name}() got multiple values for argument '{key}'")
        else:
            given[key] = value
    if len(args) > len(positional) and spec.vararg is None:
        raise TypeError(_too_many(name, positional, len(defaults), len(args), spec, kwargs))
    first = len(positional) - len(defaults)
    missing = [p for p in positional[:first] if p not in given]
    if missing:
        raise TypeError(_missing(name, missing, "positional"))
    for parameter, default in zip(positional[first:], defaults, strict=True):
        given.setdefault(parameter, default)
    lacking = [a.arg for a in spec.kwonlyargs if a.arg not in given and a.arg not in only]
    if lacking:
        raise TypeError(_missing(name, lacking, "keyword-only"))
    made = {parameter: given[parameter] for parameter in positional}
    if spec.vararg is not None:
        made[spec.vararg.arg] = tuple(args[len(positional) :])
    made |= {a.arg: given.get(a.arg, only.get(a.arg)) for a in spec.kwonlyargs}
    if spec.kwarg is not None:
        made[spec.kwarg.arg] = rest
    return made


def _missing(name: str, missing: list[str], kind: str) -> str:
    quoted = [f"'{m}'" for m in missing]
    listed = quoted[0] if len(quoted) == 1 else " and ".join(quoted) if len(quoted) == 2 else (
        ", ".join(quoted[:-1]) + ", and " + quoted[-1]
    )  # fmt: skip
    return f"{name}() missing {len(missing)} required {kind} argument{'s' if len(missing) > 1 else ''}: {listed}"


def _too_many(
    name: str, positional: list[str], optional: int, count: int, spec: ast.arguments, kwargs: dict[str, Any]
) -> str:
    least, most = len(positional) - optional, len(positional)
    takes = f"from {least} to {most}" if optional else str(most)
    plural = "s" if optional or most != 1 else ""
    only = [a.arg for a in spec.kwonlyargs if a.arg in kwargs]
    if only:
        were = f"(and {len(only)} keyword-only argument{'s' if len(only) != 1 else ''}) were given"
        extra = f"positional argument{'s' if count != 1 else ''} {were}"
        return f"{name}() takes {takes} positional argument{plural} but {count} {extra}"
    return f"{name}() takes {takes} positional argument{plural} but {count} {'was' if count == 1 else 'were'} given"
