"""Dictionaries, sets, texts and lists as code around the tensors uses them: from characters to indices."""

from __future__ import annotations

from rnn_core.reading.arithmetic import MAX_ITEMS, weight
from rnn_core.reading.calls import Call
from rnn_core.reading.errors import fail, not_understood
from rnn_core.reading.values import Distinct, Opaque, Unknown, Value, is_int, is_known
from rnn_core.sentence import Sentence

LIST_METHODS = ("pop", "extend", "index", "count")
_TEXT = {  # what these give is no longer than what they are given
    **dict.fromkeys(("lower", "upper", "strip", "lstrip", "rstrip", "title"), (0, 1)),
    **dict.fromkeys(("find", "index", "count", "startswith", "endswith"), (1, 1)),
    **dict.fromkeys(("isalpha", "isdigit", "isspace"), (0, 0)),
}
_KEYS = (str, int, float, bool, type(None))


def check_keys(keys: list[Value]) -> None:
    """Raise NotUnderstood for keys that are more than a text or a number."""
    if not all(isinstance(key, _KEYS) for key in keys):
        raise not_understood("a dictionary with such keys")


def look_up(source: dict[Value, Value], key: Value) -> Value:
    """Return source[key]."""
    check_keys([key])
    if key not in source:
        shown = int(key) if is_int(key) else key
        fail("KeyError", repr(shown), Sentence("There is no entry for {key}.", key=repr(shown)))
    return source[key]


def make_dict(call: Call) -> Value:
    """Read dict(...): of pairs, of another dictionary, of keywords."""
    if len(call.args) > 1:
        raise not_understood(call.source)
    pairs = call.args[0] if call.args else []
    if isinstance(pairs, dict):
        pairs = list(pairs.items())
    if not isinstance(pairs, (list, tuple)) or not all(isinstance(p, (tuple, list)) and len(p) == 2 for p in pairs):
        raise not_understood(call.source)
    check_keys([key for key, _ in pairs])
    return {**dict(pairs), **call.kwargs}


def make_set(call: Call) -> Distinct:
    """Read set(...) of a text or a list of plain values."""
    (source,) = call.bind(source=())
    if not isinstance(source, (str, list, tuple, range)) or len(source) > MAX_ITEMS:
        raise not_understood(call.source)
    members = list(source)
    check_keys(members)
    return Distinct(tuple(dict.fromkeys(members)))


def sort(call: Call) -> list[Value]:
    """Read sorted(...) of texts or of numbers."""
    reverse = call.kwargs.get("reverse", False)
    source = call.args[0] if len(call.args) == 1 else None
    members = source.members if isinstance(source, Distinct) else source
    if not isinstance(members, (str, list, tuple, dict)) or len(members) > MAX_ITEMS:
        raise not_understood(call.source)
    is_plain = any(all(isinstance(item, kind) for item in members) for kind in (str, (int, float)))
    if not is_plain or call.kwargs.keys() - {"reverse"} or not isinstance(reverse, bool):
        raise not_understood(call.source)
    return sorted(members, reverse=reverse)


def call_container(owner: Value, name: str, call: Call) -> Value:
    """Return what a method of a dictionary, a text or a list gives."""
    if isinstance(owner, dict):
        return _of_dict(owner, name, call)
    if isinstance(owner, str):
        return _of_text(owner, name, call)
    return _of_list(owner, name, call)


def _of_dict(owner: dict[Value, Value], name: str, call: Call) -> Value:
    if name in ("items", "keys", "values") and not call.args and not call.kwargs:
        return [*getattr(owner, name)()]
    if name == "get" and len(call.args) in (1, 2) and not call.kwargs:
        check_keys([call.args[0]])
        return owner.get(call.args[0], call.args[1] if len(call.args) == 2 else None)
    raise not_understood(f".{name}()")


def _of_text(owner: str, name: str, call: Call) -> Value:
    if name == "format":
        return Unknown("text")
    if name == "join" and len(call.args) == 1 and isinstance(call.args[0], (list, tuple, str)):
        parts = list(call.args[0])
        if any(isinstance(part, Opaque) for part in parts):
            return Opaque("text")
        if all(isinstance(part, str) for part in parts) and sum(map(len, parts)) + len(owner) * len(parts) < MAX_ITEMS:
            return owner.join(parts)
    if name == "split" and len(call.args) <= 1 and not call.kwargs and all(isinstance(a, str) and a for a in call.args):
        found = owner.split(*call.args)
        if len(found) <= MAX_ITEMS:
            return found
    least, most = _TEXT.get(name, (0, -1))
    if least <= len(call.args) <= most and not call.kwargs and all(isinstance(arg, str) for arg in call.args):
        try:
            return getattr(owner, name)(*call.args)
        except ValueError as error:
            fail("ValueError", str(error), Sentence("There is no entry for {key}.", key=repr(call.args[0])))
    raise not_understood(f".{name}()")


def _of_list(owner: list[Value], name: str, call: Call) -> Value:
    if call.kwargs:
        raise not_understood(call.source)
    match name, call.args:
        case "pop", () | (int(),):
            place = int(call.args[0]) if call.args else -1
            if not owner:
                fail("IndexError", "pop from empty list", Sentence("The list is empty."))
            if not -len(owner) <= place < len(owner):
                count = Sentence(
                    "There are {count} items, so there is no number {index}.", count=len(owner), index=place
                )
                fail("IndexError", "pop index out of range", count)
            return owner.pop(place)
        case "extend", (list() | tuple() as more,):
            extend(owner, list(more))
            return None
        case "index" | "count", (str() | int() | float() as sought,) if all(isinstance(item, _KEYS) for item in owner):
            if name == "count":
                return owner.count(sought)
            if sought in owner:
                return owner.index(sought)
    raise not_understood(f".{name}()")


def extend(owner: list[Value], more: list[Value]) -> None:
    """Add items at the end of a list, as `+=` does too."""
    if any(isinstance(item, (list, dict, tuple)) or not is_known(item) for item in more):
        raise not_understood("a list of lists that grows")
    if len(owner) + len(more) > MAX_ITEMS // 2 or weight(more) > MAX_ITEMS:
        raise not_understood("a very long list")
    owner.extend(more)
