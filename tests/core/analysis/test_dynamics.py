"""The map is torch's step, its Jacobian autograd's, and every fixed point that can be known is found."""

import itertools

import numpy as np
import pytest
import torch

from rnn_core import Config, ConfigError
from rnn_core.analysis.dynamics import (
    StateMap,
    character_input,
    find_fixed_points,
    sample_starts,
    search,
    stability,
    visited_states,
)
from rnn_core.analysis.flipflop import draw_flip_flop, memories, train_flip_flop
from rnn_core.training.trainer import Trainer
from tests.core.networks import KINDS, double, one_step


def scaled_identity(hidden_size, a):
    """Return the map h -> tanh(a h): its fixed points are known."""
    weights = {
        "rnn.weight_ih_l0": np.zeros((hidden_size, 1)),
        "rnn.weight_hh_l0": a * np.eye(hidden_size),
        "rnn.bias_ih_l0": np.zeros(hidden_size),
        "rnn.bias_hh_l0": np.zeros(hidden_size),
    }
    return StateMap(Config(hidden_size=hidden_size), weights)


def ahead(state_map, states, steps):
    """Return where states are after so many steps; the way there, which may be long, is not kept."""
    for _ in range(steps):
        states = state_map(states)
    return states


@pytest.mark.parametrize("num_layers", [1, 3])
@pytest.mark.parametrize(("cell", "nonlinearity"), KINDS)
def test_the_map_and_its_jacobian_are_torchs_and_autograds(cell, nonlinearity, num_layers):
    config, rnn, weights = double(cell, nonlinearity, num_layers=num_layers, scale=1.5)
    rng = np.random.default_rng(0)
    x = rng.normal(size=3)
    state_map = StateMap(config, weights, x)
    states = rng.uniform(-1, 1, (5, state_map.state_size))
    after, jacobians = state_map(states), state_map.jacobian(states)
    for state, next_state, jacobian in zip(states, after, jacobians, strict=True):
        start = torch.tensor(state)
        step = lambda h: one_step(rnn, torch.tensor(x), h)  # noqa: E731
        assert np.abs(next_state - step(start).detach().numpy()).max() < 1e-12
        assert np.abs(jacobian - torch.autograd.functional.jacobian(step, start).numpy()).max() < 1e-12


@pytest.mark.parametrize(("cell", "nonlinearity"), KINDS)
def test_a_trajectory_is_torchs_sequence_of_one_character(cell, nonlinearity):
    trainer = Trainer(Config(cell=cell, nonlinearity=nonlinearity, encoding="embedding", num_layers=2, steps=3))
    list(trainer)
    weights, hidden = trainer.weights(), trainer.config.hidden_size
    state_map = StateMap(trainer.config, weights, character_input(trainer.config, weights, 4))
    path = state_map.follow(np.zeros((1, state_map.state_size)), 20)[1:, 0]
    with torch.no_grad():
        output, _ = trainer.model.rnn(trainer.model.encode(torch.full((20,), 4)))
    width = state_map.state_size // 2
    assert np.abs(path[:, width : width + hidden] - output.numpy()).max() < 1e-6


@pytest.mark.parametrize(("cell", "nonlinearity"), KINDS)
def test_visited_states_follow_from_one_another(cell, nonlinearity):
    trainer = Trainer(Config(cell=cell, nonlinearity=nonlinearity, num_layers=2, steps=2))
    weights, window = trainer.weights(), trainer.dataset.input[0]
    visited = visited_states(trainer.config, weights, window)
    state = np.zeros((1, visited.shape[1]))
    for index, expected in zip(window, visited, strict=True):
        state = StateMap(trainer.config, weights, character_input(trainer.config, weights, int(index)))(state)
        assert np.abs(state[0] - expected).max() < 1e-12


def test_each_character_has_its_own_input():
    trainer = Trainer(Config(steps=1))
    weights = trainer.weights()
    for index in range(trainer.dataset.vocab_size):
        assert np.array_equal(character_input(trainer.config, weights, index), np.eye(9)[index])


def test_both_directions_have_no_next_state():
    config, _, weights = double("rnn", bidirectional=True)
    with pytest.raises(ConfigError, match="bidirectional=true"):
        StateMap(config, weights)


