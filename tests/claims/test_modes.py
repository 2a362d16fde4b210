"""Why a network that writes while it reads cannot write a word backwards, and one that reads first can."""

import pytest
import torch

from rnn_core.wirings.network import build_wiring
from rnn_core.wirings.training import WiringTrainer, examine
from rnn_core.wirings.words import V, best_while_reading, one_word
from tests.claims import SEEDS

UPDATES = 30


@pytest.mark.claim("A letter in, a letter out. The first letter has to be written before the second one is read.")
def test_what_is_written_while_reading_knows_nothing_of_what_comes():
    """Exact, for twelve draws of weights: the same beginning of a word gives the same letters."""
    for seed in SEEDS:
        model = build_wiring("many_to_many", torch.Generator().manual_seed(seed))
        written = [model.write(one_word("wor" + end))[0, :3].tolist() for end in ("", "ld", "k", "thy")]
        assert all(letters == written[0] for letters in written)


@pytest.mark.claim(
    "The first letter of the answer is the last one of the word, not read yet", "guessing gives {guess:.1%}"
)
def test_blind_guessing_is_one_of_26():
    """Exact: the last letter is drawn anew for each word, two letters or more."""
    assert best_while_reading()[0] == pytest.approx(1 / V)


@pytest.mark.claim("The encoder reads to the end first")
def test_whoever_reads_to_the_end_first_soon_beats_blind_guessing():
    """Ten seeds, 30 updates of the 1,500: at least 90 % know the first letter four times as often as by guessing."""
    shares = []
    for seed in SEEDS[:10]:
        trainer = WiringTrainer("encoder_decoder", seed=seed)
        for _ in range(UPDATES):
            trainer.advance()
        shares.append(examine(trainer.model, seed=seed).by_place[0])
    assert sum(share > 4 / V for share in shares) >= 9
