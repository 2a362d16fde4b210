"""Where hidden states go: principal planes, the film over training, the order of units, units that mark a span."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int

from rnn_core.analysis.spectra import recurrent_eigenvalues
from rnn_core.cells.equations import GATE_NAMES
from rnn_core.records.arrays import frozen
from rnn_core.training.history import History, Moment
from rnn_core.training.model import build_with
from rnn_core.training.trainer import trace_forward

MAX_SNAPSHOTS = 60  # frames of a film; each redraws the whole path
MAX_SPECTRAL_WORK = 16 * 128**3  # H^3 of each matrix whose eigenvalues are found; about 0.1 s
FIRING = 0.3  # from where on a unit counts as on, as in LSTMVis


@dataclass(frozen=True, slots=True, eq=False)
class PCA:
    """The directions in which states vary most, found once and usable on any other states.

    Attributes:
        mean: where the directions start.
        components: orthonormal, the one with the largest variance first; the largest entry of each is positive.
        variance_share: share of the whole variance along each, 0 to 1; all zero where nothing varies.
    """

    mean: Float[np.ndarray, " H"]
    components: Float[np.ndarray, "K H"]
    variance_share: Float[np.ndarray, " K"]

    def project(self, states: Float[np.ndarray, "*batch H"]) -> Float[np.ndarray, "*batch K"]:
        """Return the coordinates of states along the components."""
        with np.errstate(invalid="ignore"):  # states that overflowed have no place
            coordinates: np.ndarray = (states - self.mean) @ self.components.T
        return coordinates


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """The states of one window, and of other texts, at several moments of training, all in the same basis.

    Attributes:
        steps: updates made at each snapshot.
        path: coordinates after each time step, (snapshots, L, K).
        others: the same of each other text, with its own L.
        eigenvalues: of each gate's block of W_hh at each of `spectral_steps`, (snapshots, H), by gate name.
        spectral_steps: those of `steps` at which eigenvalues were found: all, or evenly spread where H is large.
        pca: the basis.
        kept: how many snapshots there were to choose from; `steps` are spread evenly over them where they are fewer.
    """

    steps: tuple[int, ...]
    path: Float[np.ndarray, "S L K"]
    others: tuple[Float[np.ndarray, "S _ K"], ...]
    eigenvalues: dict[str, np.ndarray]
    spectral_steps: tuple[int, ...]
    pca: PCA
    kept: int


@dataclass(frozen=True, slots=True)
class UnitMatch:
    """How well a unit marks a span of the text.

    Attributes:
        unit: its place in the hidden state.
        sign: 1 if it is on where h >= threshold, -1 if it is on where h <= -threshold.
        score: Jaccard index of the time steps where it is on and those of the span, 0 to 1.
        covers: whether it is on throughout the span.
        is_bounded: whether it is off right before and right after the span.
    """

    unit: int
    sign: int
    score: float
    covers: bool
    is_bounded: bool


def fit_pca(states: Sequence[Float[np.ndarray, "_ H"]], count: int = 2) -> PCA:
    """Find the principal components of the states of one or several sequences, taken together.

    The components are the right singular vectors of the centred states. There are never more than H of them. States
    that overflowed have no say.

    Args:
        states: one array (L, H) a sequence; lengths may differ.
        count: how many components to keep.
    """
    together = np.concatenate(states).astype(np.float64)
    together = together[np.isfinite(together).all(axis=1)]
    if not len(together):
        together = np.zeros((1, states[0].shape[1]))
    mean = together.mean(axis=0)
    is_short = len(together) < len(mean)  # fewer states than units: the other directions are there all the same
    # The triangle of a QR decomposition has the same singular values and directions, in as few rows as there are units.
    triangle = together - mean if is_short else np.linalg.qr(together - mean, mode="r")
    _, singular, rows = np.linalg.svd(triangle, full_matrices=is_short)
    variance = np.zeros(len(rows))
    variance[: len(singular)] = singular**2
    signs = np.sign(rows[np.arange(len(rows)), np.abs(rows).argmax(axis=1)])  # a vector and its negative fit alike
    share = variance / max(variance.sum(), np.finfo(float).tiny)
    return PCA(frozen(mean), frozen((rows * signs[:, None])[:count]), frozen(share[:count]))


def unit_basis(units: Sequence[int], size: int) -> PCA:
    """Return chosen units as the directions to look along, instead of those of largest variance; no share is known."""
    return PCA(frozen(np.zeros(size)), frozen(np.eye(size)[list(units)]), frozen(np.zeros(len(units))))


def states_at(run: History, moment: Moment, *, window: int = 0, layer: int | None = None) -> Float[np.ndarray, "L D_H"]:
    """Return the states of one layer after each character of a window, computed by torch; see `states_over`.

    Args:
        run: the run that the moment is of.
        moment: the weights.
        window: its place among the windows that are trained on.
        layer: counted from 0; the top one if not given.
    """
    return states_over(run, moment, run.dataset.input[window], layer=layer)


def states_over(
    run: History, moment: Moment, indices: Int[np.ndarray, " L"], *, layer: int | None = None
) -> Float[np.ndarray, "L D_H"]:
    """Return the states of one layer after each character of any text, computed by torch.

    The states of a layer are the output of the same network without the layers above it.

    Args:
        run: the run that the moment is of.
        moment: the weights.
        indices: of the characters, in the run's vocabulary.
        layer: counted from 0; the top one if not given.
    """
    depth = run.config.num_layers if layer is None else layer + 1
    config = run.config.model_copy(update={"num_layers": depth, "head": "none"})
    model = build_with(config, run.dataset.vocab_size, moment.weights)
    return trace_forward(config, model, torch.tensor(indices[None])).states_of(0)


def film(
    run: History,
    *,
    window: int = 0,
    others: Sequence[Int[np.ndarray, " _"]] = (),
    layer: int | None = None,
    is_reverse: bool = False,
    count: int = 2,
    most: int = MAX_SNAPSHOTS,
    basis: PCA | None = None,
) -> Film:
    """Follow the states of one window, and of other texts, through training.

    Args:
        run: its kept moments are the frames, the newest always the last.
        window: its place among the windows that are trained on.
        others: indices of the characters of other texts to follow beside it.
        layer: counted from 0; the top one if not given.
        is_reverse: of a bidirectional network the direction that reads from the end.
        count: components of the basis, where none is given.
        most: frames at most; chosen evenly from the kept moments, the first and the newest among them.
        basis: where to project to; that of all frames and texts together if not given, so that no frame is favoured.
    """
    moments = {**run.moments, run.step: run.at(run.step)}
    steps = spread(sorted(moments), most)
    size = run.config.hidden_size
    columns = slice(size, 2 * size) if is_reverse else slice(0, size)
    texts = [run.dataset.input[window], *others]
    states = [
        np.stack([states_over(run, moments[step], text, layer=layer)[:, columns] for step in steps]) for text in texts
    ]
    pca = basis or fit_pca([frame for text in states for frame in text], count)
    depth = run.config.num_layers - 1 if layer is None else layer
    work = len(GATE_NAMES[run.config.cell]) * size**3
    spectral_steps = spread(steps, max(2, MAX_SPECTRAL_WORK // work))
    spectra = [
        recurrent_eigenvalues(run.config, moments[step].weights, depth, is_reverse=is_reverse)
        for step in spectral_steps
    ]
    paths = [frozen(pca.project(text)) for text in states]
    return Film(
        steps=tuple(steps),
        path=paths[0],
        others=tuple(paths[1:]),
        eigenvalues={name: np.stack([spectrum[name] for spectrum in spectra]) for name in spectra[0]},
        spectral_steps=tuple(spectral_steps),
        pca=pca,
        kept=len(moments),
    )


def spread(values: Sequence[int], most: int) -> list[int]:
    """Choose at most `most` of the values, evenly, the first and the last always among them (the last if only one)."""
    if len(values) <= most:
        return list(values)
    places = np.linspace(0, len(values) - 1, most).round().astype(int) if most > 1 else [-1]
    return [values[place] for place in places]


def order_units(states: Float[np.ndarray, "L H"]) -> Int[np.ndarray, " H"]:
    """Order units so that those that rise and fall together stand side by side.

    Spectral seriation (Atkins, Boman, Hendrickson 1998, SIAM Journal on Computing 28(1)): units sorted by the second
    eigenvector of the Laplacian of their similarity, here 1 + correlation. Where an order exists in which similarity
    only falls off with distance, this finds it. A unit that never changes correlates with none;
    what overflowed counts as 0.
    """
    finite = np.where(np.isfinite(states), states, 0.0)
    centred = finite - finite.mean(axis=0)
    norms = np.linalg.norm(centred, axis=0)
    scaled = centred / np.where(norms > 1e-12, norms, np.inf)
    similarity = 1 + scaled.T @ scaled  # (H, H)
    laplacian = np.diag(similarity.sum(axis=1)) - similarity
    fiedler = np.linalg.eigh(laplacian)[1][:, min(1, len(laplacian) - 1)]
    sign = 1 if fiedler[np.abs(fiedler).argmax()] > 0 else -1  # an order and its reverse are alike
    order: np.ndarray = np.argsort(sign * fiedler, kind="stable")
    return order


def match_places(
    states: Float[np.ndarray, "L H"], wanted: Bool[np.ndarray, " L"], *, threshold: float = FIRING
) -> list[UnitMatch]:
    """Rank units by how well they are on at some time steps, such as those of one character, and off at all others.

    After LSTMVis (Strobelt et al. 2018, https://arxiv.org/abs/1606.07461), which asks for units that are on throughout
    a span and off right before and after it. Each unit is tried with both signs; those never on are left out.

    Args:
        states: hidden states after each time step.
        wanted: the time steps.
        threshold: on is h >= threshold, or h <= -threshold for a unit that marks by being low.
    """
    padded = np.concatenate([[False], wanted, [False]])
    beside = (padded[:-2] | padded[2:]) & ~wanted  # right before or right after
    matches = []
    for sign in (1, -1):
        on = sign * states >= threshold  # (L, H)
        shared, either = (on & wanted[:, None]).sum(axis=0), (on | wanted[:, None]).sum(axis=0)
        for unit in np.flatnonzero(on.any(axis=0)).tolist():
            covers, is_bounded = bool(on[wanted, unit].all()), not on[beside, unit].any()
            matches.append(UnitMatch(unit, sign, float(shared[unit] / either[unit]), covers, is_bounded))
    return sorted(matches, key=lambda m: (-m.score, not m.covers, not m.is_bounded, m.unit))
