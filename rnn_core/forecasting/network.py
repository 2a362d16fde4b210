"""What a trained network says will come: from the truth at each step, or fed with its own answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float

from rnn_core.training.model import SequenceModel
from rnn_core.training.series import SeriesExperiment


@torch.no_grad()
def free_running(
    experiment: SeriesExperiment, model: SequenceModel, origins: Sequence[int], horizon: int
) -> Float[np.ndarray, "O H C"]:
    """Return forecasts of t = origin, ..., origin + horizon - 1, in the series' own units.

    The network reads the seq_len values before an origin, beginning with h_0 = 0 as in training; from there on it reads
    its own answers. With a horizon of 1 it never does: that is teacher forcing.

    Args:
        experiment: what was trained.
        model: torch's modules with the weights that came of it.
        origins: O time steps; the value at an origin is the first that the network does not see.
        horizon: H.
    """
    prepared, channels = experiment.prepared, experiment.dataset.outputs
    length = min(experiment.config.seq_len, min(origins) - prepared.first)
    known = torch.from_numpy(np.stack([prepared.features(t - length, t) for t in origins]))  # (O, L, I)
    output, state = model.rnn(known)
    newest, answers = known[:, -1], []
    for _ in range(horizon):
        assert model.head is not None
        answers.append(model.head(output[:, -1]))  # (O, C)
        newest = torch.cat([answers[-1], newest[:, :-channels]], dim=1)  # its lags, the oldest dropped
        output, state = model.rnn(newest.unsqueeze(1), state)
    scaled = torch.stack(answers, dim=1).double().numpy()  # (O, H, C)
    return np.stack([prepared.restore(path, t) for path, t in zip(scaled, origins, strict=True)])
