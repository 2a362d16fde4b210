"""P networks of one architecture as one: the equations of SequenceModel with a leading axis P, gradients by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from rnn_core.config import Config
from rnn_core.sweep.recurrence import Recurrence, Weights, apart, build_recurrence
from rnn_core.training.model import build_model

Gradients = dict[str, Tensor]


class StackedNetwork:
    """The weights of P networks in one tensor (P, K), and views of it under their names in SequenceModel.

    Args:
        config: the architecture, with locked fields resolved.
        vocab_size: V.
        weights: (P, K), each row the parameters of one network one after the other, as `draw_weights` returns them.

    Attributes:
        weights: the same numbers in the order that suits the recurrence: see `_apart`.
        grads: the gradients in that order.
        views, grad_views: both under their names and in their shapes.
    """

    def __init__(self, config: Config, vocab_size: int, weights: Float[Tensor, "P K"]) -> None:
        self.config = config
        self.vocab_size = vocab_size
        self.shapes = parameter_shapes(config, vocab_size)
        self.indices = torch.empty(0, dtype=torch.long)
        self.layers = [
            _Layer(config, layer, reverse)
            for layer in range(config.num_layers)
            for reverse in (False, True)[: config.num_directions]
        ]
        self.hold(torch.empty_like(weights))
        parts = weights.split([shape.numel() for shape in self.shapes.values()], dim=1)
        for (name, shape), part in zip(self.shapes.items(), parts, strict=True):
            self.views[name].copy_(part.unflatten(1, shape))

    def hold(self, weights: Float[Tensor, "P K"]) -> None:
        """Go on with other weights in the order of `weights`, as of fewer networks."""
        self.weights = weights
        self.grads = torch.empty_like(weights)  # written anew at every step: fresh memory would take longer
        self.views, self.grad_views = self._apart(weights), self._apart(self.grads)
        self._layer_weights = [
            Weights(*(self.views[name] for name in layer.names))._replace(joined=self._joined(weights, layer))
            for layer in self.layers
        ]

    def forward(self, input: Int[Tensor, "P L N"] | Float[Tensor, "P L N H_in"]) -> Float[Tensor, "P M V"]:
        """Return the scores of every character at each of the M = L * N positions, time first.

        Args:
            input: indices of characters, or features as they are; then there are as many numbers as channels.
        """
        x = input if input.is_floating_point() else self._encode(input)  # (P, L, N, H_in)
        self._places = x.shape[1:3]
        D = self.config.num_directions
        for first in range(0, len(self.layers), D):
            both = zip(self.layers[first : first + D], self._layer_weights[first : first + D], strict=True)
            outputs = [layer.forward(x, weights) for layer, weights in both]
            x = outputs[0] if D == 1 else torch.cat(outputs, dim=-1)
        self.features = x.flatten(1, 2)  # (P, M, D*H_out)
        if self.config.head == "none":
            return self.features.clone()  # the recurrence may write over its own at the next batch
        return torch.baddbmm(self.views["head.bias"].unsqueeze(1), self.features, self.views["head.weight"].mT)

    def backward(self, grad_scores: Float[Tensor, "P M V"]) -> Float[Tensor, "P K"]:
        """Return the gradients of P losses, each by its own network's weights, from those by the scores.

        The next call writes over them.
        """
        grads: Gradients = {}
        grad = grad_scores
        if self.config.head == "linear":
            grads["head.weight"] = torch.bmm(grad.mT, self.features)
            grads["head.bias"] = grad.sum(1)
            grad = torch.bmm(grad, self.views["head.weight"])
        grad = grad.unflatten(1, self._places)  # (P, L, N, D*H_out)
        D = self.config.num_directions
        for first in reversed(range(0, len(self.layers), D)):
            parts = grad.chunk(D, dim=-1)
            needs_input = first > 0 or self.config.encoding == "embedding"
            below = [
                layer.backward(part, grads, needs_input)
                for layer, part in zip(self.layers[first : first + D], parts, strict=True)
            ]
            grad = below[0] if D == 1 else below[0] + below[1]
        if self.config.encoding == "embedding":
            grads["embedding.weight"] = self._embedding_gradient(grad)
        for name, view in self.grad_views.items():
            view.copy_(grads[name])
        return self.grads

    def _apart(self, rows: Float[Tensor, "P K"]) -> dict[str, Tensor]:
        """Return views of what lies one after the other in each row, by the names and in the shapes of parameters.

        Those of an LSTM's layer lie as in `Weights.joined`, so that no step has to put them together.
        """
        parts = rows.split([shape.numel() for shape in self.shapes.values()], dim=1)
        views = {name: part.unflatten(1, shape) for (name, shape), part in zip(self.shapes.items(), parts, strict=True)}
        for layer in self.layers:
            joined = self._joined(rows, layer)
            if joined is not None:
                views.update(zip(layer.names, apart(joined, self.shapes[layer.names[0]][1]), strict=True))
        return views

    def _joined(self, rows: Float[Tensor, "P K"], layer: _Layer) -> Float[Tensor, "P E GH"] | None:
        """Return the weights and biases of an LSTM's layer as one view."""
        if self.config.cell != "lstm":
            return None
        sizes = {name: shape.numel() for name, shape in self.shapes.items()}
        names = list(sizes)
        before = sum(sizes[name] for name in names[: names.index(layer.names[0])])
        own = sum(sizes[name] for name in layer.names)
        joined: Tensor = rows[:, before : before + own].unflatten(1, (-1, self.shapes[layer.names[0]][0]))
        return joined

    def _encode(self, indices: Int[Tensor, "P L N"]) -> Float[Tensor, "P L N H_in"]:
        if self.config.encoding == "onehot" and indices is not self.indices:
            self.onehot = torch.eye(self.vocab_size, self.config.input_size, device=indices.device)[indices]
        self.indices = indices
        if self.config.encoding == "onehot":
            return self.onehot
        features: Tensor = self.views["embedding.weight"].flatten(0, 1)[self._rows()].unflatten(0, indices.shape)
        return features

    def _embedding_gradient(self, grad_input: Float[Tensor, "P L N H_in"]) -> Float[Tensor, "P V H_in"]:
        table = torch.zeros_like(self.views["embedding.weight"])
        table.flatten(0, 1).index_add_(0, self._rows(), grad_input.flatten(0, 2))
        return table

    def _rows(self) -> Int[Tensor, " PLN"]:
        """Find each index in the P embeddings, stacked into one table (P * V, H_in)."""
        first = torch.arange(len(self.indices), device=self.indices.device) * self.vocab_size
        return (self.indices + first[:, None, None]).flatten()


