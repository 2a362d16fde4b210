"""Gradients through time are autograd's."""

import numpy as np
import pytest
import torch
from torch import nn

from rnn_core import Config
from rnn_core.analysis import gradients
from rnn_core.analysis.gradients import (
    build_network,
    cell_paths,
    loss_gradients,
    saliency,
    saliency_map,
    state_influence,
    step_jacobians,
)
from rnn_core.cells.sequence import encode, trace_cells
from rnn_core.training.initialisation import initialise
from rnn_core.training.model import build_recurrent
from rnn_core.training.trainer import Trainer
from tests.core.networks import CLASSES, KINDS, double, one_step

TEXT = "the quick brown fox jumps over the lazy dog"
STEPS = 50


@pytest.fixture(autouse=True)
def in_blocks(monkeypatch):
    """Compute maps in several blocks, the last one smaller, although the networks here are small."""
    monkeypatch.setattr(gradients, "TOGETHER", 4)


def trained(**values):
    trainer = Trainer(Config(**{"text": TEXT, "seq_len": 10, "hidden_size": 6, "steps": 4, **values}))
    list(trainer)
    data = trainer.dataset
    return trainer, trainer.config, trainer.weights(), data.input[1], data.target[1]


def one_layer(config, weights, line):
    """Return torch's module of one layer and direction in double precision, and that line's own steps, in its order."""
    layer, is_reverse = divmod(line, config.num_directions)
    names = [f"{name}_l{layer}" + "_reverse" * is_reverse for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    parameters = [torch.tensor(weights[f"rnn.{name}"]).double() for name in names]
    kind = {"nonlinearity": config.nonlinearity} if config.cell == "rnn" else {}
    rnn = CLASSES[config.cell](parameters[0].shape[1], config.hidden_size, dtype=torch.float64, **kind)
    for own, given in zip(rnn.parameters(), parameters, strict=True):
        own.data.copy_(given)
    return rnn


def trace_of(config, weights, window):
    return trace_cells(config.model_copy(update={"batched": False}), weights, encode(config, weights, window))


def steps_of(config, weights, window, line):
    steps = trace_of(config, weights, window).steps[line]
    return steps[::-1] if line % config.num_directions else steps


def later_h(rnn, inputs, state):
    """Run torch's module on from a state vector and return the last h."""
    for x in inputs:
        state = one_step(rnn, torch.tensor(x), state)
    return state[: rnn.hidden_size]


def state_vector(values):
    return torch.tensor(np.concatenate([values["h_t"], values["c_t"]]) if "c_t" in values else values["h_t"])


VARIANTS = [
    *({"cell": cell, "nonlinearity": nonlinearity} for cell, nonlinearity in KINDS),
    {"cell": "lstm", "num_layers": 2, "encoding": "embedding", "input_size": 4, "batch_first": False},
    {"cell": "gru", "num_layers": 2, "task": "same", "bidirectional": True},
]


@pytest.mark.parametrize("values", VARIANTS)
def test_the_influence_of_states_is_that_of_separate_autograd_calls(values):
    _, config, weights, window, _ = trained(**values)
    hidden = config.hidden_size
    for line in range(config.num_layers * config.num_directions):
        layer, is_reverse = divmod(line, config.num_directions)
        found = state_influence(config, weights, window, layer=layer, is_reverse=bool(is_reverse))
        rnn, steps = one_layer(config, weights, line), steps_of(config, weights, window, line)
        expected = np.zeros((10, 10))
        for s in range(10):
            for t in range(s, 10):
                inputs = [step.values["x_t"] for step in steps[s + 1 : t + 1]]
                whole = torch.autograd.functional.jacobian(
                    lambda state, rnn=rnn, given=inputs: later_h(rnn, given, state), state_vector(steps[s].values)
                )
                place = (steps[t].t, steps[s].t)
                expected[place] = whole[:, :hidden].norm()
        assert np.allclose(found, expected, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize(("cell", "nonlinearity"), KINDS)
def test_the_influence_of_states_is_that_of_finite_differences(cell, nonlinearity):
    config, _, weights = double(cell, nonlinearity, batched=False, scale=1.5, input_size=4, text="abcd")
    window = np.random.default_rng(0).integers(0, 4, 8)
    input, delta, hidden = np.eye(4)[window], 1e-5, config.hidden_size
    steps = trace_cells(config, weights, input).steps[0]
    found = state_influence(config, weights, window)
    for s in range(7):
        start = {"c_0": steps[s].c_t[None]} if cell == "lstm" else {}
        moved = []
        for push in delta * np.eye(hidden):
            starts = ((steps[s].h_t + push)[None], (steps[s].h_t - push)[None])
            ahead, behind = (trace_cells(config, weights, input[s + 1 :], h_0=h_0, **start).output for h_0 in starts)
            moved.append((ahead - behind) / (2 * delta))
        norms = np.linalg.norm(np.stack(moved), axis=(0, 2))  # over the moved unit and the unit that answers
        assert np.allclose(found[s + 1 :, s], norms, rtol=1e-6)


def test_nothing_depends_on_what_comes_later():
    _, config, weights, window, _ = trained(cell="gru", task="same", bidirectional=True)
    forward, backward = (state_influence(config, weights, window, is_reverse=r) for r in (False, True))
    assert not np.triu(forward, 1).any()
    assert not np.tril(backward, -1).any()
    assert np.allclose(np.diag(forward), np.sqrt(6))


def unrolled(config, weights, window, target, t):
    """Run the network cell by cell in double precision, written anew, and differentiate its loss by every state."""
    cells = {"rnn": nn.RNNCell, "lstm": nn.LSTMCell, "gru": nn.GRUCell}
    below = list(torch.tensor(encode(config, weights, window)).double())
    all_h, all_c = [], []
    for layer in range(config.num_layers):
        lines = []
        for suffix in ["", "_reverse"][: config.num_directions]:
            kind = {"nonlinearity": config.nonlinearity} if config.cell == "rnn" else {}
            cell = cells[config.cell](len(below[0]), config.hidden_size, dtype=torch.float64, **kind)
            for name, parameter in cell.named_parameters():
                parameter.data.copy_(torch.tensor(weights[f"rnn.{name}_l{layer}{suffix}"]))
            state, line = None, []
            for x in below[::-1] if suffix else below:
                state = cell(x, state)
                line.append(state if config.cell == "lstm" else (state, None))
            line = line[::-1] if suffix else line
            lines.append([h for h, _ in line])
            all_h += lines[-1]
            all_c += [c for _, c in line if c is not None]
        below = [torch.cat(parts) for parts in zip(*lines, strict=True)]
    logits = below[t] @ torch.tensor(weights["head.weight"]).double().T + torch.tensor(weights["head.bias"])
    loss = nn.functional.cross_entropy(logits, torch.tensor(target))
    found = torch.autograd.grad(loss, [*all_h, *all_c], materialize_grads=True)
    by_h, by_c = found[: len(all_h)], list(found[len(all_h) :])
    for place, gradient in enumerate(by_c):  # here h_t is held; it is to follow from c_t
        line, at = divmod(place, len(window))
        values = trace_of(config, weights, window).steps[line][at].values
        slope = torch.tensor(values["o_t"] * (1 - values["tanh(c_t)"] ** 2))
        by_c[place] = gradient + by_h[place] * slope
    return loss.item(), np.array([g.norm().item() for g in (*by_h, *by_c)]).reshape(-1, len(window))


@pytest.mark.parametrize("t", [-1, 4])
@pytest.mark.parametrize("values", VARIANTS)
def test_the_losss_gradient_reaches_every_layer_and_time_step(values, t):
    _, config, weights, window, wanted = trained(**values)
    found = loss_gradients(config, weights, window, int(wanted[t]), t=t)
    loss, norms = unrolled(config, weights, window, int(wanted[t]), t)
    lines = config.num_layers * config.num_directions
    assert found.t == t % 10
    assert found.loss == pytest.approx(loss, rel=1e-12)
    assert np.allclose(found.h, norms[:lines], rtol=1e-9, atol=1e-16)
    assert (found.c is None) == (config.cell != "lstm")
    if found.c is not None:
        assert np.allclose(found.c, norms[lines:], rtol=1e-9, atol=1e-16)
    assert (found.h > 0).any()


def loss_of(weights, output, target):
    scores = output @ weights["head.weight"].T + weights["head.bias"]
    return np.log(np.exp(scores - scores.max()).sum()) + scores.max() - scores[target]


@pytest.mark.parametrize(("cell", "nonlinearity"), KINDS)
def test_the_losss_gradient_is_that_of_finite_differences(cell, nonlinearity):
    _, config, weights, window, wanted = trained(cell=cell, nonlinearity=nonlinearity)
    weights = {name: array.astype(np.float64) for name, array in weights.items()}
    alone, input, delta = config.model_copy(update={"batched": False}), encode(config, weights, window), 1e-5
    steps, target = steps_of(config, weights, window, 0), int(wanted[-1])
    found = loss_gradients(config, weights, window, target)

    def later_loss(s, h, c):
        start = {"h_0": h[None], "c_0": c[None]} if cell == "lstm" else {"h_0": h[None]}
        return loss_of(weights, trace_cells(alone, weights, input[s + 1 :], **start).output[-1], target)

    def slope(loss_after, push):
        return (loss_after(push) - loss_after(-push)) / (2 * delta)

    for s in range(9):
        v = steps[s].values
        c = v.get("c_t", np.zeros(6))
        by_h = [slope(lambda d, s=s, v=v, c=c: later_loss(s, v["h_t"] + d, c), push) for push in delta * np.eye(6)]
        assert found.h[0, s] == pytest.approx(np.linalg.norm(by_h), rel=1e-6)
        if cell == "lstm":
            moved = [
                slope(lambda d, s=s, v=v, c=c: later_loss(s, v["o_t"] * np.tanh(c + d), c + d), push)
                for push in delta * np.eye(6)
            ]
            assert found.c[0, s] == pytest.approx(np.linalg.norm(moved), rel=1e-6)


@pytest.mark.parametrize(("cell", "nonlinearity"), KINDS)
def test_saliency_is_that_of_finite_differences(cell, nonlinearity):
    _, config, weights, window, _ = trained(cell=cell, nonlinearity=nonlinearity)
    weights = {name: array.astype(np.float64) for name, array in weights.items()}
    alone, input, delta = (
        config.model_copy(update={"batched": False}),
        encode(config, weights, window).astype(float),
        1e-5,
    )
    found = saliency(config, weights, window, t=6)

    def logits(pushed):
        return trace_cells(alone, weights, pushed).output[6] @ weights["head.weight"].T + weights["head.bias"]

    for s, j in ((0, 1), (3, 0), (6, 5)):
        push = np.zeros_like(input)
        push[s, j] = delta
        slopes = (logits(input + push) - logits(input - push)) / (2 * delta)
        assert np.allclose(found[:, s, j], slopes, rtol=1e-6, atol=1e-6 * np.abs(found[:, s]).max())


@pytest.mark.parametrize("values", VARIANTS)
def test_the_networks_loss_is_the_mean_over_time_steps(values):
    trainer, config, weights, _, _ = trained(**values, batch_size=1)
    record = trainer._measure()
    window = record.windows[0]
    input, target = trainer.dataset.input[window], trainer.dataset.target[window]
    losses = [loss_gradients(config, weights, input, int(target[t]), t=t).loss for t in range(len(input))]
    assert np.mean(losses) == pytest.approx(record.loss, abs=1e-5)


@pytest.mark.parametrize(("cell", "nonlinearity"), KINDS)
def test_the_gradient_at_the_top_is_the_product_of_step_jacobians(cell, nonlinearity):
    _, config, weights, window, wanted = trained(cell=cell, nonlinearity=nonlinearity)
    found = loss_gradients(config, weights, window, int(wanted[-1]))
    trace = trace_cells(config.model_copy(update={"batched": False}), weights, encode(config, weights, window))
    scores = trace.output[-1] @ weights["head.weight"].T.astype(float) + weights["head.bias"]
    share = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
    jacobians = step_jacobians(config, weights, window)
    gradient = np.zeros(jacobians.shape[1])
    gradient[: config.hidden_size] = (share - np.eye(len(share))[wanted[-1]]) @ weights["head.weight"]
    for t in reversed(range(len(window))):
        assert found.h[0, t] == pytest.approx(np.linalg.norm(gradient[: config.hidden_size]), rel=1e-9)
        gradient = gradient @ jacobians[t]


SALIENCY = [
    *VARIANTS,
    {"batch_first": False},
    {"batched": False},
    {"head": "none", "hidden_size": None},
    {"layout": "batch_major", "batch_first": False},
]


@pytest.mark.parametrize("values", SALIENCY)
def test_saliency_is_autograds_one_entry_at_a_time(values):
    values = {name: value for name, value in {"hidden_size": 6, **values}.items() if value is not None}
    trainer = Trainer(Config(text="hello! world", seq_len=6, steps=2, **values))
    list(trainer)
    config, weights, window = trainer.config, trainer.weights(), trainer.dataset.input[0]
    wanted = trainer.dataset.target[0]
    input = trainer.model.encode(trainer.model.arrange(torch.tensor(window)[None])).detach().requires_grad_()
    logits = trainer.model(input)[0].reshape(6, -1)
    shown = saliency_map(config, weights, window, wanted)
    for t in (0, 3, 5):
        found = saliency(config, weights, window, t=t)
        assert found.shape == (logits.shape[1], 6, input.shape[-1])
        for k in range(logits.shape[1]):
            (expected,) = torch.autograd.grad(logits[t, k], input, retain_graph=True)
            assert np.abs(found[k] - expected.reshape(6, -1).numpy()).max() < 1e-6
        assert np.allclose(shown[t], np.linalg.norm(found[wanted[t]], axis=1), atol=1e-6)
    if not config.bidirectional:
        assert not np.triu(shown, 1).any()  # no character depends on a later one


def test_with_swapped_axes_nothing_reaches_another_character():
    trainer = Trainer(Config.preset("seed-lesson", steps=3))
    list(trainer)
    config, weights, window = trainer.config, trainer.weights(), trainer.dataset.input[0]
    diagonal = np.eye(12, dtype=bool)
    assert not saliency_map(config, weights, window, window)[~diagonal].any()
    assert np.allclose(state_influence(config, weights, window), np.sqrt(9) * diagonal)
    assert not step_jacobians(config, weights, window).any()
    found = loss_gradients(config, weights, window, int(window[7]), t=7)
    assert np.flatnonzero(found.h[0]).tolist() == [7]
    logits = torch.tensor(trainer.trace([0]).logits.reshape(12, -1))
    assert found.loss == pytest.approx(nn.functional.cross_entropy(logits[7], torch.tensor(window[7])).item(), abs=1e-6)
    lstm = Trainer(config.replace(cell="lstm"))
    paths = cell_paths(lstm.config, lstm.weights(), window)
    for matrix, expected in ((paths.direct, 3.0), (paths.whole, 3.0), (paths.hidden, 0.0)):
        assert np.allclose(matrix, expected * diagonal)


@pytest.mark.parametrize("is_reverse", [False, True])
def test_both_ways_of_an_lstms_cell_state_are_autograds(is_reverse):
    _, config, weights, window, _ = trained(cell="lstm", task="same", bidirectional=True)
    paths = cell_paths(config, weights, window, is_reverse=is_reverse)
    steps = steps_of(config, weights, window, int(is_reverse))
    rnn = one_layer(config, weights, int(is_reverse))
    for s in range(10):
        o, cell_state = torch.tensor(steps[s].values["o_t"]), torch.tensor(steps[s].values["c_t"])
        for t in range(s, 10):

            def later_c(c, s=s, t=t, o=o):
                state = torch.cat([o * torch.tanh(c), c])
                for step in steps[s + 1 : t + 1]:
                    state = one_step(rnn, torch.tensor(step.values["x_t"]), state)
                return state[6:]

            whole = torch.autograd.functional.jacobian(later_c, cell_state).numpy()
            direct = np.prod([step.values["f_t"] for step in steps[s + 1 : t + 1]] or [np.ones(6)], axis=0)
            place = (steps[t].t, steps[s].t)
            assert paths.whole[place] == pytest.approx(np.linalg.norm(whole), rel=1e-9)
            assert paths.direct[place] == pytest.approx(np.linalg.norm(direct), rel=1e-9)
            assert paths.hidden[place] == pytest.approx(np.linalg.norm(whole - np.diag(direct)), rel=1e-9, abs=1e-12)


def test_only_an_lstm_has_a_cell_path():
    _, config, weights, window, _ = trained(cell="gru")
    with pytest.raises(ValueError, match="cell=gru"):
        cell_paths(config, weights, window)


def gain(config, weights, window):
    """Return |d h_50 / d h_0| / sqrt(H): how much longer a random small change is after 50 steps, on average."""
    return state_influence(config, weights, window)[-1, 0] / np.sqrt(config.hidden_size)


def test_the_identity_with_relu_holds_a_gradient():
    config = Config(nonlinearity="relu", hidden_size=16, input_size=10, head="none")
    generator = torch.Generator().manual_seed(0)
    rnn = build_recurrent(config, 10, generator)
    initialise(rnn, "identity", generator=generator)
    rnn.weight_ih_l0.data.abs_()  # every unit on: nothing is cut off
    weights = {f"rnn.{name}": parameter.detach().numpy() for name, parameter in rnn.named_parameters()}
    assert gain(config, weights, np.arange(STEPS) % 10) == pytest.approx(1)


def test_a_network_is_rebuilt_from_its_weights():
    for values in VARIANTS:
        trainer, config, weights, window, _ = trained(**values)
        model = build_network(config, weights)
        indices = model.arrange(torch.tensor(window)[None])
        assert torch.equal(model(model.encode(indices))[0], trainer.model(trainer.model.encode(indices))[0])
