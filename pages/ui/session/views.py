"""What a link may say of the pages' views besides the config: every parameter, and which words it takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pages.ui.words.misconceptions import MISCONCEPTIONS
from rnn_core.reading.examples import EXAMPLES
from rnn_core.reading.paste import MAX_CHARACTERS
from rnn_core.sweep.plan import parse_axes, parse_seeds


@dataclass(frozen=True)
class Form:
    """How a word of a link may look, and an example for who wrote it otherwise."""

    pattern: re.Pattern[str]
    example: str


_PARAMETER = r"(weight|bias)_(ih|hh)_l[0-3](_reverse)?"
_EDIT = rf"{_PARAMETER}(:\d{{1,3}}){{0,2}}:x?-?\d{{1,4}}(\.\d{{1,12}})?"
_PLACE = r"-?\d{1,3}\.\d{3}:-?\d{1,3}\.\d{3}"
_DECIMAL = Form(re.compile(r"-?\d{1,2}(\.\d{1,3})?", re.ASCII), "1.5")
# What a parameter may be: words to choose from; a whole number (no words); a text (how long one may be); a form;
# whatever a function can read, which raises a ConfigError if it cannot.
Kind = tuple[str, ...] | int | Form | Callable[[str], object]
VIEW_FIELDS: Mapping[str, Mapping[str, Kind]] = {
    "training": {"trained": (), "step": (), "scale": ("log",)},
    "shapes": {"drawing": ("3d",), "source": ("random",), "row": (), "readings": ("both",), "question": ()},
    "reading": {"window": (), "layer": (), "direction": ("reverse",)},
    "cell": {
        "t": (),
        "unit": (),
        "convention": ("reset_before", "z_swapped", "reset_before_z_swapped"),
        "edits": Form(re.compile(rf"{_EDIT}(,{_EDIT}){{0,15}}", re.ASCII), "weight_hh_l0:2:3:1.5"),
        "entry": Form(re.compile(rf"{_PARAMETER}(:\d{{1,3}}){{1,2}}", re.ASCII), "weight_hh_l0:2:3"),
    },
    "trajectories": {
        "order": ("similar",),
        "space": ("pca3", "units"),
        "units": Form(re.compile(r"\d{1,3}(,\d{1,3}){0,5}", re.ASCII), "0,3,5"),
        "find": Form(re.compile(r"\d{1,3}(-\d{1,3})?", re.ASCII), "4-6"),
        "threshold": _DECIMAL,
        "live": ("on",),
        "together": (),
        "also": 300,
    },
    "dynamics": {
        "system": ("mine", "one", "three"),
        "symbol": (),
        "plane": Form(re.compile(r"\d{1,4},\d{1,4}", re.ASCII), "0,1"),
        "starts": Form(re.compile(rf"{_PLACE}(,{_PLACE}){{0,7}}", re.ASCII), "0.500:-0.250"),
        "point": (),
        "search": ("on",),
    },
    "pitfalls": {"pitfall": tuple(MISCONCEPTIONS), "answer": (), "number": ()},
    "paste": {"example": tuple(EXAMPLES), "code": MAX_CHARACTERS},
    "gradients": {
        "begin": ("set", "orthogonal", "identity", "forget_bias"),
        "radius": _DECIMAL,
        "bias": _DECIMAL,
        "length": (),
        "bend": ("relu",),
        "reads": ("nothing",),
        "whose": ("lstm", "gru", "gates", "detour"),
        "start_radius": _DECIMAL,
        "clip": _DECIMAL,
    },
    "connectivity": {"at": (), "explained": ("right",)},
    "sweep": {"axes": parse_axes, "seeds": parse_seeds, "shown": ("accuracy",), "picked": ()},
    "compare": {"losses": ("linear",)},
    "memory": {
        "memory_task": ("copy", "adding", "parity", "flipflop", "brackets"),
        "alphabet": (),
        "lags": Form(re.compile(r"\d{1,3}(,\d{1,3}){0,7}", re.ASCII), "2,10,30"),
        "memory_units": (),
        "equal": ("parameters",),
        "gates": ("default",),
        "networks": (),
        "updates": (),
        "learnt": (),
    },
    "modes": {"word": Form(re.compile(r"[a-z]{1,10}", re.ASCII), "hello")},
}
TEXTS = ("text", *(name for fields in VIEW_FIELDS.values() for name, kind in fields.items() if isinstance(kind, int)))
RUN_PAGES = (
    "home",
    "training",
    "cell",
    "trajectories",
    "dynamics",
    "gradients",
    "connectivity",
)  # they show the session's run
# What of other views a page shows too: the run of the Training page, the window and layer that are looked at.
SHOWN_TOO: Mapping[str, tuple[str, ...]] = {
    "home": ("training",),
    "cell": ("training", "reading"),
    "trajectories": ("training", "reading"),
    "dynamics": ("training",),
    "gradients": ("training", "reading"),
    "connectivity": ("training", "reading"),
}