@dataclass
class _Layer:
    """One direction of one recurrent layer; with `reverse` it reads the text from its end."""

    config: Config
    layer: int
    reverse: bool

    def __post_init__(self) -> None:
        suffix = f"l{self.layer}{'_reverse' if self.reverse else ''}"
        self.names = [f"rnn.{part}_{suffix}" for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        self.recurrence: Recurrence = build_recurrence(self.config.cell, self.config.nonlinearity)

    def forward(self, input: Float[Tensor, "P L N I"], weights: Weights) -> Float[Tensor, "P L N H_out"]:
        """Return the state at each step, in the order of the text."""
        self.weights = weights
        return self._turn(self.recurrence.forward(self._turn(input), weights))

    def backward(self, grad_output: Tensor, grads: Gradients, needs_input: bool) -> Tensor:
        """Add this layer's gradients to `grads` and return the one by its input, if it is needed."""
        by_input, by_state = self.recurrence.backward(self._turn(grad_output))
        grads.update(zip(self.names, self.recurrence.by_weights(by_input, by_state), strict=True))
        if not needs_input:
            return grad_output
        below = torch.bmm(by_input.flatten(1, 2), self.weights.weight_ih)
        return self._turn(below.unflatten(1, grad_output.shape[1:3]))

    def _turn(self, sequences: Tensor) -> Tensor:
        return sequences.flip(1) if self.reverse else sequences


def cross_entropy(
    scores: Float[Tensor, "P M V"], target: Int[Tensor, "P M"]
) -> tuple[Float[Tensor, " P"], Float[Tensor, "P M V"]]:
    """Return P mean cross-entropies in nats per character, and the gradient of each by its scores.

    log_softmax is written out: torch's own takes five times as long over rows this short.
    """
    shifted = scores - scores.amax(-1, keepdim=True)
    exp = shifted.exp()
    total = exp.sum(-1, keepdim=True)
    at_target = target.unsqueeze(-1)
    loss = (total.log() - shifted.gather(-1, at_target)).mean((1, 2))
    grad = exp.div_(total).scatter_add_(-1, at_target, torch.full_like(total, -1.0)).div_(target.shape[1])
    return loss, grad


def mean_squared(
    answers: Float[Tensor, "P M C"], target: Float[Tensor, "P M C"]
) -> tuple[Float[Tensor, " P"], Float[Tensor, "P M C"]]:
    """Return P mean squared errors, and the gradient of each by its answers."""
    off = answers - target
    return off.square().mean((1, 2)), off * (2 / off[0].numel())


def loss_of(answers: Float[Tensor, "P M V"], target: Tensor) -> tuple[Float[Tensor, " P"], Float[Tensor, "P M V"]]:
    """Return P losses and their gradients: cross-entropy if the target is characters, else mean squared error."""
    return mean_squared(answers, target) if target.is_floating_point() else cross_entropy(answers, target)


def parameter_shapes(config: Config, vocab_size: int) -> dict[str, torch.Size]:
    """Return the shape of every parameter by its name in SequenceModel, in its order."""
    model, _ = build_model(config, vocab_size)
    return {name: parameter.shape for name, parameter in model.named_parameters()}


def nudge(weights: Float[Tensor, "P K"]) -> Float[Tensor, "P K"]:
    """Return the next larger numbers that single precision has."""
    return torch.nextafter(weights, torch.full_like(weights, torch.inf))


def draw_weights(configs: Sequence[Config], vocab_size: int) -> tuple[Float[Tensor, "P K"], list[torch.Generator]]:
    """Draw what `train` draws for each config, bit by bit, and return it with the generators that drew it."""
    model, _ = build_model(configs[0], vocab_size)
    parameters = list(model.parameters())
    rows, generators = [], []
    for config in configs:
        generators.append(torch.Generator().manual_seed(config.seed))
        model.draw_weights(generators[-1])
        rows.append(nn.utils.parameters_to_vector(parameters).detach())
    return torch.stack(rows), generators
