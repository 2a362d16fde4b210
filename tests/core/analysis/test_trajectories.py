"""Projections, films and orders are what their definitions say, on planted structure and on real runs."""

import numpy as np
import pytest
import torch

from rnn_core import Config
from rnn_core.analysis.trajectories import (
    film,
    fit_pca,
    match_places,
    order_units,
    spread,
    states_at,
    states_over,
)
from rnn_core.training.history import Run
from tests.strategies import CHARACTERS

TEXT = "the quick brown fox jumps over the lazy dog"


def run_of(steps=12, **values):
    run = Run(Config(**{"text": TEXT, "seq_len": 12, "batch_size": 2, "steps": steps, **values}))
    while run.advance():
        pass
    return run


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_components_are_the_eigenvectors_of_the_covariance(count):
    rng = np.random.default_rng(0)
    sequences = [rng.normal(size=(length, 5)) @ np.diag([5, 3, 2, 1, 0.5]) + 7 for length in (9, 20, 31)]
    pca = fit_pca(sequences, count)
    together = np.concatenate(sequences)
    values, vectors = np.linalg.eigh(np.cov(together.T))
    assert np.allclose(pca.variance_share, values[::-1][:count] / values.sum())
    assert np.allclose(np.abs((pca.components * vectors.T[::-1][:count]).sum(axis=1)), 1)
    assert np.allclose(pca.components @ pca.components.T, np.eye(count))
    projected = pca.project(together)
    assert np.allclose(projected.var(axis=0) / together.var(axis=0).sum(), pca.variance_share)
    assert np.allclose(projected.mean(axis=0), 0)


def test_all_components_lose_nothing_and_other_states_use_the_same_basis():
    rng = np.random.default_rng(1)
    pca = fit_pca([rng.normal(size=(20, 4))], 4)
    assert pca.variance_share.sum() == pytest.approx(1)
    others = rng.normal(size=(3, 7, 4))
    assert np.allclose(pca.project(others) @ pca.components + pca.mean, others)
    with pytest.raises(ValueError, match="read-only"):
        pca.components[0] = 0


def test_few_states_and_states_that_do_not_move_still_have_a_basis():
    short = fit_pca([np.array([[0.0, 1.0, 2.0]])], 2)
    assert short.components.shape == (2, 3)
    assert short.variance_share.tolist() == [0, 0]
    assert np.allclose(short.project(np.array([[0.0, 1.0, 2.0]])), 0)
    assert fit_pca([np.ones((5, 1))], 2).components.shape == (1, 1)


@pytest.mark.parametrize(
    "values",
    [
        {"num_layers": 3},
        {"cell": "lstm", "num_layers": 2, "batch_first": False},
        {"cell": "gru", "encoding": "embedding", "batched": False},
        {"task": "same", "bidirectional": True, "num_layers": 2},
        {"layout": "batch_major", "batch_first": False},
        {"head": "none"},
    ],
)
def test_states_of_every_layer_are_torchs(values):
    run = run_of(3, **values)
    trace = run.trainer.trace([1])
    top = states_at(run, run.at(run.step), window=1)
    assert np.abs(top - trace.states_of(0)).max() < 1e-6
    depth, directions = run.config.num_layers, run.config.num_directions
    if run.config.layout == "batch_major":
        return  # every character is a sequence of its own: h_n has a state for each
    for layer in range(depth):
        states = states_at(run, run.at(run.step), window=1, layer=layer)
        last = trace.h_n[layer * directions].reshape(-1)
        assert np.abs(states[-1, : len(last)] - last).max() < 1e-6


def test_a_film_shows_each_kept_moment_in_one_basis():
    run = run_of(12, cell="gru", hidden_size=6)
    shown = film(run, window=1, count=3)
    assert shown.steps == tuple(sorted(run.moments)) == tuple(range(13))
    assert shown.path.shape == (13, 12, 3)
    assert shown.kept == 13
    states = [states_at(run, run.at(step), window=1) for step in shown.steps]
    assert np.allclose(shown.path, fit_pca(states, 3).project(np.stack(states)))
    for step, frame in zip(shown.steps, shown.path, strict=True):
        assert np.allclose(frame, shown.pca.project(states_at(run, run.at(step), window=1)))
    again = film(run, window=0, basis=shown.pca)
    assert again.pca is shown.pca


def test_other_texts_are_followed_in_the_same_basis():
    run = run_of(3, hidden_size=6)
    others = [run.trainer.dataset.input[0][:5], run.trainer.dataset.input[1]]
    shown = film(run, window=1, others=others)
    assert [path.shape for path in shown.others] == [(4, 5, 2), (4, 12, 2)]
    assert np.array_equal(shown.others[1], shown.path)
    for step, frame in zip(shown.steps, shown.others[0], strict=True):
        states = states_over(run, run.at(step), others[0])
        assert np.abs(states - states_at(run, run.at(step))[:5]).max() < 1e-6  # the past of a prefix is the same
        assert np.allclose(frame, shown.pca.project(states))


def test_of_two_directions_one_is_followed():
    run = run_of(2, task="same", bidirectional=True, num_layers=2, hidden_size=5)
    for is_reverse, columns in ((False, slice(0, 5)), (True, slice(5, 10))):
        shown = film(run, layer=0, is_reverse=is_reverse)
        states = [states_at(run, run.at(step), layer=0)[:, columns] for step in shown.steps]
        assert np.allclose(shown.path, shown.pca.project(np.stack(states)))
        matrix = run.at(2).weights["rnn.weight_hh_l0" + "_reverse" * is_reverse].astype(float)
        assert np.allclose(np.abs(shown.eigenvalues["h"][-1]), np.sort(np.abs(np.linalg.eigvals(matrix)))[::-1])


