"""A call as the reader sees it: what was given to what, and where in the code."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rnn_core.reading.errors import Fix, NotUnderstood, Raised, not_understood
from rnn_core.reading.values import Tensor, Value, is_int, type_name
from rnn_core.sentence import Sentence

MAX_AXES = 16
Doubt = Callable[[ast.AST, str, Sentence, Fix | None], None]


@dataclass(frozen=True)
class Call:
    """One call.

    Attributes:
        name: of what is called, for messages.
        doubt: notes something that would run and is probably wrong.
        call: calls a value of the paste, such as a part of a Sequential.
    """

    name: str
    node: ast.Call
    args: tuple[Value, ...]
    kwargs: dict[str, Value]
    doubt: Doubt
    call: Callable[[Value, ast.Call, tuple[Value, ...], dict[str, Value]], Value]

    def bind(self, *names: str, **defaults: Value) -> list[Value]:
        """Return the arguments in the order of `names`, then of `defaults`.

        Raises:
            NotUnderstood: if they do not fit; PyTorch's own message lists every signature that there is.
        """
        every = [*names, *defaults]
        given = dict(zip(every, self.args, strict=False))
        named = {"dim" if name == "axis" else name: value for name, value in self.kwargs.items()}
        is_wrong = len(self.args) > len(every) or given.keys() & named.keys() or named.keys() - set(every)
        given |= named
        missing = [name for name in names if name not in given]
        if not is_wrong and len(missing) == 1 and self.name in _ONE_SIGNATURE:
            message = f'{self.name}() missing 1 required positional arguments: "{missing[0]}"'
            raise Raised(
                "TypeError", message, Sentence("`{name}` has to be told {what}.", name=self.name, what=missing[0])
            )
        if is_wrong or missing:
            raise not_understood(self.source)
        return [given.get(name, defaults.get(name)) for name in every]

    def check_python(self, function: str, *names: str, optional: int = 0, is_method: bool = True) -> list[Value]:
        """Bind as a function written in Python does, with Python's own messages; what is left out is None.

        Args:
            function: its name in messages.
            names: its parameters.
            optional: how many of them, at the end, may be left out.
            is_method: whether `self` is counted in the messages.
        """
        given = dict(zip(names, self.args, strict=False))
        required = names[: len(names) - optional]
        if len(self.args) > len(names):
            extra = 1 if is_method else 0
            low, high = len(required) + extra, len(names) + extra
            takes = f"from {low} to {high}" if optional else str(high)
            noun = "argument" if high == 1 and not optional else "arguments"
            self._refuse(
                f"{function}() takes {takes} positional {noun} but {len(self.args) + extra} were given", function
            )
        for name in self.kwargs:
            if name not in names:
                self._refuse(f"{function}() got an unexpected keyword argument '{name}'", function)
            if name in given:
                self._refuse(f"{function}() got multiple values for argument '{name}'", function)
        given |= self.kwargs
        missing = [f"'{name}'" for name in required if name not in given]
        if missing:
            noun = "argument" if len(missing) == 1 else "arguments"
            listed = " and ".join(missing) if len(missing) < 3 else f"{', '.join(missing[:-1])}, and {missing[-1]}"
            self._refuse(f"{function}() missing {len(missing)} required positional {noun}: {listed}", function)
        return [given.get(name) for name in names]

    @property
    def source(self) -> str:
        """The call as code."""
        return ast.unparse(self.node)

    def argument(self, index: int, keyword: str) -> ast.expr:
        """Return the code of an argument; the whole call where it is not given plainly."""
        plain = [arg for arg in self.node.args if not isinstance(arg, ast.Starred)]
        if index < len(plain):
            return plain[index]
        return next((k.value for k in self.node.keywords if k.arg == keyword), self.node)

    def _refuse(self, message: str, function: str) -> None:
        raise Raised(
            "TypeError",
            message,
            Sentence("`{function}` is called with other arguments than it has.", function=function),
        )


def dimension(value: Value, call: Call) -> int:
    """Return an axis number."""
    if not is_int(value):
        raise not_understood(call.source)
    return int(value)


def sizes(args: tuple[Value, ...], call: Call, name: str = "size") -> tuple[int, ...]:
    """Return a shape given as numbers or as one tuple, with the words that its sizes carry.

    Args:
        args: the sizes.
        call: where they are given.
        name: of the argument, in messages.
    """
    flat = tuple(args[0]) if len(args) == 1 and isinstance(args[0], (tuple, list)) else args
    wrong = next((i for i, size in enumerate(flat) if not is_int(size)), None)
    if wrong is not None and isinstance(flat[wrong], float):
        _refuse_fraction(flat, wrong, call, name)
    if len(flat) > MAX_AXES or not all(is_int(size) and abs(size) < 2**62 for size in flat):
        raise not_understood(call.source)
    return flat


def a_tensor(value: Value, call: Call) -> Tensor:
    """Return a value that has to be a tensor."""
    if not isinstance(value, Tensor):
        raise not_understood(f"{call.name} of a {type_name(value)}")
    return value


def _refuse_fraction(flat: tuple[Value, ...], wrong: int, call: Call, name: str) -> None:
    function = call.name.rsplit(".", 1)[-1]
    sentence = Sentence("A size is a whole number: `/` gives a fraction, `//` a whole number.")
    if wrong > 0:
        at = f"failed to unpack the object at pos {wrong + 1} with error"
        message = f"{function}(): argument '{name}' {at} \"type must be tuple of ints,but got float\""
    elif function == "view" and len(flat) > 1 and all(isinstance(size, (int, float)) for size in flat):
        kinds = ", ".join(type_name(size) for size in flat)
        expected = "expected one of:\n * (torch.dtype dtype)\n * (tuple of ints size)\n"
        message = f"view() received an invalid combination of arguments - got ({kinds}), but {expected}"
    else:
        raise NotUnderstood(sentence)
    raise Raised("TypeError", message, sentence, Fix(Sentence("Divide with `//`.")))


# Of these torch says what is missing; others list all their signatures.
_ONE_SIGNATURE = ("softmax", "log_softmax", "transpose", "unsqueeze")
Handler = Callable[[Call], Any]