@pytest.mark.parametrize("hidden_size", [1, 2, 3])
@pytest.mark.parametrize("a", [0.5, 0.9])
def test_a_contraction_has_one_fixed_point(hidden_size, a):
    state_map = scaled_identity(hidden_size, a)
    (point,) = find_fixed_points(state_map, sample_starts(state_map, count=50))
    assert np.abs(point.state).max() < 1e-9
    assert point.stability == "stable"
    assert np.allclose(point.eigenvalues, a)


@pytest.mark.parametrize("hidden_size", [1, 2, 3, 4])
@pytest.mark.parametrize("a", [1.1, 1.5, 5.0])
def test_all_three_to_the_power_of_h_fixed_points_are_found(hidden_size, a):
    """Each unit stands still at 0, which repels, and at ±m with m = tanh(a m), which attract."""
    m = 1.0
    for _ in range(10_000):
        m = np.tanh(a * m)
    slopes = {0.0: a, m: a * (1 - m**2), -m: a * (1 - m**2)}
    state_map = scaled_identity(hidden_size, a)
    points = find_fixed_points(state_map, sample_starts(state_map, count=100))
    assert len(points) == 3**hidden_size
    for known in itertools.product((0.0, m, -m), repeat=hidden_size):
        near = [p for p in points if np.abs(p.state - known).max() < 1e-6]
        assert len(near) == 1
        moving = sum(value == 0 for value in known)
        expected = "stable" if moving == 0 else "unstable" if moving == hidden_size else "saddle"
        assert near[0].stability == expected
        assert np.allclose(np.sort(near[0].eigenvalues.real), sorted(slopes[value] for value in known))
        assert near[0].speed < 1e-12


@pytest.mark.parametrize("hidden_size", [1, 2, 3, 4])
@pytest.mark.parametrize(("cell", "gates", "place"), [("lstm", 4, 2), ("gru", 3, 2)])
def test_so_are_those_of_cells_whose_gates_are_half_open(cell, gates, place, hidden_size):
    """Each unit has a state in the middle that repels and two beside it that attract, as h -> tanh(a h) has."""
    weights = {
        "weight_ih_l0": np.zeros((gates * hidden_size, 1)),
        "weight_hh_l0": np.zeros((gates * hidden_size, hidden_size)),
        "bias_ih_l0": np.zeros(gates * hidden_size),
        "bias_hh_l0": np.zeros(gates * hidden_size),
    }
    weights["weight_hh_l0"][place * hidden_size : (place + 1) * hidden_size] = 6 * np.eye(hidden_size)
    state_map = StateMap(Config(cell=cell, hidden_size=hidden_size), weights)
    points = find_fixed_points(state_map, sample_starts(state_map, count=100))
    assert len(points) == 3**hidden_size
    for point in points:
        in_the_middle = np.abs(point.state[:hidden_size]) < 1e-6
        assert (point.stability == "stable") == (not in_the_middle.any())
        assert (np.abs(point.eigenvalues) > 1).sum() == in_the_middle.sum()


@pytest.mark.parametrize(("cell", "nonlinearity"), KINDS)
def test_fixed_points_of_a_trained_network_stand_still_under_torch(cell, nonlinearity):
    trainer = Trainer(Config(cell=cell, nonlinearity=nonlinearity, hidden_size=6, steps=30))
    list(trainer)
    weights = trainer.weights()
    for index in (0, 5):
        state_map = StateMap(trainer.config, weights, character_input(trainer.config, weights, index))
        visited = state_map.follow(np.zeros((1, state_map.state_size)), 30)[:, 0]
        points = find_fixed_points(state_map, sample_starts(state_map, visited, count=60))
        assert [p.speed for p in points] == sorted(p.speed for p in points)
        assert cell != "gru" or points
        for point in points:
            x = trainer.model.encode(torch.tensor(index))
            with torch.no_grad():
                after = one_step(trainer.model.rnn, x, torch.tensor(point.state, dtype=torch.float32))
            assert np.abs(after.numpy() - point.state).max() < 1e-5 * max(1.0, np.abs(point.state).max())
            assert point.speed < 1e-13 * max(1.0, np.abs(point.state).max())
            assert stability(np.linalg.eigvals(state_map.jacobian(point.state[None])[0])) == point.stability
        if stable := [p.state for p in points if p.stability == "stable"]:  # what is pushed a little comes back
            pushed = stable + np.random.default_rng(0).normal(0, 1e-6, np.shape(stable))
            assert np.linalg.norm(ahead(state_map, pushed, 1000) - stable, axis=1).max() < 1e-5


