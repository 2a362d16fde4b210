import pytest

from rnn_core import Config, build_dataset
from rnn_core.analysis.mistakes import count_copies, shuffle_characters
from rnn_core.training.trainer import Trainer

LESSON = Config.preset("seed-lesson")
LONG = "the quick brown fox jumps over the lazy dog"


def trained(config):
    trainer = Trainer(config)
    list(trainer)
    return trainer.weights()


@pytest.mark.parametrize("shuffle_seed", [0, 1, 2])
@pytest.mark.parametrize("weights", [None, trained(LESSON)], ids=["untrained", "trained"])
def test_shuffling_the_lesson_merely_permutes_its_outputs(weights, shuffle_seed):
    result = shuffle_characters(LESSON, weights, shuffle_seed=shuffle_seed)
    assert result.change < 1e-6
    assert result.fixed_change > 1e-2
    assert sorted(result.order) == list(range(12))
    assert list(result.order) != list(range(12))


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("values", [{"batch_first": True}, {"batch_first": False}, {"batched": False}])
def test_shuffling_matters_where_the_axes_are_right(cell, values):
    config = Config(text=LONG, cell=cell, seq_len=8, batch_size=2, **values)
    result = shuffle_characters(config)
    assert result.change == pytest.approx(result.fixed_change, abs=1e-6)
    assert result.change > 1e-2


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_shuffling_several_windows_with_swapped_axes_permutes_each(cell):
    config = Config(text=LONG, cell=cell, seq_len=8, batch_size=3, batch_first=False, layout="batch_major")
    result = shuffle_characters(config)
    assert result.change < 1e-6
    assert result.fixed_change > 1e-2


def test_a_single_character_cannot_be_shuffled():
    result = shuffle_characters(Config(text="ab", seq_len=1))
    assert (result.order, result.change, result.fixed_change) == ((0,), 0.0, 0.0)


def test_two_characters_are_always_exchanged():
    for shuffle_seed in range(5):
        assert shuffle_characters(Config(text="abc", seq_len=2), shuffle_seed=shuffle_seed).order == (1, 0)


@pytest.mark.parametrize(
    ("values", "swapped"),
    [
        ({"batch_first": False, "layout": "batch_major"}, True),
        ({"batch_first": True, "layout": "batch_major"}, False),
        ({"batch_first": False}, False),
        ({"batch_first": False, "layout": "batch_major", "batched": False}, False),
    ],
)
def test_axes_are_swapped_only_where_a_batch_is_read_as_time(values, swapped):
    assert Config(**values).has_swapped_axes is swapped


def test_copied_targets_are_counted():
    assert count_copies(build_dataset(LESSON)) == (12, 12)
    assert count_copies(build_dataset(Config.preset("hello-next"))) == (1, 11)  # the double l
