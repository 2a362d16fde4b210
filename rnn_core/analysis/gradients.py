"""How far a gradient reaches back: by autograd on the real network, and as products of step Jacobians.

What autograd does not give in one go, the effect of every state on every later one, is multiplied out in float64 from
derivatives in closed form; both are compared in the tests. Time steps are those of the text, whatever the axes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from rnn_core.cells.equations import CellWeights, Weights, cell_weights
from rnn_core.cells.jacobians import StepJacobian, stack_steps, step_jacobian
from rnn_core.cells.sequence import encode, trace_cells
from rnn_core.config import Config
from rnn_core.records.arrays import frozen
from rnn_core.training.model import SequenceModel

TOGETHER = 16  # rows or columns of a map that are computed at once: all of the largest network take 170 MB
PARAMETERS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


@dataclass(frozen=True, slots=True, eq=False)
class LossGradients:
    """How strongly the loss at one time step depends on the states before it.

    Attributes:
        t: the time step whose loss it is.
        loss: its cross-entropy in nats.
        h: L2 norm of d loss / d h for every layer (and direction, forward first) and time step, (D*num_layers, L).
        c: the same for the cell states of an LSTM.
    """

    t: int
    loss: float
    h: Float[np.ndarray, "layers L"]
    c: Float[np.ndarray, "layers L"] | None


@dataclass(frozen=True, slots=True, eq=False)
class CellPaths:
    """How the cell states of an LSTM depend on earlier ones, by either way; Frobenius norms, (t, s) with s <= t.

    Attributes:
        direct: through the cell states alone: the product of the forget gates from s + 1 to t.
        hidden: what the way through hidden states and gates adds: d c_t / d c_s less the direct way.
        whole: d c_t / d c_s, with h_s = o * tanh(c_s) following from c_s.
    """

    direct: Float[np.ndarray, "L L"]
    hidden: Float[np.ndarray, "L L"]
    whole: Float[np.ndarray, "L L"]


def build_network(config: Config, weights: Weights, dtype: torch.dtype = torch.float32) -> SequenceModel:
    """Build the real network of a config with weights by their names."""
    # Without a head nothing says how many characters there are: of an identity matrix no more than the rows are used.
    known = next((weights[name] for name in ("embedding.weight", "head.weight") if name in weights), None)
    vocab_size = config.input_size if known is None else len(known)
    model = SequenceModel(config, vocab_size, torch.Generator()).to(dtype)
    model.load_state_dict({name: torch.tensor(array) for name, array in weights.items()})
    return model


def loss_gradients(
    config: Config, weights: Weights, window: Int[np.ndarray, " L"], target: int, *, t: int = -1
) -> LossGradients:
    """Differentiate the loss at one time step by the states of every layer at every time step, by autograd.

    The network is run cell by cell (nn.RNNCell, LSTMCell, GRUCell with its own weights) in double precision, since what
    has vanished in float32 may still be told apart: only then is there a tensor for each state. d loss / d h_t is for
    c_t held, d loss / d c_t has h_t = o * tanh(c_t) follow.

    Args:
        config: the network.
        weights: by parameter name.
        window: indices of the characters.
        target: index of the character that should be predicted.
        t: at which time step; the last if not given.
    """
    t %= len(window)
    model = build_network(config, weights, torch.float64)
    h, c, output = _run_cells(config, model, window)
    logits = output[t] if model.head is None else model.head(output[t])
    loss = nn.functional.cross_entropy(logits, torch.tensor(target))
    found = torch.autograd.grad(loss, [*h, *c], materialize_grads=True)
    norms = torch.stack([gradient.norm() for gradient in found]).view(-1, len(window)).numpy()
    lines = config.num_layers * config.num_directions
    return LossGradients(t, loss.item(), frozen(norms[:lines]), frozen(norms[lines:]) if c else None)


def saliency(
    config: Config, weights: Weights, window: Int[np.ndarray, " L"], *, t: int
) -> Float[np.ndarray, "V L H_in"]:
    """Return d logit_k at time step t / d x_s for every character k and every time step s, by autograd."""
    input, logits = _run_network(config, weights, window)
    rows = torch.eye(logits.shape[1], dtype=logits.dtype)
    found = _vjps(logits[t], input, rows)
    return frozen(found.reshape(len(rows), len(window), -1).numpy())


def saliency_map(
    config: Config, weights: Weights, window: Int[np.ndarray, " L"], wanted: Int[np.ndarray, " L"]
) -> Float[np.ndarray, "L L"]:
    """Return |d logit / d x_s| in entry (t, s), the L2 norm, for the logit of character wanted[t] at each time step t.

    Args:
        config: the network.
        weights: by parameter name.
        window: indices of the characters that go in.
        wanted: whose logit to explain, such as the target or the prediction at each time step.
    """
    input, logits = _run_network(config, weights, window)
    chosen = logits[torch.arange(len(wanted)), torch.tensor(wanted)]  # (L,)
    norms = []
    for rows in torch.eye(len(wanted), dtype=logits.dtype).split(TOGETHER):
        found = _vjps(chosen, input, rows)
        norms.append(found.reshape(len(rows), len(window), -1).norm(dim=2))
    return frozen(torch.cat(norms).numpy())


def step_jacobians(
    config: Config, weights: Weights, window: Int[np.ndarray, " L"], *, layer: int = 0, is_reverse: bool = False
) -> Float[np.ndarray, "L S S"]:
    """Return the Jacobian of one layer's state at each time step by the one before, at the states of a text.

    The state is h, or (h, c) of an LSTM. The first one is by the initial state, zero. In the order in which the steps
    are made: from the end of the text in the reverse direction.
    """
    return np.stack(list(each_step_jacobian(config, weights, window, layer=layer, is_reverse=is_reverse)))


def each_step_jacobian(
    config: Config, weights: Weights, window: Int[np.ndarray, " L"], *, layer: int = 0, is_reverse: bool = False
) -> Iterator[Float[np.ndarray, "S S"]]:
    """Yield what `step_jacobians` returns one after the other: all of a large LSTM take 67 MB."""
    w, values = _line(config, weights, window, layer, is_reverse=is_reverse)
    for t in range(len(window)):
        yield _step(config, w, {name: array[t] for name, array in values.items()}).whole


@np.errstate(over="ignore", invalid="ignore")  # an explosion is shown as it is
def state_influence(
    config: Config, weights: Weights, window: Int[np.ndarray, " L"], *, layer: int = 0, is_reverse: bool = False
) -> Float[np.ndarray, "L L"]:
    """Return |d h_t / d h_s| in entry (t, s), the Frobenius norm, for one layer and direction; c_s is held.

    It is sqrt(H) at s = t and zero where h_s does not come before h_t. A layer's state reaches its own later states
    only through itself, so these products are the whole derivatives, whatever the layers above and below.
    """
    _, step = _chain(config, weights, window, layer, is_reverse=is_reverse)
    ones = np.ones(step.h_h.shape[:2])
    norms = np.zeros((len(window), len(window)))
    for t, since, h, _ in _propagate(step, ones, 0 * ones):
        norms[t, since] = np.linalg.norm(h, axis=(1, 2))
    return _in_text_order(norms, is_reverse=is_reverse)


@np.errstate(over="ignore", invalid="ignore")  # an explosion is shown as it is
def cell_paths(
    config: Config, weights: Weights, window: Int[np.ndarray, " L"], *, layer: int = 0, is_reverse: bool = False
) -> CellPaths:
    """Tell the two ways apart by which the cell states of an LSTM reach later ones.

    Raises:
        ValueError: if the network is no LSTM.
    """
    if config.cell != "lstm":
        raise ValueError(f"cell={config.cell} has no cell state, only cell=lstm has")
    v, step = _chain(config, weights, window, layer, is_reverse=is_reverse)
    through_c = v["o_t"] * (1 - v["tanh(c_t)"] ** 2)  # d h_s / d c_s
    direct, hidden, whole = np.zeros((3, len(window), len(window)))
    forget = np.zeros_like(through_c) if step.c_c is None else step.c_c
    gates = np.ones_like(through_c)  # their product since each s
    diagonal = np.arange(config.hidden_size)
    for t, since, _, c in _propagate(step, through_c, np.ones_like(through_c)):
        gates[since.start : min(since.stop, t)] *= forget[t]
        rest = c.copy()
        rest[:, diagonal, diagonal] -= gates[since]
        for matrix, parts in ((direct, gates[since, :, None]), (hidden, rest), (whole, c)):
            matrix[t, since] = np.linalg.norm(parts, axis=(1, 2))
    return CellPaths(*(_in_text_order(matrix, is_reverse=is_reverse) for matrix in (direct, hidden, whole)))


def _chain(
    config: Config, weights: Weights, window: np.ndarray, layer: int, *, is_reverse: bool
) -> tuple[dict[str, np.ndarray], StepJacobian]:
    """Return the intermediates and Jacobians of one layer over a window, in the order in which its steps are made."""
    w, values = _line(config, weights, window, layer, is_reverse=is_reverse)
    return values, _step(config, w, values)


def _line(
    config: Config, weights: Weights, window: np.ndarray, layer: int, *, is_reverse: bool
) -> tuple[CellWeights, dict[str, np.ndarray]]:
    """Return the weights and the intermediates of one layer over a window, in the order in which its steps are made."""
    line, w = layer * config.num_directions + is_reverse, cell_weights(weights, layer, is_reverse=is_reverse)
    if config.has_swapped_axes:
        trace = trace_cells(config, weights, encode(config, weights, window[None]))
        values = trace.steps[line][0].values  # the state before is the same zero for all
        return w, {name: np.broadcast_to(array, (len(window), array.shape[-1])) for name, array in values.items()}
    trace = trace_cells(config.model_copy(update={"batched": False}), weights, encode(config, weights, window))
    return w, stack_steps(trace.steps[line][::-1] if is_reverse else trace.steps[line])


def _step(config: Config, w: CellWeights, values: Mapping[str, np.ndarray]) -> StepJacobian:
    step = step_jacobian(config, w, values)
    return step.from_start if config.has_swapped_axes else step  # then every character is a sequence of its own


def _propagate(
    step: StepJacobian, start_h: Float[np.ndarray, "L H"], start_c: Float[np.ndarray, "L H"]
) -> Iterator[tuple[int, slice, np.ndarray, np.ndarray]]:
    """Yield t, a block of steps s <= t, and d h_t and d c_t by what is changed at each of them, (s, H, H).

    For t = 0, 1, ... of one block after the other. The change at step s is one unit j at a time: h_s by start_h[s, j]
    and c_s by start_c[s, j].
    """
    length, hidden = start_h.shape
    for first in range(0, length, TOGETHER):
        last = min(first + TOGETHER, length)
        h, c = np.zeros((2, last - first, hidden, hidden))
        for t in range(first, length):
            past = min(t, last) - first  # steps of the block before t
            past_h, past_c = h[:past].copy(), c[:past]
            h[:past] = step.h_h[t] @ past_h
            if step.c_h is not None and step.c_c is not None and step.h_c is not None:
                h[:past] += step.h_c[t][:, None] * past_c
                c[:past] = step.c_h[t] @ past_h + step.c_c[t][:, None] * past_c
            if t < last:
                h[past], c[past] = np.diag(start_h[t]), np.diag(start_c[t])
            since = slice(first, min(t + 1, last))
            yield t, since, h[: since.stop - first], c[: since.stop - first]


def _in_text_order(matrix: np.ndarray, *, is_reverse: bool) -> np.ndarray:
    return frozen(matrix[::-1, ::-1] if is_reverse else matrix)


def _run_network(config: Config, weights: Weights, window: np.ndarray) -> tuple[Tensor, Tensor]:
    """Run a window through the real network; return its input, which can be differentiated by, and logits (L, V)."""
    model = build_network(config, weights, torch.float64)
    input = model.encode(model.arrange(torch.tensor(window)[None])).detach().double().requires_grad_()
    logits, _, _ = model(input)
    return input, logits.reshape(len(window), -1)


def _vjps(outputs: Tensor, input: Tensor, rows: Tensor) -> Tensor:
    """Return row @ (d outputs / d input) for all rows at once.

    As `torch.autograd.grad(outputs, input, grad_outputs=rows, is_grads_batched=True)`, which would first load sympy, to
    compare shapes that may be symbols: here a row takes the place of the gradient of a sum.
    """
    total = outputs.sum()

    def vjp(row: Tensor) -> Tensor:
        handle = outputs.register_hook(lambda _: row)
        try:
            return torch.autograd.grad(total, input, retain_graph=True)[0]
        finally:
            handle.remove()

    found: Tensor = torch.func.vmap(vjp)(rows)
    return found


def _run_cells(config: Config, model: SequenceModel, window: np.ndarray) -> tuple[list[Tensor], list[Tensor], Tensor]:
    """Run a window cell by cell; return h and c of every layer, direction and time step, and the output (L, D*H)."""
    below = list(model.encode(torch.tensor(window)).detach().double())  # one feature vector a time step
    h: list[Tensor] = []
    c: list[Tensor] = []
    for layer in range(config.num_layers):
        outputs = []
        for suffix in ("", "_reverse")[: config.num_directions]:
            parameters = {name: getattr(model.rnn, f"{name}_l{layer}{suffix}") for name in PARAMETERS}
            order = slice(None, None, -1 if suffix else 1)
            states = list(_run_cell(config, parameters, below[order]))[order]
            outputs.append([state[0] for state in states])
            h += outputs[-1]
            c += [state[1] for state in states if len(state) > 1]
        below = [torch.cat(parts) for parts in zip(*outputs, strict=True)]
    return h, c, torch.stack(below)


def _run_cell(config: Config, parameters: dict[str, Tensor], below: list[Tensor]) -> Iterator[tuple[Tensor, ...]]:
    """Yield the state, (h,) or (h, c), after each step of torch's own cell."""
    size, hidden = below[0].numel(), config.hidden_size
    if config.cell == "rnn":
        cell: nn.RNNCellBase = nn.RNNCell(size, hidden, nonlinearity=config.nonlinearity, device="meta")
    else:
        cell = (nn.LSTMCell if config.cell == "lstm" else nn.GRUCell)(size, hidden, device="meta")
    start: tuple[Tensor, ...] = (below[0].new_zeros(hidden),) * (2 if config.cell == "lstm" else 1)
    state = start
    for x_t in below:
        state = start if config.has_swapped_axes else state  # every character is a sequence of its own
        result = torch.func.functional_call(cell, parameters, (x_t, state if len(state) > 1 else state[0]))
        if isinstance(result, tuple):
            c_t = result[1]
            state = (_output_gate(parameters, x_t, state[0]) * torch.tanh(c_t), c_t)  # h_t follows from this c_t
        else:
            state = (result,)
        yield state


def _output_gate(parameters: dict[str, Tensor], x_t: Tensor, h_prev: Tensor) -> Tensor:
    """Return o_t of an LSTM, whose gate is the last of the four."""
    weight_ih, weight_hh, bias_ih, bias_hh = (parameters[name].chunk(4)[-1] for name in PARAMETERS)
    return torch.sigmoid(x_t @ weight_ih.T + bias_ih + h_prev @ weight_hh.T + bias_hh)
