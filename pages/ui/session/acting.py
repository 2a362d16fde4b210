"""Which settings act on which page: one table, from which the side panel, the tests and `docs/links.md` are made.

No streamlit here.
"""

from __future__ import annotations

from collections.abc import Mapping

from pages.ui.session.link import Look
from pages.ui.session.views import DynamicsView, SweepView, first_axes

FIVE = ("input_size", "hidden_size", "seq_len", "batch_size", "learning_rate")
DATA = ("text", "task", "repeat", "val_share", "layout")
NETWORK = ("encoding", "cell", "nonlinearity", "num_layers", "bidirectional", "batch_first", "batched", "head", "seed")
TRAINING = ("optimizer", "steps", "grad_clip")
EVERY = frozenset((*FIVE, *DATA, *NETWORK, *TRAINING))
UNTRAINED = EVERY - {"learning_rate", *TRAINING}

ACTING: Mapping[str, frozenset[str]] = {
    "home": EVERY,
    "encoding": UNTRAINED - {"head"},
    "shapes": UNTRAINED,
    "training": EVERY,
    "cell": EVERY,
    "trajectories": EVERY,
    "dynamics": EVERY,
    "gradients": EVERY,
    "connectivity": EVERY,
    "sweep": EVERY,
}  # every other page is about other things than the session's network
WHERE = "training"  # where all of them act


def acting(page: str, look: Look) -> frozenset[str]:
    """Return the fields that change what a page shows, as it is set."""
    if page == "dynamics" and look.view(DynamicsView).system != "mine":
        return frozenset()
    return ACTING.get(page, frozenset()) - swept(page, look)


def swept(page: str, look: Look) -> frozenset[str]:
    """Return the fields that a page has values of its own for."""
    if page != "sweep":
        return frozenset()
    return frozenset(axis.field for axis in look.view(SweepView).axes or first_axes(look.shown))
