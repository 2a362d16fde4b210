"""Names that torch does not have, and what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from functools import lru_cache

from rnn_core.reading.errors import Fix
from rnn_core.sentence import Sentence

_OWNERS = ("torch", "torch.nn", "torch.nn.functional", "torch.nn.utils.rnn", "Tensor", "Module")


@lru_cache(maxsize=len(_OWNERS))
def _names(owner: str) -> frozenset[str]:
    import torch  # late: reading code that is spelled right does without it

    places = {
        "torch": torch,
        "torch.nn": torch.nn,
        "torch.nn.functional": torch.nn.functional,
        "torch.nn.utils.rnn": torch.nn.utils.rnn,
        "Tensor": torch.Tensor,
        "Module": torch.nn.Module(),
    }
    return frozenset(dir(places[owner]))


def is_name_of(owner: str, name: str) -> bool:
    """Whether torch has something of this name; owners that are not looked into have everything."""
    return owner not in _OWNERS or name in _names(owner)


def close_fix(name: str, among: Sequence[str] | str) -> Fix | None:
    """Return the advice to write what was probably meant.

    Args:
        name: as it stands in the code.
        among: what there is, or the owner in torch whose names are meant.
    """
    if len(name) > 80:
        return None
    names = [n for n in (_names(among) if isinstance(among, str) else among) if not n.startswith("_")]
    plain = {other.lower(): other for other in sorted(names)}
    found = difflib.get_close_matches(name.lower(), sorted(plain), 1, 0.75)
    return Fix(Sentence("Did you mean `{name}`?", name=plain[found[0]])) if found else None
