"""How far the loss is heard, what one step does to lengths, and what clipping does: on “hello! world”, untrained."""

import numpy as np
import pytest

from rnn_core.analysis.clipping import STEPS, descend
from rnn_core.analysis.reach import Beginning, begin, endless, gradient_reach, share_left, stretching
from rnn_core.cells.sequence import encode, trace_cells
from tests.claims import SEEDS

TEXT = "hello! world"
_, WINDOW, TARGET = endless(TEXT, 51)
DECIDES = (
    "If every time step multiplied by the same matrix, its largest |λ| would decide in the long "
    "run: below 1 everything is lost."
)


def left(cell, **beginning):
    """Return which share of the gradient is left after 50 steps, for each of twelve seeds."""
    begun = [begin(cell, Beginning(seed=seed, **beginning), TEXT) for seed in SEEDS]
    return np.array([share_left(gradient_reach(one, WINDOW, TARGET)["h"]) for one in begun])


@pytest.mark.claim("Gradients: why plain RNNs forget")
def test_plain_rnns_forget():
    """As PyTorch draws them at least 90 % keep less than a millionth."""
    assert np.mean(left("rnn") < 1e-6) >= 0.9


@pytest.mark.claim(DECIDES)
def test_at_rest_the_largest_eigenvalue_decides():
    """Reading nothing: below 1e-12 of a radius of 0.5, above 1e6 of one of 1.5, all of twelve."""
    at_rest = {"scheme": "set", "is_silent": True}
    assert (left("rnn", radius=0.5, **at_rest) < 1e-12).all()
    assert (left("rnn", radius=1.5, **at_rest) > 1e6).all()


@pytest.mark.claim(DECIDES, "The time steps of a text differ, by the slopes of their tanh")
def test_reading_a_text_the_slopes_hold_a_large_eigenvalue_back():
    """With the same radius of 1.5 at least 90 % of twelve stay below 1e3."""
    assert np.mean(left("rnn", scheme="set", radius=1.5) < 1e3) >= 0.9


@pytest.mark.claim("Growth is the mean of ln of the stretching per time step along the text")
@pytest.mark.parametrize("radius", [0.5, 1.5])
def test_at_rest_growth_is_that_of_the_largest_eigenvalue(radius):
    """Twelve seeds, all of them: ln of the radius, to 0.1."""
    for seed in SEEDS:
        begun = begin("rnn", Beginning("set", radius=radius, seed=seed, is_silent=True), TEXT)
        assert stretching(begun.config, begun.weights, WINDOW).growth == pytest.approx(np.log(radius), abs=0.1)


@pytest.mark.claim("well below 0 small differences die out; near 0 so short a text does not tell.")
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_small_differences_die_out_where_growth_is_well_below_0(cell):
    """Twelve seeds, all that grow by less than -0.1: a push of 1e-6 is a tenth of itself or less after 50 steps."""
    shrunk = []
    for seed in SEEDS:
        begun = begin(cell, Beginning(seed=seed), TEXT)
        if stretching(begun.config, begun.weights, WINDOW).growth >= -0.1:
            continue
        weights = {name: array.astype(float) for name, array in begun.weights.items()}
        alone = begun.config.model_copy(update={"batched": False})
        input = encode(alone, weights, WINDOW)
        push = 1e-6 * np.random.default_rng(seed).normal(size=(1, alone.hidden_size))
        pushed = {"h_0": push} | ({"c_0": push} if cell == "lstm" else {})
        apart = trace_cells(alone, weights, input, **pushed).output[-1] - trace_cells(alone, weights, input).output[-1]
        shrunk.append(np.linalg.norm(apart) < np.linalg.norm(push) / 10)
    assert len(shrunk) >= 10
    assert all(shrunk)


@pytest.mark.claim(
    "Up to a spectral radius of 1, 3 instead of 0 leaves more than a thousand times as much of "
    "the gradient after 50 time steps of “hello! world”."
)
@pytest.mark.parametrize("radius", [0.5, 1.0])
def test_a_forget_bias_of_three_leaves_a_thousand_times_as_much(radius):
    """At least 90 % of twelve."""
    closed, opened = (left("lstm", scheme="set", radius=radius, forget_bias=bias) for bias in (0.0, 3.0))
    assert np.mean(opened > 1e3 * closed) >= 0.9


@pytest.mark.claim(
    "on “hello! world”, from a spectral radius of 1.2, they do for most seeds, and when they are cut to length 1 "
    "nearly every seed learns the text."
)
def test_from_1_2_most_seeds_explode_and_nearly_every_one_learns_when_it_is_clipped():
    """Of twelve more than half explode without clipping; with it at least 75 % end below 0.1."""
    assert np.mean([descend(TEXT, radius=1.2, grad_clip=0.0, seed=seed).has_exploded for seed in SEEDS]) > 0.5
    clipped = [descend(TEXT, radius=1.2, grad_clip=1.0, seed=seed) for seed in SEEDS]
    assert np.mean([len(run.loss) == STEPS + 1 and run.loss[-1] < 0.1 for run in clipped]) >= 0.75
    assert np.mean([run.grad_norm.max() > 10 for run in clipped]) >= 0.75
