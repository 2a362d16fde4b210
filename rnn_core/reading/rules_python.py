"""The table of explanations: what Python itself raises."""

from __future__ import annotations

import ast
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence

from rnn_core.interpreter import allow
from rnn_core.interpreter.expressions import GIVEN
from rnn_core.reading.explanations import Case, Told, close, kind_of, origin_of, rule, say
from rnn_core.reading.fixes import Edit, Fix
from rnn_core.sentence import Sentence

_UNPACK_PACKED = Sentence("Unpack it with pad_packed_sequence first.")


# Python itself
# fmt: off
say("AttributeError", r"cannot assign module before Module.__init__\(\) call",
    Sentence("nn.Module has to be set up before it can keep anything."),
    Sentence("Begin `__init__` with `super().__init__()`."))
# fmt: on


@rule("AttributeError", r"module '([\w.]+)' has no attribute '(\w+)'")
def _no_such_name(case: Case) -> Told:
    places: dict[str, Any] = {"torch": torch, "torch.nn": nn, "torch.nn.functional": functional}
    names = dir(places[case.match[1]]) if case.match[1] in places else []
    fix = close(case.match[2], names)
    return Sentence("There is no `{name}`.", name=f"{case.match[1]}.{case.match[2]}"), (fix,) if fix else ()


@rule("AttributeError", r"'([\w.]+)' object has no attribute '(\w+)'")
def _no_attribute(case: Case) -> Told:
    kind, name = case.match[1].rsplit(".", 1)[-1], case.match[2]
    sentence = Sentence("This {owner} has no `{name}`.", owner=kind, name=name[:80])
    if kind in ("tuple", "list") and case.module is not None:
        return sentence, (Fix(Sentence("Give h_0 alone: only an LSTM has a pair of states.")),)
    if kind == "tuple":
        pair = Sentence("A recurrent module returns a pair: `output, state = ...`; then ask `output`.")
        return sentence, (Fix(pair),)
    if kind == "PackedSequence":
        return sentence, (Fix(_UNPACK_PACKED),)
    own = next((c for c in case.reader.classes if c.__name__ == kind), None)
    if kind == "ndarray":
        return sentence, (Fix(Sentence("Make a tensor of it: `torch.from_numpy(...).float()`.")),)
    fix = close(name, dir(torch.Tensor) if kind == "Tensor" else dir(own) if own else dir(nn.Module()))
    return sentence, (fix,) if fix else ()


@rule("NotImplementedError", r"Module \[(\w+)\] is missing the required \"forward\" function")
def _no_forward(case: Case) -> Told:
    own = next((c for c in case.reader.classes if c.__name__ == case.match[1]), object)
    near = close("forward", [n for n in vars(own) if n != "forward"])
    meant = next((n for n in vars(own) if n not in ("__init__", "forward") and near and n in str(near.sentence)), None)
    fixes = (Fix(Sentence("Did you mean `{name}`?", name=f"forward, not {meant}")),) if meant else ()
    return Sentence("Calling a module calls its method `forward`."), fixes


# fmt: off
say("NameError", r"name '(\w+)' is not defined", lambda c: _not_imported(c)[0], lambda c: _not_imported(c)[1])
say("NameError", r"name '(\w+)' is not defined", lambda c:
    Sentence("{names} is not defined in this code: paste the line that makes it.", names=c.match[1]), lambda c:
    close(c.match[1], [*c.reader.globals.names, *_local_names(c)]))
# fmt: on


def _not_imported(case: Case) -> tuple[Sentence, Fix]:
    name = case.match[1]
    path = GIVEN.get(name) or (name if allow.is_library(name) else "")
    head, _, last = path.rpartition(".")
    if not path:
        raise LookupError
    line = f"import {path} as {name}" if last != name else f"from {head} import {name}" if head else f"import {name}"
    places = [node for node in case.reader.paste.imports if getattr(node, "module", "") != "__future__"]
    sentence = Sentence("`{name}` is used here and imported nowhere in this code.", name=name)
    return sentence, Fix(Sentence("Add `{line}`.", line=line), Edit(places[0], f"{{}}\n{line}") if places else None)


def _local_names(case: Case) -> list[str]:
    through = case.raised.through
    return [n for n in through[0][2].names if not n.startswith("%")] if through else []


@rule("ValueError", r"(not enough|too many) values to unpack \(expected (?:at least )?(\d+)")
def _unpacking(case: Case) -> Told:
    value, count = case.value(0), int(case.match[2])
    found = len(value) if hasattr(value, "__len__") else 0
    if isinstance(value, torch.Tensor):
        sentence = Sentence("Unpacking a tensor cuts it along its first axis, of size {found}.", found=found)
        is_state = origin_of(value) == "h_n"
        fix = Sentence("Only an LSTM returns (h_n, c_n): nn.RNN and nn.GRU return h_n alone.")
        return sentence, (Fix(fix),) if is_state else ()
    sentence = Sentence(
        "The number of values is {found}, and the number of names is {count}.", found=found, count=count
    )
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], tuple) and count == 3:
        pair = Sentence("The states of an LSTM are a pair of their own: `output, (h_n, c_n) = ...`.")
        return sentence, (Fix(pair),)
    return sentence, ()


# fmt: off
say("TypeError", r"cannot unpack non-iterable (\w+) object", lambda c: Sentence("This {kind} is one value.",
    kind=c.match[1]))