def test_a_gru_stands_still_only_where_its_states_can_be():
    trainer = Trainer(Config(cell="gru", hidden_size=48, steps=20, learning_rate=0.02))
    list(trainer)
    weights = trainer.weights()
    state_map = StateMap(trainer.config, weights, character_input(trainer.config, weights, 3))
    points = find_fixed_points(state_map, sample_starts(state_map, count=60))
    assert points
    for point in points:
        assert np.abs(point.state).max() < 1


def test_no_two_fixed_points_are_the_same_and_a_line_of_them_is_thinned():
    weights = {
        "weight_ih_l0": np.zeros((2, 1)),
        "weight_hh_l0": np.diag([1.0, 0.5]),
        "bias_ih_l0": np.zeros(2),
        "bias_hh_l0": np.zeros(2),
    }
    state_map = StateMap(Config(hidden_size=2, nonlinearity="relu"), weights)  # every (h >= 0, 0) stands still
    points = find_fixed_points(state_map, sample_starts(state_map, count=200))
    states = np.stack([p.state for p in points])
    distances = np.linalg.norm(states[:, None] - states[None], axis=-1) + np.eye(len(states))
    assert distances.min() >= 1e-3
    assert len(points) > 20
    assert np.abs(states[:, 1]).max() < 1e-5


@pytest.mark.parametrize("factor", [1.0, 1e60, 1e200, np.inf, np.nan])
@pytest.mark.parametrize("bias", [0.0, 0.1])
def test_weights_that_overflowed_are_no_error(factor, bias):
    """With factor 1 and a bias the map is h + bias: it stands still nowhere, and nothing can be divided by."""
    weights = {
        "weight_ih_l0": np.zeros((2, 1)),
        "weight_hh_l0": factor * np.ones((2, 2)) if factor != 1 else np.eye(2),
        "bias_ih_l0": np.full(2, bias),
        "bias_hh_l0": np.zeros(2),
    }
    state_map = StateMap(Config(hidden_size=2, nonlinearity="relu"), weights)
    points = find_fixed_points(state_map, np.random.default_rng(0).uniform(0.1, 1, (20, 2)))
    assert all(p.speed < 1e-12 for p in points)
    assert len(points) == 20 if (factor, bias) == (1, 0) else len(points) <= 1


@pytest.mark.parametrize(
    ("eigenvalues", "kind"),
    [
        ([0.5, -0.9], "stable"),
        ([0.5, 1.2], "saddle"),
        ([1.2, -3], "unstable"),
        ([0.8 + 0.8j, 0.8 - 0.8j], "unstable"),
        ([0.5, 1 - 1e-8], "marginal"),
        ([0.5, -1 - 1e-8], "marginal"),
        ([0.6 + 0.8j, 0.6 - 0.8j], "marginal"),
        ([0.5, 1.0, 1.2], "saddle"),
        ([1.0, 1.2], "unstable"),
    ],
)
def test_stability_goes_by_the_unit_circle(eigenvalues, kind):
    assert stability(np.array(eigenvalues)) == kind


def wide(cell, seed):
    """Return a random network of two units: gates up to a spectral radius of 3, biases to match."""
    rng, gates = np.random.default_rng(seed), {"rnn": 1, "gru": 3, "lstm": 4}[cell]
    hidden = rng.normal(size=(gates, 2, 2))
    radii = np.abs(np.linalg.eigvals(hidden)).max(axis=1)
    factor = rng.uniform(0.5, 3) / radii
    return {
        "weight_ih_l0": np.zeros((2 * gates, 1)),
        "weight_hh_l0": (hidden * factor[:, None, None]).reshape(-1, 2),
        "bias_ih_l0": rng.normal(size=2 * gates) * rng.choice([0.0, 0.2, 1.0]),
        "bias_hh_l0": np.zeros(2 * gates),
    }


