"""The four wirings as modules of torch: read while writing, read then answer, write from one input, read then write."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnn_core.config import Config
from rnn_core.training.model import build_linear, build_recurrent
from rnn_core.wirings.words import END, IGNORED, LONGEST, V, Words

HIDDEN_SIZE = 64
CELL = Config(cell="gru", hidden_size=HIDDEN_SIZE)  # batch_first is its default


class Wiring(nn.Module, ABC):
    """A network that answers about words written backwards."""

    @abstractmethod
    def target(self, words: Words) -> Int[Tensor, "N A"]:
        """Return what it is to write, IGNORED where nothing is."""

    @abstractmethod
    def forward(self, words: Words) -> Float[Tensor, "N A O"]:
        """Return the scores of every answer; a decoder is given the right letters before each (teacher forcing)."""

    @abstractmethod
    def write(self, words: Words) -> Int[Tensor, "N A"]:
        """Return what it writes by itself."""

    def _read(self, rnn: nn.Module, words: Words) -> tuple[Float[Tensor, "N M H"], Float[Tensor, "1 N H"]]:
        """Read words of different lengths: packed, so that each ends where it ends and h_n is from there.

        https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pack_padded_sequence.html
        """
        onehot = torch.eye(V)[words.letters]
        packed = pack_padded_sequence(onehot, words.lengths, batch_first=True, enforce_sorted=False)
        output, h_n = rnn(packed)
        padded, _ = pad_packed_sequence(output, batch_first=True, total_length=words.letters.shape[1])
        return padded, h_n


class ManyToMany(Wiring):
    """A letter in, a letter out, at every step: the first has to be written before the second is read."""

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self.rnn = build_recurrent(CELL, V, generator)
        self.head = build_linear(HIDDEN_SIZE, V, generator)

    def target(self, words: Words) -> Int[Tensor, "N A"]:
        """Return the word backwards."""
        return words.backwards

    def forward(self, words: Words) -> Float[Tensor, "N A O"]:
        """Return the scores at every step."""
        scores: Tensor = self.head(self._read(self.rnn, words)[0])
        return scores

    def write(self, words: Words) -> Int[Tensor, "N A"]:
        """Return the best letter at every step."""
        best: Tensor = self.forward(words).argmax(-1)
        return best.where(self.target(words) != IGNORED, IGNORED)


class ManyToOne(Wiring):
    """The whole word in, one letter out, from h_n: the one with which the reversed word ends."""

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self.rnn = build_recurrent(CELL, V, generator)
        self.head = build_linear(HIDDEN_SIZE, V, generator)

    def target(self, words: Words) -> Int[Tensor, "N A"]:
        """Return the first letter."""
        return words.letters[:, :1]

    def forward(self, words: Words) -> Float[Tensor, "N A O"]:
        """Return the scores of one answer."""
        scores: Tensor = self.head(self._read(self.rnn, words)[1][0])
        return scores.unsqueeze(1)

    def write(self, words: Words) -> Int[Tensor, "N A"]:
        """Return the best letter."""
        best: Tensor = self.forward(words).argmax(-1)
        return best


class Decoder(Wiring):
    """Writes letter after letter from a first state, each time reading the letter before, until it writes END."""

    most: ClassVar[int] = 2 * LONGEST  # letters, should it never write END

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self.decoder = build_recurrent(CELL, V + 1, generator)
        self.head = build_linear(HIDDEN_SIZE, V + 1, generator)

    @abstractmethod
    def begin(self, words: Words) -> Float[Tensor, "1 N H"]:
        """Return the state that the decoder starts from: all that it will ever know of the words."""

    def target(self, words: Words) -> Int[Tensor, "N A"]:
        """Return the word backwards, then END."""
        return words.ended

    def forward(self, words: Words) -> Float[Tensor, "N A O"]:
        """Return the scores at every step, given the right letters so far."""
        before = torch.cat([torch.full_like(words.lengths[:, None], END), words.backwards.clamp(min=0)], dim=1)
        output, _ = self.decoder(torch.eye(V + 1)[before], self.begin(words))
        scores: Tensor = self.head(output)
        return scores

    def write(self, words: Words) -> Int[Tensor, "N A"]:
        """Return what it writes when it reads its own letters; IGNORED after END."""
        h, letter = self.begin(words), torch.full_like(words.lengths, END)
        is_done = torch.zeros_like(letter, dtype=torch.bool)
        written = []
        for _ in range(self.most):
            output, h = self.decoder(torch.eye(V + 1)[letter][:, None], h)
            letter = self.head(output[:, 0]).argmax(-1)
            written.append(letter.where(~is_done, IGNORED))
            is_done = is_done | (letter == END)
        return torch.stack(written, dim=1)


class OneToMany(Decoder):
    """The whole word in as one vector of fixed size, as a picture would be; then one letter after the other out."""

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__(generator)
        self.look = build_linear(LONGEST * V, HIDDEN_SIZE, generator)

    def begin(self, words: Words) -> Float[Tensor, "1 N H"]:
        """Return tanh of a Linear layer on the letters side by side; what is beyond the sixth does not fit in."""
        count, size = words.letters.shape
        picture = torch.zeros(count, max(LONGEST, size), V)
        picture[:, :size] = torch.eye(V)[words.letters] * (torch.arange(size) < words.lengths[:, None]).unsqueeze(-1)
        return torch.tanh(self.look(picture[:, :LONGEST].flatten(1))).unsqueeze(0)


class EncoderDecoder(Decoder):
    """One network reads the whole word, its h_n is the h_0 of another that writes.

    Cho et al. 2014, https://arxiv.org/abs/1406.1078; Sutskever et al. 2014, https://arxiv.org/abs/1409.3215
    """

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__(generator)
        self.encoder = build_recurrent(CELL, V, generator)

    def begin(self, words: Words) -> Float[Tensor, "1 N H"]:
        """Return the encoder's h_n."""
        return self._read(self.encoder, words)[1]


WIRINGS: Mapping[str, type[Wiring]] = {
    "many_to_many": ManyToMany,
    "many_to_one": ManyToOne,
    "one_to_many": OneToMany,
    "encoder_decoder": EncoderDecoder,
}


def build_wiring(name: str, generator: torch.Generator) -> Wiring:
    """Build a wiring by its name, drawn as torch draws its modules."""
    return WIRINGS[name](generator)