say("TypeError", r"iteration over a 0-d tensor", Sentence("A single number has no rows."))
say("TypeError", r"len\(\) of a 0-d tensor", Sentence("A single number has no length."))
say("TypeError", r"object of type '(\w+)' has no len\(\)", lambda c: Sentence("This {kind} has no length.",
    kind=c.match[1]))
say("TypeError", r"'(\w+)' object is not iterable", lambda c: Sentence("There is nothing to go through in this "
                                                                       "{kind}.",
    kind=c.match[1]))
say("TypeError", r"argument of type '(\w+)' is not iterable|'in <string>' requires string", lambda c:
    Sentence("This {kind} cannot be searched for that.", kind=c.match[1] or "str"))
say("TypeError", r"'(\w+)' object is not callable", lambda c:
    Sentence("This {kind} cannot be called.", kind=c.match[1]))
say("TypeError", r"'tuple' object does not support item assignment|'torch.Size' object does not support",
    Sentence("A tuple cannot be changed: make a list or a new tuple."))
say(
    "TypeError",
    r"'builtin_function_or_method' object is not subscriptable",
    lambda c: Sentence("`{name}` is a method.", name=c.value(0).name),
    lambda c: (Fix(Sentence("Call it first: `{name}()`.", name=c.value(0).name), c.edit(0, "{}()")),),
)
say("TypeError", r"'(\w+)' object is not subscriptable", lambda c:
    Sentence("This {kind} has no parts.", kind=c.match[1]))
say("TypeError", r"indices must be integers or slices, not tuple", lambda c:
    Sentence("This {kind} is not a tensor: its index is one whole number.", kind=kind_of(c.value(0))))
say("TypeError", r"'(\w+)' object cannot be interpreted as an integer|new\(\): invalid data type",
    Sentence("A size is a whole number: `/` gives a fraction, `//` a whole number."))
say("TypeError", r"unsupported operand type\(s\) for \+: '(\w+)' and '(\w+)'", lambda c:
    Sentence("{kind} and {other} cannot be added.", kind=c.match[1], other=c.match[2]))
say("TypeError", r"can only concatenate (\w+) \(not \"(\w+)\"\)", lambda c:
    Sentence("{kind} and {other} cannot be added.", kind=c.match[1], other=c.match[2]))
say("TypeError", r"unsupported operand type\(s\) for (\S+): '(\w+)' and '(\w+)'", lambda c:
    Sentence("`{sign}` does not work between {left} and {right}.", sign=c.match[1], left=c.match[2], right=c.match[3]))
say("ZeroDivisionError", r"", Sentence("The divisor is 0."))
say("KeyError", r"(.*)", lambda c: Sentence("There is no entry for {key}.", key=c.match[1][:80]))
say("ValueError", r"(.*) is not in (list|tuple)", lambda c: Sentence("There is no entry for {key}.",
    key=c.match[1][:80]))
say("AssertionError", r"", Sentence("This assertion does not hold."))
say("ImportError", r"cannot import name '(\w+)' from '([\w.]+)'", lambda c: Sentence("There is no `{name}`.",
    name=f"{c.match[2]}.{c.match[1]}"))
# fmt: on


@rule("TypeError", r"(\w[\w.]*)\(\) (takes|missing|got)")
def _arguments(case: Case) -> Told:
    sentence = Sentence("`{function}` does not take these arguments.", function=case.match[1])
    name = case.match[1].split(".")[0]
    own = next((c for c in case.reader.classes if c.__name__ == name), None)
    if own is not None and "__init__" not in vars(own):
        fix = Sentence("It has two underscores on each side: `__init__`.")
        near = any(n.strip("_") == "init" for n in vars(own))
        return Sentence("{name} has no `__init__` of its own.", name=name), (Fix(fix),) if near else ()
    return sentence, ()


@rule("TypeError", r"argument 'input' \(position 1\) must be Tensor, not (\w+)|must be Tensor, not ([\w.]+)")
def _no_tensor(case: Case) -> Told:
    kind = (case.match[1] or case.match[2]).rsplit(".", 1)[-1]
    value = case.value(0, "input")
    if isinstance(case.module, nn.Sequential):
        whole = Sentence("A Sequential hands the whole pair (output, state) on: call the parts one by one.")
        return Sentence("`{function}` takes a tensor, and this is of type {kind}.", function="Sequential", kind=kind), (
            Fix(whole),
        )
    function = ast.unparse(case.node.func) if isinstance(case.node, ast.Call) else ""
    sentence = Sentence("`{function}` takes a tensor, and this is of type {kind}.", function=function, kind=kind)
    if isinstance(value, PackedSequence):
        return sentence, (Fix(_UNPACK_PACKED, case.edit(0, "{}.data") if False else None),)
    if isinstance(value, tuple) and value and isinstance(value[0], torch.Tensor):
        advice = Sentence("A recurrent module returns (output, state): unpack it, or take its first part.")
        return sentence, (Fix(advice, case.edit(0, "{}[0]", "input")),)
    return sentence, (Fix(Sentence("Take the tensor out of the {kind} first.", kind=kind)),) if kind == "tuple" else ()


@rule("TypeError", r"tuple indices must be integers or slices, not str|unhashable type|not supported between instances")
def _kinds(case: Case) -> Told:
    return Sentence("This {kind} cannot be used in this way.", kind=kind_of(case.value(0))), ()
