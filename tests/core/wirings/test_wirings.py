"""Four wirings on one task: real networks of torch, packed words, and what each of them can and cannot do."""

import itertools
from collections import Counter

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from rnn_core.wirings import words as words_module
from rnn_core.wirings.network import WIRINGS, Decoder, build_wiring
from rnn_core.wirings.training import (
    EVERY,
    STORED,
    UPDATES,
    WiringTrainer,
    answer,
    examine,
    is_usual,
    right_answer,
    stored_wirings,
)
from rnn_core.wirings.words import (
    END,
    IGNORED,
    LETTERS,
    LONGEST,
    SHORTEST,
    V,
    best_while_reading,
    draw_words,
    one_word,
)


def spelled(words):
    return ["".join(LETTERS[i] for i in row[:n]) for row, n in zip(words.letters.tolist(), words.lengths, strict=True)]


@pytest.fixture(scope="module")
def stored():
    return stored_wirings()


def drawn(count=300, seed=0):
    return draw_words(count, torch.Generator().manual_seed(seed))


def test_words_of_every_length_are_turned_round():
    words = drawn()
    assert set(words.lengths.tolist()) == set(range(SHORTEST, LONGEST + 1))
    for text, backwards, ended in zip(spelled(words), words.backwards.tolist(), words.ended.tolist(), strict=True):
        assert "".join(LETTERS[i] for i in backwards if i != IGNORED) == text[::-1]
        assert ended == [*backwards[: len(text)], END, *[IGNORED] * (LONGEST - len(text))]


def test_one_word_and_what_is_none():
    assert spelled(one_word("zebra")) == ["zebra"]
    for text in ("", "Zebra", "ab c", "é"):
        with pytest.raises(ValueError, match=r"letter|substring"):
            one_word(text)


def test_the_best_while_reading_by_counting_every_word(monkeypatch):
    """With three letters and words of two to four: the best rule for each beginning, over all words."""
    monkeypatch.setattr(words_module, "V", 3)
    monkeypatch.setattr(words_module, "LONGEST", 4)
    for t, best in enumerate(best_while_reading()):
        wanted, total = {}, 0.0
        for length in range(max(2, t + 1), 5):
            for word in itertools.product(range(3), repeat=length):
                weight = 3.0**-length
                wanted.setdefault(word[: t + 1], Counter())[word[length - 1 - t]] += weight
                total += weight
        assert best == pytest.approx(sum(max(answers.values()) for answers in wanted.values()) / total)


def test_the_best_while_reading_begins_blind_and_ends_sure():
    best = best_while_reading()
    assert best[0] == pytest.approx(1 / V)
    assert best[-1] == pytest.approx(1)
    assert (np.diff(best) > 0).all()


@pytest.mark.parametrize("name", WIRINGS)
def test_a_packed_batch_gives_what_each_word_gives_alone(name):
    words, model = drawn(12), build_wiring(name, torch.Generator().manual_seed(3))
    with torch.no_grad():
        together = model.write(words)
        for row, text in enumerate(spelled(words)):
            alone = model.write(one_word(text))[0]
            both = [[i for i in written.tolist() if i != IGNORED] for written in (together[row], alone)]
            assert both[0] == both[1]


@pytest.mark.parametrize("name", WIRINGS)
def test_targets_are_what_should_be_written(name):
    words, model = drawn(20), build_wiring(name, torch.Generator())
    for text, target in zip(spelled(words), model.target(words).tolist(), strict=True):
        assert "".join(LETTERS[i] for i in target if i not in (IGNORED, END)) == right_answer(name, text)


@pytest.mark.parametrize("name", ["one_to_many", "encoder_decoder"])
def test_a_decoder_that_is_given_its_own_letters_says_the_same_as_one_that_reads_them(name, stored):
    model, words = stored[name].model, drawn(50, 5)
    assert isinstance(model, Decoder)
    with torch.no_grad():
        written, given = model.write(words), model(words).argmax(-1)
    for row, target in enumerate(model.target(words)):
        known = target != IGNORED
        if torch.equal(written[row, : len(target)][known], target[known]):
            assert torch.equal(given[row][known], target[known])


@pytest.mark.parametrize("name", WIRINGS)
def test_a_trainer_does_what_one_would_write_by_hand(name):
    trainer = WiringTrainer(name, seed=7)
    for _ in range(EVERY):
        trainer.advance()
    generator = torch.Generator().manual_seed(7)
    model = build_wiring(name, generator)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    losses = []
    for step in range(EVERY):
        words = draw_words(64, generator)
        optimizer.param_groups[0]["lr"] = 0.005 * (1 - step / UPDATES)
        loss = cross_entropy(model(words).transpose(1, 2), model.target(words), ignore_index=IGNORED)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    assert trainer.losses == [pytest.approx(np.mean(losses), rel=1e-4)]
    assert trainer.step == EVERY


def test_nothing_is_drawn_from_the_global_generator():
    before = torch.get_rng_state()
    for name in WIRINGS:
        WiringTrainer(name).advance()
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("name", WIRINGS)
def test_the_stored_networks_began_as_the_trainer_begins(name, stored):
    trainer = WiringTrainer(name)
    for _ in range(2 * EVERY):
        trainer.advance()
    assert trainer.losses == pytest.approx(stored[name].losses[:2], rel=1e-3)
    assert len(stored[name].losses) == UPDATES // EVERY
    assert STORED.stat().st_size < 250_000


def test_what_the_page_says_of_the_wirings_holds(stored):
    """On 2000 fresh words: the encoder and decoder turn 97 of 100 round, and writing while reading none to speak of."""
    tested = {name: examine(wiring.model, seed=11) for name, wiring in stored.items()}
    assert tested["encoder_decoder"].whole > 0.97
    assert tested["one_to_many"].whole > 0.93
    assert tested["many_to_one"].whole > 0.99
    assert tested["many_to_many"].whole < 0.05
    noise = 0.03
    assert (tested["many_to_many"].by_place < best_while_reading() + noise).all()
    assert tested["many_to_many"].by_place[0] < 0.08
    assert tested["encoder_decoder"].by_place[0] > 0.98


def test_the_first_letter_is_written_before_the_second_is_read(stored):
    """Many to many: what comes later in the word changes nothing of what is already written."""
    model = stored["many_to_many"].model
    assert len({answer(model, "wor" + end)[:3] for end in ("ld", "k", "n", "d", "thy")}) == 1
    assert len({answer(stored["encoder_decoder"].model, "wor" + end)[0] for end in ("ld", "k", "n")}) > 1


def test_examine_counts_letters_and_words(stored):
    model = stored["many_to_many"].model
    words = draw_words(2000, torch.Generator().manual_seed(1))
    right = [[w == o for w, o in zip(text[::-1], answer(model, text), strict=True)] for text in spelled(words)]
    tested = examine(model, seed=1)
    assert tested.whole == pytest.approx(np.mean([all(row) for row in right]))
    for t, share in enumerate(tested.by_place):
        assert share == pytest.approx(np.mean([row[t] for row in right if len(row) > t]))


def test_usual_lengths():
    assert [is_usual("a" * n) for n in (1, 2, 6, 7)] == [False, True, True, False]
