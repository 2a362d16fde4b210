"""From an expression of the paste to a value: nothing is run, every operator is looked up."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from rnn_core.reading import python
from rnn_core.reading.arithmetic import MAX_ITEMS, SIGNS, bounded, broadcast, compute, weight
from rnn_core.reading.arrays import array_attribute, call_array
from rnn_core.reading.calls import Call
from rnn_core.reading.containers import check_keys, look_up
from rnn_core.reading.doubts import doubt_broadcast, doubt_index
from rnn_core.reading.errors import Edit, Fix, Raised, attribute_error, fail, not_understood
from rnn_core.reading.indexing import check_put, index_sequence, index_tensor
from rnn_core.reading.library import (
    CONTAINERS,
    call_library,
    lookup,
    module_attribute,
    packed_attribute,
    run_module,
    weights_of,
)
from rnn_core.reading.methods import METHODS, attribute, without_grad
from rnn_core.reading.spelling import close_fix, is_name_of
from rnn_core.reading.values import (
    Array,
    Distinct,
    DType,
    Function,
    Instance,
    Library,
    Method,
    Module,
    Named,
    Number,
    Opaque,
    Packed,
    Tensor,
    Unknown,
    UserClass,
    Value,
    describe,
    is_int,
    is_known,
    type_name,
)
from rnn_core.sentence import Sentence

Scope = dict[str, Value]
AROUND = "<scope>"  # where a function keeps the names of the function around it, and
GLOBAL = "<global>"  # the names that it declares global, or
NONLOCAL = "<nonlocal>"  # the function around it's
READY = "()"  # kept in an object once nn.Module.__init__ has run; no attribute has such a name
MAX_EXPRESSIONS = 60_000  # a paste of loops is given up after this many
_MODULE_METHODS = {"train", "eval", "to", "cpu", "cuda", "float", "zero_grad", "flatten_parameters", "requires_grad_"}
_MODULE_METHODS |= {"state_dict", "register_buffer"}
_PRESENT = {
    "torch": "torch",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "pack_padded_sequence": "torch.nn.utils.rnn.pack_padded_sequence",
    "pad_packed_sequence": "torch.nn.utils.rnn.pad_packed_sequence",
    "pad_sequence": "torch.nn.utils.rnn.pad_sequence",
}


class TooMuch(Exception):  # noqa: N818 - a verdict about the paste
    """Reading took more steps than are allowed."""


class Evaluator(ABC):
    """Evaluates expressions; what happens to a statement is its subclass's.

    Attributes:
        missing: the names met in the present statement that hold nothing known.
    """

    def __init__(self) -> None:
        self.globals: Scope = {}
        self.missing: list[str] = []
        self.spent = 0
        self.in_no_grad = False

    @abstractmethod
    def doubt(self, node: ast.AST, kind: str, sentence: Sentence, fix: Fix | None) -> None:
        """Note something that runs and is probably wrong."""

    @abstractmethod
    def run_function(self, function: Function, node: ast.Call, args: tuple[Value, ...], kwargs: Scope) -> Value:
        """Return what a function of the paste returns."""

    def value(self, node: ast.expr, scope: Scope) -> Value:
        """Return what an expression stands for; Unknown where it depends on something that is not understood."""
        self.spent += 1
        if self.spent > MAX_EXPRESSIONS:
            raise TooMuch
        handler: Callable[[Any, Scope], Value] | None = getattr(self, f"_{type(node).__name__.lower()}", None)
        if handler is None:
            raise not_understood(ast.unparse(node))
        found = handler(node, scope)
        return without_grad(found) if self.in_no_grad else found

    def _constant(self, node: ast.Constant, _: Scope) -> Value:
        if isinstance(node.value, (complex, bytes)):
            raise not_understood(repr(node.value))
        return bounded(node.value)

    def _name(self, node: ast.Name, scope: Scope) -> Value:
        for place in (scope, scope.get(AROUND, self.globals), self.globals):
            if node.id in place:
                if not is_known(place[node.id]):
                    self.missing.append(node.id)
                return place[node.id]
        if node.id in _PRESENT:
            return Library(_PRESENT[node.id])
        if node.id in python.BUILTINS:
            return Library(f"builtins.{node.id}")
        if node.id.startswith("__"):
            raise not_understood(node.id)
        self.missing.append(node.id)
        return Unknown(node.id)

    def _tuple(self, node: ast.Tuple, scope: Scope) -> tuple[Value, ...]:
        return tuple(self._items(node.elts, scope))

    def _list(self, node: ast.List, scope: Scope) -> list[Value]:
        return self._items(node.elts, scope)

    def _items(self, nodes: list[ast.expr], scope: Scope) -> list[Value]:
        found: list[Value] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                inner = self.value(node.value, scope)
                found.extend(python.items(inner) if is_known(inner) else [Unknown()])
            else:
                found.append(self.value(node, scope))
        if weight(found) > MAX_ITEMS:
            raise not_understood("a very long list")
        return found

    def _binop(self, node: ast.BinOp, scope: Scope) -> Value:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        if not is_known(left) or not is_known(right):
            return Unknown()
        sign = SIGNS.get(type(node.op))
        if sign is None:
            raise not_understood(ast.unparse(node))
        with self.at(node, [(node.left, left), (node.right, right)]):
            made = compute(sign, left, right)
        if isinstance(left, Tensor) and isinstance(right, Tensor) and isinstance(made, Tensor) and sign in "+-*/":
            doubt_broadcast(left, right, made, node, self.doubt)
        if weight(made) > MAX_ITEMS:
            raise not_understood("a very long list")
        return made

    def _unaryop(self, node: ast.UnaryOp, scope: Scope) -> Value:
        value = self.value(node.operand, scope)
        if not is_known(value):
            return Unknown()
        if isinstance(node.op, ast.Not):
            held = python.truth(value)
            return Unknown() if held is None else not held
        if isinstance(node.op, ast.Invert) and isinstance(value, Tensor) and value.dtype == "bool":
            return replace(broadcast([value], "bool"), origin=None)
        if isinstance(node.op, ast.Invert) or not isinstance(value, (int, float, Tensor)):
            raise not_understood(ast.unparse(node))
        if isinstance(value, Tensor):
            return compute("*", value, -1)
        return -value if isinstance(node.op, ast.USub) else +value

    def _compare(self, node: ast.Compare, scope: Scope) -> Value:
        values = [self.value(part, scope) for part in (node.left, *node.comparators)]
        if not all(is_known(value) for value in values):
            return Unknown()
        result: Value = True
        for operation, left, right in zip(node.ops, values, values[1:], strict=False):
            with self.at(node, [(node.left, left)]):
                result = python.compare(type(operation).__name__, left, right)
            if result is False:
                return False
        return result if len(node.ops) == 1 or isinstance(result, bool) else Unknown()

    def _boolop(self, node: ast.BoolOp, scope: Scope) -> Value:
        value: Value = None
        for part in node.values:
            value = self.value(part, scope)
            held = python.truth(value) if is_known(value) else None
            if held is None:
                return Unknown()
            if held == isinstance(node.op, ast.Or):
                return value
        return value

    def _ifexp(self, node: ast.IfExp, scope: Scope) -> Value:
        condition = self.value(node.test, scope)
        held = python.truth(condition) if is_known(condition) else None
        if held is not None:
            return self.value(node.body if held else node.orelse, scope)
        words = [self.value(part, scope) for part in (node.body, node.orelse)]
        return Opaque(" or ".join(words)) if all(isinstance(word, str) for word in words) else Unknown()

    def _joinedstr(self, node: ast.JoinedStr, scope: Scope) -> Value:
        parts: list[str | None] = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                value = self.value(part.value, scope)
                is_plain = part.format_spec is None and part.conversion == -1 and is_known(value)
                parts.append(python.shown(value) if is_plain else None)
            elif isinstance(part, ast.Constant):
                parts.append(str(part.value))
        return Unknown("text") if None in parts else "".join(str(part) for part in parts)

    def _listcomp(self, node: ast.ListComp | ast.GeneratorExp, scope: Scope) -> Value:
        rounds = self._rounds(node, scope)
        if rounds is None:
            return Unknown()
        found = [self.value(node.elt, inner) for inner in rounds]
        if weight(found) > MAX_ITEMS:
            raise not_understood("a very long list")
        return found

    _generatorexp = _listcomp

    def _dictcomp(self, node: ast.DictComp, scope: Scope) -> Value:
        rounds = self._rounds(node, scope)
        if rounds is None:
            return Unknown()
        pairs = [(self.value(node.key, inner), self.value(node.value, inner)) for inner in rounds]
        check_keys([key for key, _ in pairs])
        return dict(pairs)

    def _rounds(self, node: ast.ListComp | ast.GeneratorExp | ast.DictComp, scope: Scope) -> Iterator[Scope] | None:
        """Yield the names of each round of a comprehension; None where what it goes through is not understood."""
        if len(node.generators) != 1:
            raise not_understood(ast.unparse(node))
        source = self.value(node.generators[0].iter, scope)
        return self._each(node.generators[0], python.items(source), scope) if is_known(source) else None

    def _each(self, loop: ast.comprehension, items: Sequence[Value], scope: Scope) -> Iterator[Scope]:
        inner = dict(scope)
        for item in items:
            self.assign(loop.target, item, inner)
            values = [self.value(condition, inner) for condition in loop.ifs]
            held = [python.truth(value) if is_known(value) else None for value in values]
            if None in held:
                raise not_understood(f"if {ast.unparse(loop.ifs[0])}")
            if all(held):
                yield inner

    def _dict(self, node: ast.Dict, scope: Scope) -> Value:
        found: dict[Value, Value] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                raise not_understood(ast.unparse(node))
            name = self.value(key, scope)
            if not is_known(name):
                return Unknown()
            check_keys([name])
            found[name] = self.value(value, scope)
            if isinstance(found[name], (list, dict)):
                raise not_understood("a dictionary of lists")
        return found

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Value:
        return Function("<lambda>", node, scope)

    def _namedexpr(self, node: ast.NamedExpr, scope: Scope) -> Value:
        value = self.value(node.value, scope)
        self.assign(node.target, value, scope)
        return value

    def _slice(self, node: ast.Slice, scope: Scope) -> Value:
        ends = [None if end is None else self.value(end, scope) for end in (node.lower, node.upper, node.step)]
        return slice(*ends) if all(is_known(end) for end in ends) else Unknown()

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Value:
        owner, index = self.value(node.value, scope), self.value(node.slice, scope)
        if isinstance(owner, dict) and is_known(index):
            with self.at(node, []):
                return look_up(owner, index)
        if isinstance(owner, Distinct) and isinstance(index, (int, Number)):
            return Opaque("one of a set")  # only a list of it has places, in an order that is not known
        if not is_known(index) or isinstance(owner, (Unknown, Opaque)):
            return Unknown()
        with self.at(node, [(node.value, owner)]):
            if isinstance(owner, Tensor):
                doubt_index(owner, index, node, self.doubt)
                return index_tensor(owner, index)
            if isinstance(owner, Array) and not isinstance(index, str):
                return Array(index_tensor(owner.tensor, index))
            if isinstance(owner, (tuple, list, range)):
                return index_sequence(owner, index)
            if isinstance(owner, Module) and owner.parts and is_int(index):
                return index_sequence(owner.parts, index)
            if isinstance(owner, Packed) and isinstance(index, tuple):
                message = "tuple indices must be integers or slices, not tuple"
                fix = Fix(Sentence("Unpack it with pad_packed_sequence first."))
                fail("TypeError", message, Sentence("A PackedSequence has no axes for batch and steps."), fix)
            if isinstance(owner, Method) and isinstance(owner.owner, Tensor):
                message = "'builtin_function_or_method' object is not subscriptable"
                fix = Fix(Sentence("Call it first: `{name}()`.", name=owner.name), Edit(node.value, "{}()"))
                fail("TypeError", message, Sentence("`{name}` is a method.", name=owner.name), fix)
            if owner is None or isinstance(owner, (int, float)):
                message = f"'{type_name(owner)}' object is not subscriptable"
                fail("TypeError", message, Sentence("A {kind} has no parts.", kind=type_name(owner)))
        raise not_understood(ast.unparse(node))

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Value:
        owner = self.value(node.value, scope)
        with self.at(node, [(node.value, owner)]):
            return self._attribute_of(owner, node.attr)

    def _attribute_of(self, owner: Value, name: str) -> Value:
        match owner:
            case Unknown():
                return Unknown()
            case Library(path=path):
                return lookup(f"{path}.{name}")
            case Opaque():
                return Method(owner, name)
            case Tensor():
                return Method(owner, name) if name in METHODS else attribute(owner, name)
            case Array():
                return array_attribute(owner, name)
            case Packed():
                return packed_attribute(owner, name)
            case Module():
                is_method = name in _MODULE_METHODS or name in ("parameters", "named_parameters", "append")
                return Method(owner, name) if is_method else module_attribute(owner, name)
            case Instance():
                return self._instance_attribute(owner, name)
            case bool() | int() | float() | str() | tuple() | list() | dict() | range() | None:
                return python.plain_attribute(owner, name)
            case UserClass(constants=constants) if name in constants:
                return constants[name]
            case UserClass(methods=methods) if name in methods and methods[name].is_static:
                return methods[name]
        raise not_understood(f".{name}")

    def _instance_attribute(self, owner: Instance, name: str) -> Value:
        if name in owner.attributes:
            if not is_known(owner.attributes[name]):
                self.missing.append(f"self.{name}")
            return owner.attributes[name]
        method = owner.of.methods.get(name)
        if method is not None and method.is_property:
            return self.run_function(method, ast.Call(ast.Name(name), [], []), (owner,), {})
        if method is not None or name in _MODULE_METHODS or name in ("parameters", "named_parameters"):
            return Method(owner, name)
        if name in owner.of.constants:
            return owner.of.constants[name]
        if not owner.gaps and not (owner.of.is_module and is_name_of("Module", name)) and not name.startswith("_"):
            raise attribute_error(owner.of.name, name, close_fix(name, [*owner.attributes, *owner.of.methods]))
        owner.gaps.append(name)
        raise not_understood(f".{name}")

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        if _is_super(node):
            owner = scope.get("self")
            if isinstance(owner, Instance) and isinstance(node.func, ast.Attribute):
                owner.attributes.setdefault(READY, None)
            return Opaque("super")
        function = self.value(node.func, scope)
        args = tuple(self._items(node.args, scope))
        kwargs: Scope = {}
        for keyword in node.keywords:
            if keyword.arg is None:
                more = self.value(keyword.value, scope)
                if not isinstance(more, dict) or not all(isinstance(name, str) for name in more):
                    raise not_understood(ast.unparse(keyword.value))
                kwargs |= more
                continue
            kwargs[keyword.arg] = self.value(keyword.value, scope)
        operands = [(arg, value) for arg, value in zip(node.args, args, strict=False)]
        if isinstance(node.func, ast.Attribute) and isinstance(function, Method):
            operands.insert(0, (node.func.value, function.owner))
        with self.at(node, operands):
            made = self.call(function, node, args, kwargs)
            if isinstance(function, Method) and isinstance(function.owner, Tensor):
                self._changed_in_place(function, node, made, scope)
        if isinstance(made, Tensor) and len(made.shape) > 16:
            raise not_understood("a tensor of more than 16 axes")
        return made

    def _changed_in_place(self, method: Method, node: ast.Call, made: Value, scope: Scope) -> None:
        """Give the name of a tensor what a method such as `unsqueeze_` made of it."""
        if not method.name.endswith("_") or method.name.endswith("__") or not isinstance(node.func, ast.Attribute):
            return
        places = [scope, scope.get(AROUND, {}), self.globals]
        places += [item.attributes for place in places for item in place.values() if isinstance(item, Instance)]
        for place in places:
            for name, held in place.items():
                if held is method.owner:
                    place[name] = made

    def call(self, function: Value, node: ast.Call, args: tuple[Value, ...], kwargs: Scope) -> Value:
        """Return what calling a value gives."""
        is_told = all(is_known(value) for value in (*args, *kwargs.values()))
        match function:
            case Unknown():
                return Unknown()
            case Opaque():
                return function
            case Method(owner=Opaque(), name=name):
                return Opaque(f"{name}()")
            case Method(owner=Module(kind="ModuleList") as owner, name="append"):
                return self._append_part(owner, node, args)
            case Function():
                return self.run_function(function, node, args, kwargs)
            case UserClass():
                return self._make(function, node, args, kwargs)
            case Instance():
                return self._call_instance(function, node, args, kwargs)
            case Method(owner=Instance() as owner, name=name) if name in owner.of.methods:
                method = owner.of.methods[name]
                return self.run_function(method, node, args if method.is_static else (owner, *args), kwargs)
            case Method(owner=Tensor(), name="to" | "cuda" | "cpu") | Method(owner=Module() | Instance()):
                is_told = True
            case Library(path="torch.device" | "builtins.print"):
                is_told = True
        if not is_told:
            return Unknown()
        name = function.name if isinstance(function, Method) else getattr(function, "path", type_name(function))
        return self._call_known(function, Call(name, node, args, kwargs, self.doubt, self.call))

    def _call_known(self, function: Value, call: Call) -> Value:
        match function:
            case Library(path=path):
                return python.call_builtin(call) if path.startswith("builtins.") else call_library(call)
            case Module(kind="ModuleList"):
                raise not_understood("calling a ModuleList")
            case Module():
                return run_module(function, call)
            case Method(owner=Tensor() as owner, name=name):
                return METHODS[name](owner, call)
            case Method(owner=Array() as owner, name=name):
                return call_array(owner, name, call)
            case Method(owner=Module() | Instance() as owner, name=name):
                return self._call_module_method(owner, name, call)
            case Method(owner=owner, name=name):
                return python.call_plain(owner, name, call)
            case Tensor() | Packed() | None | int() | float() | str() | tuple() | list():
                message = f"'{type_name(function)}' object is not callable"
                fail("TypeError", message, Sentence("A {kind} cannot be called.", kind=type_name(function)))
        raise not_understood(call.source)

    def _call_module_method(self, owner: Module | Instance, name: str, call: Call) -> Value:
        if name in ("parameters", "named_parameters") and not call.args:
            weights = weights_of(owner)
            self.spent += len(weights or ())
            if weights is None:
                return Opaque(f"{name} of {describe(owner)}")
            return list(weights) if name == "named_parameters" else [weight for _, weight in weights]
        if name == "append":
            raise not_understood(call.source)
        if name == "state_dict":
            return Opaque("state_dict()")
        if name == "register_buffer" and isinstance(owner, Instance) and len(call.args) == 2:
            owner.attributes[str(call.args[0])] = call.args[1]
            return None
        if any(isinstance(value, (DType, Tensor)) for value in (*call.args, *call.kwargs.values())):
            raise not_understood(call.source)  # its weights have another dtype from here on
        return None if name in ("zero_grad", "flatten_parameters") else owner

    def _make(self, made: UserClass, node: ast.Call, args: tuple[Value, ...], kwargs: Scope) -> Instance:
        instance = Instance(made)
        if "__init__" in made.methods:
            self.run_function(made.methods["__init__"], node, (instance, *args), kwargs)
            return instance
        instance.attributes[READY] = None
        if kwargs or (args and not made.is_module):
            raise not_understood(ast.unparse(node))
        if args:
            message = f"{made.name}.__init__() takes 1 positional argument but {len(args) + 1} were given"
            fix = Fix(Sentence("It has two underscores on each side: `__init__`."))
            is_close = any(name.strip("_") == "init" for name in made.methods)
            sentence = Sentence("{name} has no `__init__` of its own.", name=made.name)
            fail("TypeError", message, sentence, fix if is_close else None)
        return instance

    def _call_instance(self, instance: Instance, node: ast.Call, args: tuple[Value, ...], kwargs: Scope) -> Value:
        name = "forward" if instance.of.is_module else "__call__"
        if instance.of.is_module and name not in instance.of.methods and not instance.gaps:
            message = f'Module [{instance.of.name}] is missing the required "forward" function'
            fix = close_fix(name, list(instance.of.methods))
            fail("NotImplementedError", message, Sentence("Calling a module calls its method `forward`."), fix)
        if name not in instance.of.methods:
            raise not_understood(f"calling {instance.of.name}")
        return self.run_function(instance.of.methods[name], node, (instance, *args), kwargs)

    def assign(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """Give a value to a target: a name, several names, an attribute of self."""
        match target:
            case ast.Name(id=name):
                is_plain = is_int(value) and not isinstance(value, Named)
                place = self.globals if name in scope.get(GLOBAL, ()) else scope
                place = scope[AROUND] if AROUND in scope and name in scope.get(NONLOCAL, ()) else place
                place[name] = Named(value, name) if is_plain else value
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                self._unpack(target, parts, value, scope)
            case ast.Starred(value=inner):
                self.assign(inner, value, scope)
            case ast.Attribute(value=owner_node, attr=name):
                owner = self.value(owner_node, scope)
                if isinstance(owner, Instance):
                    self._check_ready(owner, value)
                    owner.attributes[name] = value
                elif isinstance(owner, Tensor):
                    if name not in ("requires_grad", "grad") or not isinstance(owner_node, ast.Name):
                        raise not_understood(ast.unparse(target))
                    if name == "requires_grad":
                        scope[owner_node.id] = replace(owner, has_grad=value is True)
            case ast.Subscript():
                self._put(target, value, scope)
            case _:
                raise not_understood(ast.unparse(target))

    def _check_ready(self, owner: Instance, value: Value) -> None:
        """Modules and parameters can be kept once nn.Module.__init__ has run."""
        if not owner.of.is_module or READY in owner.attributes or owner.gaps:
            return
        is_part = isinstance(value, Module) or (isinstance(value, Instance) and value.of.is_module)
        if is_part:
            message = "cannot assign module before Module.__init__() call"
            sentence = Sentence("nn.Module has to be set up before it can keep anything.")
            raise Raised(
                "AttributeError", message, sentence, Fix(Sentence("Begin `__init__` with `super().__init__()`."))
            )

    def _put(self, target: ast.Subscript, value: Value, scope: Scope) -> None:
        """Read owner[index] = value: an entry of a list or a dictionary, or numbers of a tensor."""
        owner, index = self.value(target.value, scope), self.value(target.slice, scope)
        if isinstance(owner, Tensor):
            place = self.value(target, scope)
            if isinstance(place, Tensor) and is_known(value):
                with self.at(target, [(target, place)]):
                    check_put(place, value, index)
            self._changed(target, scope, has_grad=isinstance(value, Tensor) and value.has_grad)
        elif isinstance(owner, (list, dict)):
            is_loop = isinstance(owner, list) and python.is_within(owner, value)
            if not is_known(index) or isinstance(value, (list, dict)) or isinstance(index, slice) or is_loop:
                raise not_understood(ast.unparse(target))
            if isinstance(owner, list):
                with self.at(target, [(target.value, owner)]):
                    index_sequence(owner, index)
            else:
                check_keys([index])
            if len(owner) > MAX_ITEMS // 4 or weight(value) > MAX_ITEMS // 2:
                raise not_understood("a very long list")
            owner[index] = value
        elif isinstance(owner, tuple):
            message = f"'{type_name(owner)}' object does not support item assignment"
            with self.at(target, [(target.value, owner)]):
                fail("TypeError", message, Sentence("A tuple cannot be changed: make a list or a new tuple."))
        elif is_known(owner):
            raise not_understood(ast.unparse(target))

    def _changed(self, target: ast.expr, scope: Scope, *, has_grad: bool) -> None:
        """Whole numbers that stood in the code are not known any more once some of a tensor are overwritten."""
        root = target
        while isinstance(root, (ast.Subscript, ast.Attribute)):
            root = root.value
        if isinstance(root, ast.Name) and isinstance(scope.get(root.id), Tensor):
            held: Tensor = scope[root.id]
            has_grad = held.has_grad or (has_grad and not self.in_no_grad)
            scope[root.id] = replace(held, data=None, high=None, has_grad=has_grad)

    def _append_part(self, owner: Module, node: ast.Call, args: tuple[Value, ...]) -> Value:
        """Read modules.append(part): the list goes on being the same one wherever it is kept."""
        part = args[0] if len(args) == 1 else None
        is_whole = isinstance(part, Instance) or (isinstance(part, Module) and part.kind not in CONTAINERS)
        if not is_whole or len(owner.parts) > 100:
            raise not_understood(ast.unparse(node))
        owner.parts.append(part)
        return owner

    def _unpack(self, target: ast.expr, parts: list[ast.expr], value: Value, scope: Scope) -> None:
        if isinstance(value, (Unknown, Opaque, Packed)):
            for part in parts:
                self.assign(part, Unknown(), scope)
            return
        stars = [i for i, part in enumerate(parts) if isinstance(part, ast.Starred)]
        with self.at(target, [(target, value)]):
            values = python.unpack(value, len(parts), stars[0] if stars else None)
        if isinstance(value, Tensor) and value.origin and value.origin.kind == "h_n":
            self.doubt(
                target,
                "state-unpacked",
                Sentence(
                    "nn.RNN and nn.GRU return h_n alone: unpacking it cuts it along its first axis, which happens to "
                    "have {count} rows.",
                    count=len(parts),
                ),
                Fix(Sentence("Write `output, h_n = ...`; only an LSTM has a c_n.")),
            )
        for part, item in zip(parts, values, strict=True):
            self.assign(part, item, scope)

    @contextmanager
    def at(self, node: ast.expr, operands: list[tuple[ast.expr, Value]]) -> Iterator[None]:
        """Say of whatever is raised inside where in the code it is, and what it was given."""
        try:
            yield
        except Raised as raised:
            if raised.number is None:
                raised.number = _line_of(node)
                raised.operator = _short(ast.unparse(node))
                raised.operands = tuple((_short(ast.unparse(part)), describe(value)) for part, value in operands)
            raise


def _is_super(node: ast.Call) -> bool:
    """Whether a call is super() or super().__init__(...): what nn.Module does there has no shape."""
    match node.func:
        case ast.Name(id="super") | ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"):
            return True
    return False


def _line_of(node: ast.expr) -> int:
    """Return the line that a traceback names: for a method on a line of its own, that line."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.end_lineno or node.lineno
    if isinstance(node, ast.Attribute):
        return node.end_lineno or node.lineno
    return node.lineno


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