def test_a_film_is_sampled_evenly_and_says_from_how_many():
    run = run_of(100)
    shown = film(run, most=10)
    assert (len(shown.steps), shown.kept) == (10, 101)
    assert (shown.steps[0], shown.steps[-1]) == (0, 100)
    assert set(np.diff(shown.steps).tolist()) <= {11, 12}
    assert len(film(run).steps) == 60


def test_eigenvalues_of_many_units_are_found_at_fewer_steps_both_ends_among_them():
    for hidden_size, count in ((64, 60), (128, 16)):
        shown = film(run_of(59, hidden_size=hidden_size))
        assert len(shown.steps) == 60
        assert len(shown.spectral_steps) == len(shown.eigenvalues["h"]) == count
        assert set(shown.spectral_steps) <= set(shown.steps)
        assert (shown.spectral_steps[0], shown.spectral_steps[-1]) == (0, 59)


def test_the_newest_moment_is_in_the_film_though_it_was_not_kept(monkeypatch):
    monkeypatch.setattr("rnn_core.training.history.MAX_KEPT_BYTES", 20_000)
    run = run_of(33)
    assert 33 not in run.moments
    assert film(run).steps[-1] == 33


@pytest.mark.parametrize(("count", "most"), [(1, 1), (5, 5), (5, 60), (7, 3), (100, 2), (100, 1)])
def test_samples_keep_both_ends(count, most):
    chosen = spread(range(count), most)
    assert len(chosen) == min(count, most)
    assert len(set(chosen)) == len(chosen)
    assert chosen[-1] == count - 1
    assert chosen[0] == 0 or most == 1


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_eigenvalues_are_numpys_at_every_snapshot(cell):
    run = run_of(4, cell=cell, hidden_size=5, num_layers=2)
    shown = film(run)
    for place, eigenvalues in enumerate(shown.eigenvalues.values()):
        for step, found in zip(shown.spectral_steps, eigenvalues, strict=True):
            block = run.at(step).weights["rnn.weight_hh_l1"][5 * place : 5 * place + 5]
            expected = np.linalg.eigvals(block.astype(float))
            assert np.allclose(np.sort_complex(found), np.sort_complex(expected))
            assert (np.diff(np.abs(found)) <= 1e-12).all()
    assert "".join(shown.eigenvalues) == {"rnn": "h", "lstm": "ifgo", "gru": "rzn"}[cell]


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_order_of_units_is_found_again(seed):
    """Bumps that travel through the units: similarity falls off with the distance of two units, and only with it."""
    rng = np.random.default_rng(seed)
    time, place = np.arange(-200, 400)[:, None], np.linspace(20, 180, 24)
    states = np.exp(-(((time - place) / 40) ** 2))
    shuffle = rng.permutation(24)
    order = order_units(states[:, shuffle])
    found = shuffle[order]
    assert found.tolist() in (list(range(24)), list(range(24))[::-1])


def test_groups_of_units_stand_together_and_dead_units_do_no_harm():
    rng = np.random.default_rng(0)
    signals = rng.normal(size=(100, 2))
    group = np.array([0, 1, 0, 1, 1, 0, 0, 1])
    states = signals[:, group] + 0.1 * rng.normal(size=(100, 8))
    assert (np.diff(group[order_units(states)]) != 0).sum() == 1
    assert sorted(order_units(np.zeros((5, 4))).tolist()) == [0, 1, 2, 3]
    assert order_units(np.zeros((5, 1))).tolist() == [0]
    assert sorted(order_units(rng.normal(size=(1, 6))).tolist()) == list(range(6))


def span(length, start, stop):
    return (np.arange(length) >= start) & (np.arange(length) < stop)


def test_the_units_that_mark_a_span_come_first():
    states = np.zeros((10, 5), np.float32)
    states[3:6, 2] = 0.9  # exactly the span
    states[3:7, 0] = 0.9  # one step too long
    states[3:6, 4] = -0.5  # marks it by being low
    states[4, 3] = 0.9  # only in the middle
    found = match_places(states, span(10, 3, 6))
    assert [(m.unit, m.sign, m.score, m.covers, m.is_bounded) for m in found] == [
        (2, 1, 1.0, True, True),
        (4, -1, 1.0, True, True),
        (0, 1, 0.75, True, False),
        (3, 1, pytest.approx(1 / 3), False, True),
    ]
    assert [m.unit for m in match_places(states, span(10, 3, 6), threshold=0.6)] == [2, 0, 3]


@pytest.mark.parametrize("seed", range(3))
def test_scores_are_jaccard_indices(seed):
    states = np.random.default_rng(seed).uniform(-1, 1, (30, 8))
    for match in match_places(states, span(30, 5, 12)):
        on = {t for t in range(30) if match.sign * states[t, match.unit] >= 0.3}
        wanted = set(range(5, 12))
        assert match.score == pytest.approx(len(on & wanted) / len(on | wanted))
        assert match.covers == (wanted <= on)
        assert match.is_bounded == on.isdisjoint({4, 12})


def test_a_span_at_the_edge_has_one_side_only():
    states = np.zeros((4, 1))
    states[:2] = 1
    assert match_places(states, span(4, 0, 2))[0].is_bounded


def test_looking_draws_nothing_from_the_global_generator():
    before = torch.get_rng_state()
    film(run_of(2, text="".join(CHARACTERS) * 2))
    assert torch.equal(torch.get_rng_state(), before)