def only_candidate(cell, weights, h):
    """Return the h that h must equal if it is fixed: of a GRU n, of an LSTM o tanh(c) with c = i g / (1 - f)."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))  # noqa: E731
    sums = np.split(h @ weights["weight_hh_l0"].T + weights["bias_ih_l0"], len(weights["bias_ih_l0"]) // 2, axis=1)
    if cell == "rnn":
        return np.tanh(sums[0])
    if cell == "gru":
        bias = weights["bias_ih_l0"][4:]
        return np.tanh(bias + sigmoid(sums[0]) * (sums[2] - bias))
    i, f, g, o = sums
    return sigmoid(o) * np.tanh(sigmoid(i) * np.tanh(g) / sigmoid(-f))


def squares_of_fixed_points(cell, weights, count=200, halvings=20):
    """Halve the squares of a fine grid in which both parts of candidate - h change sign, until they are points."""
    edges, size = np.linspace(-1.0003, 1.0001, count, retstep=True)
    corners = np.array(list(itertools.product((0, 1), repeat=2)))
    low = np.stack(np.meshgrid(edges[:-1], edges[:-1]), axis=-1).reshape(-1, 2)
    for halving in range(halvings + 1):
        if halving:
            size /= 2
            low = (low[:, None] + corners * size).reshape(-1, 2)
        points = (low[:, None] + corners * size).reshape(-1, 2)
        is_above = (only_candidate(cell, weights, points) > points).reshape(-1, 4, 2)
        low = low[(is_above.any(axis=1) & ~is_above.all(axis=1)).all(axis=1)]
    return np.unique(low.round(4), axis=0)


SEVERAL = {"rnn": (4, 16), "gru": (4, 17), "lstm": (7, 25)}  # of the first seeds, those with more than one fixed point


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_all_that_a_fine_grid_holds_is_found_and_nothing_else(cell):
    """The grid knows nothing of the search: it looks for changes of sign, with the equations written out anew."""
    total = 0
    for seed in (*SEVERAL[cell], 0):
        weights = wide(cell, seed)
        state_map = StateMap(Config(cell=cell, hidden_size=2), weights)
        found = np.array([p.state[:2] for p in find_fixed_points(state_map, sample_starts(state_map, count=100))])
        expected = squares_of_fixed_points(cell, weights)
        gaps = np.abs(found[:, None] - expected).max(axis=2)
        assert gaps.min(axis=0).max() < 2e-4, f"seed {seed}: one is missing"
        assert gaps.min(axis=1).max() < 2e-4, f"seed {seed}: one too many"
        total += len(found)
    assert total >= 7


@pytest.mark.parametrize(
    ("cell", "learning_rate", "hidden_size", "index"), [("gru", 0.5, 3, 0), ("gru", 0.5, 9, 0), ("lstm", 0.5, 9, 0)]
)
def test_where_gates_are_shut_only_what_is_fixed_is_called_so(cell, learning_rate, hidden_size, index):
    """There nearly every state moves by less than a millionth a step, and exactly one does not move."""
    trainer = Trainer(Config(cell=cell, hidden_size=hidden_size, learning_rate=learning_rate, steps=150))
    list(trainer)
    state_map = StateMap(trainer.config, trainer.weights(), character_input(trainer.config, trainer.weights(), index))
    visited = visited_states(trainer.config, trainer.weights(), trainer.dataset.input[0])
    found = search(state_map, sample_starts(state_map, visited, count=100))
    (point,) = found.fixed
    assert np.linalg.norm(state_map(point.state[None])[0] - point.state) < 1e-13 * max(1, np.abs(point.state).max())
    w = state_map._layers[0]
    weights = {
        "weight_hh_l0": w.weight_hh,
        "bias_ih_l0": w.bias_ih + w.weight_ih @ state_map.x,
        "bias_hh_l0": w.bias_hh,
    }
    assert np.abs(still(cell, weights, point.state) - point.state).max() < 1e-11 * max(1, np.abs(point.state).max())
    if cell == "gru":
        assert found.slow
    for slow in found.slow:
        assert 1e-13 < slow.speed < 1e-2
        assert slow.kind == "slow"
        assert np.linalg.norm(still(cell, weights, slow.state) - slow.state) > 1e-3  # far from what it must equal


def still(cell, weights, state):
    """Return what a state must equal to be fixed, here with both biases; (h, c) of an LSTM."""
    sigmoid = lambda a: 1 / (1 + np.exp(-a))  # noqa: E731
    size = weights["weight_hh_l0"].shape[1]
    into, out = weights["bias_ih_l0"], weights["weight_hh_l0"] @ state[:size] + weights["bias_hh_l0"]
    if cell == "gru":
        return np.tanh(into[2 * size :] + sigmoid((into + out)[:size]) * out[2 * size :])
    i, f, g, o = np.split(into + out, 4)
    return np.concatenate([sigmoid(o) * np.tanh(state[size:]), sigmoid(i) * np.tanh(g) / sigmoid(-f)])


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_what_is_called_stable_stays_for_three_thousand_steps(cell):
    state_map = StateMap(Config(cell=cell, hidden_size=2), wide(cell, SEVERAL[cell][1]))
    points = find_fixed_points(state_map, sample_starts(state_map, count=50))
    stable = np.array([p.state for p in points if p.stability == "stable"])
    assert len(stable)
    pushed = np.random.default_rng(0).normal(0, 1e-6, (3, *stable.shape))
    pushed[0] = 0
    ends = ahead(state_map, (stable + pushed).reshape(-1, state_map.state_size), 3000)
    assert np.abs(ends.reshape(pushed.shape) - stable).max() < 1e-6


def line(bend):
    """Return h -> tanh(h + bend): with bend = 0 one point is fixed where |λ| = 1, with a small bend a ghost is left."""
    weights = {
        "weight_ih_l0": np.zeros((1, 1)),
        "weight_hh_l0": np.array([[2.0]]),
        "bias_ih_l0": np.array([bend]),
        "bias_hh_l0": np.zeros(1),
    }
    return StateMap(Config(hidden_size=1), weights)


def test_a_ghost_is_slow_and_the_point_that_it_was_is_fixed():
    """tanh(2 h + b) touches h at b* = 2 m - atanh(m), m^2 = 1/2; beyond it the two that met there are gone."""
    m = np.sqrt(0.5)
    touching = 2 * m - np.arctanh(m)
    for beyond, kinds in ((-1e-4, ["saddle", "stable"]), (1e-4, ["slow"]), (1e-9, ["slow"])):
        state_map = line(touching + beyond)
        found = search(state_map, sample_starts(state_map, count=50))
        near = [p for p in (*found.fixed, *found.slow) if abs(p.state[0] + m) < 0.1]
        kinds = [kind.replace("saddle", "unstable") for kind in kinds]  # of one unit
        assert sorted(p.kind for p in near) == sorted(kinds)
        assert [p.kind for p in found.fixed if p.state[0] > 0] == ["stable"]
        assert found.starts == 50


def test_a_double_point_is_marginal_and_stands_alone():
    state_map = scaled_identity(2, 1.0)  # h -> tanh(h) stands still at 0 alone, ever more slowly reached
    (point,) = find_fixed_points(state_map, sample_starts(state_map, count=50))
    assert (point.stability, point.is_isolated) == ("marginal", True)
    assert np.abs(point.state).max() < 1e-4


def relu_map(weight, bias=(0.0, 0.0)):
    weights = {
        "weight_ih_l0": np.zeros((2, 1)),
        "weight_hh_l0": np.array(weight, dtype=float),
        "bias_ih_l0": np.array(bias, dtype=float),
        "bias_hh_l0": np.zeros(2),
    }
    return StateMap(Config(hidden_size=2, nonlinearity="relu"), weights)


@pytest.mark.parametrize("weight", [np.eye(2), np.diag([1.0, 0.5])])
def test_samples_of_a_curve_or_a_surface_say_that_they_are(weight):
    state_map = relu_map(weight)
    points = find_fixed_points(state_map, sample_starts(state_map, count=60))
    assert len(points) > 10
    assert {(p.stability, p.is_isolated) for p in points if p.state[0] > 0.1} == {("marginal", False)}


def test_a_relu_at_its_bend_is_not_called_stable():
    """At (0, 0) the Jacobian of the left side is 0, and yet every positive state grows."""
    (point,) = find_fixed_points(relu_map(1.5 * np.eye(2)), np.random.default_rng(0).uniform(-1, 1, (50, 2)))
    assert (point.stability, point.speed) == ("marginal", 0)


def test_an_lstm_that_forgets_next_to_nothing_is_fixed_where_c_is_in_the_hundreds_of_millions():
    biases = np.repeat([0.7, 19.5, -2.0, 1.0], 2)  # i, f, g, o
    weights = {
        "weight_ih_l0": np.zeros((8, 1)),
        "weight_hh_l0": np.zeros((8, 2)),
        "bias_ih_l0": biases,
        "bias_hh_l0": np.zeros(8),
    }
    state_map = StateMap(Config(cell="lstm", hidden_size=2), weights)
    (point,) = find_fixed_points(state_map, sample_starts(state_map, count=50))
    c = np.tanh(-2) / (1 + np.exp(-0.7)) * (1 + np.exp(19.5))
    assert np.allclose(point.state, [-1 / (1 + np.exp(-1))] * 2 + [c] * 2, rtol=1e-12)
    assert (point.stability, point.is_isolated) == ("marginal", True)  # |λ| = f


def test_a_relus_fixed_points_are_found_far_away_too():
    state_map = relu_map([[0.9, 0.0], [0.0, 0.95]], (3.0, 2.0))
    (point,) = find_fixed_points(state_map, sample_starts(state_map, count=50))
    assert np.allclose(point.state, [30, 40])
    assert np.abs(sample_starts(state_map, count=50)).max() > 10


def test_starts_are_near_what_was_visited_and_anywhere():
    state_map = scaled_identity(3, 1.0)
    visited = np.full((4, 3), 5.0)
    starts = sample_starts(state_map, visited, count=10, noise=0.01)
    assert np.abs(starts[:5] - 5).max() < 0.1
    assert np.abs(starts[5:]).max() <= 1
    assert np.array_equal(starts, sample_starts(state_map, visited, count=10, noise=0.01))
    assert not np.array_equal(starts, sample_starts(state_map, visited, count=10, noise=0.01, seed=1))


@pytest.fixture(scope="module", params=[("rnn", 1, 2), ("rnn", 2, 16), ("rnn", 3, 24), ("gru", 2, 12)], ids=str)
def memory(request):
    cell, bits, size = request.param
    more = {"updates": 600} if cell == "gru" else {}  # learns more slowly than the examples of the app
    return bits, train_flip_flop(bits, cell=cell, hidden_size=size, **more)


def test_a_memory_of_b_bits_has_two_to_the_power_of_b_stable_states(memory):
    bits, trained = memory
    assert trained.accuracy == 1.0
    assert trained.loss[-1] < 0.05 < trained.loss[0]
    state_map = StateMap(trained.config, trained.weights)
    visited = trained.states.reshape(-1, trained.states.shape[-1])
    points = find_fixed_points(state_map, sample_starts(state_map, visited, count=100))
    assert len(points) == 3**bits  # between two memories of a bit there is a state that cannot decide
    stable = [p.state for p in points if p.stability == "stable"]
    assert len(stable) == 2**bits
    outputs = [state @ trained.weights["head.weight"].T + trained.weights["head.bias"] for state in stable]
    assert sorted(tuple(np.sign(output).astype(int).tolist()) for output in outputs) == memories(bits)
    for _ in range(20):  # in silence every state visited falls into one of them, and stays
        distance = np.linalg.norm(visited[:, None] - np.stack(stable)[None], axis=-1).min(axis=1)
        visited = ahead(state_map, visited[distance > 1e-6], 100)
    assert not len(visited)


def test_a_flip_flop_holds_the_last_sign_of_each_channel():
    input, target = draw_flip_flop(2, count=3, length=20, generator=torch.Generator().manual_seed(0))
    assert set(input.unique().tolist()) == {-1, 0, 1}
    for sequence, wanted in zip(input.tolist(), target.tolist(), strict=True):
        held = [0.0, 0.0]
        for pulses, expected in zip(sequence, wanted, strict=True):
            held = [pulse or last for pulse, last in zip(pulses, held, strict=True)]
            assert expected == held


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_a_memorys_states_are_those_of_its_map(cell):
    trained = train_flip_flop(1, cell=cell, hidden_size=3, updates=2)
    before = torch.get_rng_state()
    again = train_flip_flop(1, cell=cell, hidden_size=3, updates=2)
    assert torch.equal(torch.get_rng_state(), before)
    assert all(np.array_equal(trained.weights[name], again.weights[name]) for name in trained.weights)
    for t in range(3):
        state = np.zeros((1, trained.states.shape[-1])) if t == 0 else trained.states[:1, t - 1]
        after = StateMap(trained.config, trained.weights, trained.input[0, t])(state.astype(float))
        assert np.abs(after[0] - trained.states[0, t]).max() < 1e-6
