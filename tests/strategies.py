"""Configs to test with, drawn from the bounds and options that Config itself states."""

import regex
from hypothesis import strategies as st

from rnn_core.characters import different_characters
from rnn_core.config import MAX_CHANGES, Change, Config, bounds, field_info, options
from rnn_core.data.tasks import divide

# Each of these is one character to its reader, whatever its number of code points.
CHARACTERS = (*"abc e!", "한", "글", "é", "e\u0301", "ß", "Ω", "👩‍👩‍👧", "👍🏽", "❤️", "\n")

characters = st.sampled_from(CHARACTERS)


def changes(last_step=None):
    """Draw one change of the optimiser on the way, within the bounds of the field that it changes."""
    steps = st.integers(1, last_step or bounds("steps")[1])
    return st.one_of([st.builds(Change, steps, st.just(name), st.floats(*bounds(name))) for name in Change.CHANGEABLE])


def change_lists(last_step=None, max_size=MAX_CHANGES):
    return st.lists(changes(last_step), max_size=max_size).map(lambda drawn: tuple(sorted(drawn)))


def field_values(name, high=None):
    """Draw any value that the field of this name accepts, up to `high` if given."""
    if name == "earlier":
        return change_lists()
    if options(name):
        return st.sampled_from(options(name))
    kind = field_info(name).annotation
    if kind is bool:
        return st.booleans()
    low, limit = bounds(name)
    if kind is int:
        return st.integers(low, min(limit, high) if high else limit)
    if kind is float:
        return st.floats(low, limit)
    assert kind is str, f"say here how to draw a value of the new field {name}"
    return st.text(st.characters(exclude_categories=["Cs"]), min_size=low, max_size=min(limit, high or 60))


def configs():
    """Draw any config at all, whether it can be trained or not."""
    values = st.fixed_dictionaries({name: field_values(name) for name in Config.model_fields})
    return values.map(lambda drawn: Config(**_going_together(drawn)))


def trainable_configs(most_steps=4, **fixed):
    """Draw a small config that can be trained, over every choice that there is; `fixed` fields keep their value."""
    small = {"input_size": 9, "hidden_size": 6, "num_layers": 3, "seq_len": 8, "batch_size": 4, "steps": most_steps}
    values = {name: field_values(name, small.get(name)) for name in Config.model_fields}
    values["text"] = st.lists(characters, min_size=2, max_size=30).map("".join)
    values["earlier"] = change_lists(most_steps, max_size=3)
    values |= {name: st.just(value) for name, value in fixed.items()}
    return st.fixed_dictionaries(values).map(_settle)


def _settle(values):
    """Leave alone what follows from the other fields, and do without what does not go with them."""
    if values["task"] == "next" or values["head"] == "none":
        values["bidirectional"] = False
    values = _going_together(values)
    if values["head"] == "none":
        del values["hidden_size"]
    if not _has_room(values):
        values["val_share"] = 0.0
    return Config(**values)


def _going_together(values):
    """Leave encoding open where one-hot rows would not fit into input_size: it is "embedding" then."""
    known = len(different_characters(values["text"]))
    is_narrow = values["encoding"] == "onehot" and values["input_size"] < known
    return {name: value for name, value in values.items() if not (is_narrow and name == "encoding")}


def _has_room(values):
    """Whether windows can be held out of a text, found without checked functions: they draw from Python's generator."""
    size, lost = len(regex.findall(r"\X", values["text"])), int(values["task"] == "next")
    length = min(values["seq_len"], size - lost)
    if values["repeat"]:
        return divide(size, lost, values["seq_len"], values["val_share"]) >= 1
    return divide(size, lost, length, values["val_share"]) >= length + lost
