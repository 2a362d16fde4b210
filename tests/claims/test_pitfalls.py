"""The answers that are called right: with twelve draws of weights and data, not only with the one that is shown."""

from functools import partial

import numpy as np
import pytest

from pages.ui.words.misconceptions import MISCONCEPTIONS
from rnn_core.analysis.pitfalls import EXPERIMENTS, axes, found, losses, run_experiment, states
from tests.claims import SEEDS

SHUFFLED = "they are only shuffled in the same way"
LATER = "that sample's and all later ones'"


@pytest.fixture(params=SEEDS)
def _drawn_anew(request, monkeypatch):
    """Let the experiments draw their weights and data with another seed."""
    monkeypatch.setattr(found, "SEED", request.param)
    for module in (axes, losses, states):
        monkeypatch.setattr(module, "drawn", partial(found.drawn, seed=request.param), raising=False)


def values(name, number=None):
    return [panel.values for panel in run_experiment(name, number).panels]


@pytest.mark.claim(
    LATER, SHUFFLED, "they change: they are later time steps", "one corner: the top layer at the last time step"
)
@pytest.mark.usefixtures("_drawn_anew")
def test_right_answers_about_axes_do_not_depend_on_the_draw():
    """All of twelve."""
    for sample in range(4):
        changed = values("poke", sample)[1].max(axis=1) > 1e-3
        assert changed.tolist() == [later >= sample for later in range(4)]
    for shuffle in range(3):
        right, forgotten = values("shuffle", shuffle)
        assert forgotten.max() < 1e-6
        assert right.max() > 1e-2
    steps, samples = values("unbatched")
    assert (steps[0] > 1e-5).all()
    assert np.flatnonzero(samples[0]).tolist() == [0]
    assert run_experiment("output").sentences[1].params["change"] == 0


@pytest.mark.claim("no: it goes on moving", "no, not at all", "it silently gives a wrong loss", "well above 0")
@pytest.mark.usefixtures("_drawn_anew")
def test_right_answers_about_states_and_losses_do_not_depend_on_the_draw():
    """All of twelve."""
    for padding in (1, 4, 12):
        moved, packed = (sentence.params["change"] for sentence in run_experiment("padding", padding).sentences)
        assert moved > 1e-2
        assert packed < 1e-6
    forward, backward = values("two-directions")[0]
    assert backward[-1] > 1e-2 > 1e-6 > max(forward[-1], backward[0])
    assert not values("dropout", 1)[0].any()
    assert values("dropout", 2)[0][1].any()
    wrong = run_experiment("class-axis").sentences[1].params
    assert wrong["right"] == wrong["flat"] != wrong["wrong"]
    assert run_experiment("softmax", 9).sentences[0].params["double"] > 1


@pytest.mark.claim("Most of the mistakes on this page raise no error")
def test_most_of_the_mistakes_raise_no_error():
    """Exact: what a belief leads one to write is tried first, and stops for five of seventeen."""
    stops = {"input-size", "first-state", "lstm-state", "indices", "class-axis"}
    assert set(MISCONCEPTIONS) == set(EXPERIMENTS)
    for name in EXPERIMENTS:
        errors = [tried.error for tried in run_experiment(name).tried[:1] if tried.error != "UserWarning"]
        assert any(errors) == (name in stops), name
    assert len(stops) < len(EXPERIMENTS) / 2
