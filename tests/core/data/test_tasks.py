import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnn_core import Config, ConfigError, build_dataset
from rnn_core.characters import split_characters
from tests.strategies import trainable_configs


def read(dataset, indices):
    return ["".join(dataset.characters[i] for i in row) for row in indices.tolist()]


def test_the_next_character_is_one_further():
    dataset = build_dataset(Config(text="hello! world", seq_len=11))
    assert read(dataset, dataset.input) == ["hello! worl"]
    assert read(dataset, dataset.target) == ["ello! world"]
    assert dataset.starts == (0,)
    assert dataset.vocab_size == 9


def test_the_same_character_is_the_input():
    dataset = build_dataset(Config.preset("seed-lesson"))
    assert read(dataset, dataset.input) == read(dataset, dataset.target) == ["hello! world"]


def test_the_lessons_batch_is_three_words_of_five():
    dataset = build_dataset(Config.preset("onehot-batch"))
    assert read(dataset, dataset.input) == ["hello", "eolll", "lleel"]
    assert dataset.characters == ("e", "h", "l", "o")


def test_the_last_window_ends_with_the_text():
    dataset = build_dataset(Config(text="abcdefgh", task="same", seq_len=3))
    assert read(dataset, dataset.input) == ["abc", "def", "fgh"]
    assert dataset.starts == (0, 3, 5)


def test_a_window_longer_than_the_text_is_the_text():
    dataset = build_dataset(Config(text="abcd", seq_len=100))
    assert read(dataset, dataset.input) == ["abc"]
    assert read(dataset, dataset.target) == ["bcd"]


@given(trainable_configs(val_share=0.0, repeat=False))
@settings(max_examples=100)
def test_every_character_is_in_some_window(config):
    text = split_characters(config.text)
    lost = 1 if config.task == "next" else 0
    dataset = build_dataset(config)
    length = min(config.seq_len, len(text) - lost)
    assert dataset.val_input.shape == dataset.val_target.shape == (0, length)
    assert dataset.input.shape == dataset.target.shape == (-(-(len(text) - lost) // length), length)
    assert list(dataset.starts) == [*range(0, len(text) - lost - length, length), len(text) - lost - length]
    for start, window, target in zip(dataset.starts, dataset.input, dataset.target, strict=True):
        assert [dataset.characters[i] for i in window] == text[start : start + length]
        assert [dataset.characters[i] for i in target] == text[start + lost : start + lost + length]
    assert {place for s in dataset.starts for place in range(s, s + length)} == set(range(len(text) - lost))


@given(trainable_configs(val_share=0.0, repeat=True))
@settings(max_examples=60, deadline=None)
def test_a_text_that_goes_round_fills_what_is_asked_for(config):
    text, lost = split_characters(config.text), 1 if config.task == "next" else 0
    dataset, batch = build_dataset(config), config.batch_size if config.batched else 1
    once = build_dataset(config.replace(repeat=False))
    assert dataset.input.shape[1] == config.seq_len
    assert len(dataset.input) >= batch
    if len(text) - lost >= config.seq_len * batch:  # nothing has to go round
        assert (dataset.input == once.input).all()
        assert dataset.starts == once.starts
    for start, window, target in zip(dataset.starts, dataset.input, dataset.target, strict=True):
        places = range(start, start + config.seq_len)
        assert [dataset.characters[i] for i in window] == [text[t % len(text)] for t in places]
        assert [dataset.characters[i] for i in target] == [text[(t + lost) % len(text)] for t in places]


def test_what_is_held_out_does_not_go_round():
    config = Config(text="abcdefgh", task="same", seq_len=3, batch_size=4, val_share=0.2, repeat=True)
    dataset = build_dataset(config)
    assert read(dataset, dataset.val_input) == ["fgh"]
    assert read(dataset, dataset.input) == ["abc", "dea", "bcd", "eab"]


def test_one_character_can_go_round():
    dataset = build_dataset(Config(text="a", repeat=True, seq_len=3, batch_size=2))
    assert read(dataset, dataset.target) == ["aaa", "aaa"]


def numbered(size):
    """Return a text whose characters are all different: the index of each is its place."""
    return "".join(chr(0xAC00 + i) for i in range(size))


@given(st.integers(2, 80), st.integers(1, 20), st.floats(0, 0.5, exclude_min=True), st.sampled_from(["next", "same"]))
@example(25, 10, 0.34, "next")
@settings(max_examples=300)
def test_no_held_out_window_shares_a_character_with_one_that_is_learnt_from(size, seq_len, share, task):
    config = Config(text=numbered(size), seq_len=seq_len, val_share=share, task=task)
    count = len(build_dataset(config.replace(val_share=0.0)).input)
    try:
        dataset = build_dataset(config)
    except ConfigError as error:
        assert_names_what_works(config, error)
        return
    learnt = {*dataset.input.ravel().tolist(), *dataset.target.ravel().tolist()}
    held_out = {*dataset.val_input.ravel().tolist(), *dataset.val_target.ravel().tolist()}
    assert not learnt & held_out
    assert learnt | held_out == set(range(size))
    assert len(dataset.val_input) == max(1, round(share * count))
    assert len(set(dataset.val_input.ravel().tolist())) == dataset.val_input.size
    shift = 1 if task == "next" else 0
    assert (dataset.target == dataset.input + shift).all()
    assert (dataset.val_target == dataset.val_input + shift).all()
    assert dataset.input[:, 0].tolist() == list(dataset.starts)


def assert_names_what_works(config, error):
    """Check that a share is refused for want of room, and that a shorter window works if one is named."""
    said, shift = error.sentence.params, 1 if config.task == "next" else 0
    assert (said["field"], said["value"], said["size"]) == ("val_share", config.val_share, len(config.text))
    length = min(config.seq_len, len(config.text) - shift)
    held_out = max(1, round(config.val_share * -(-(len(config.text) - shift) // length)))
    assert len(config.text) < (held_out + 1) * length + 2 * shift
    if "works" in said:
        assert said["works"] < length
        assert len(build_dataset(config.replace(seq_len=said["works"])).val_input)


@pytest.mark.parametrize(("share", "kept"), [(0.0, 4), (0.01, 3), (0.2, 3), (0.5, 2)])
def test_the_end_of_the_text_is_held_out_in_whole_windows(share, kept):
    dataset = build_dataset(Config(text="abcdefgh", task="same", seq_len=2, val_share=share))
    whole = ["ab", "cd", "ef", "gh"]
    assert read(dataset, dataset.input) == whole[:kept]
    assert read(dataset, dataset.val_input) == read(dataset, dataset.val_target) == whole[kept:]


def test_the_text_is_divided_before_it_is_cut():
    dataset = build_dataset(Config(text="hello! world, hello again", seq_len=5, val_share=0.34))
    assert read(dataset, dataset.input) == ["hello", "! wor", "orld,"]
    assert read(dataset, dataset.target) == ["ello!", " worl", "rld, "]
    assert read(dataset, dataset.val_input) == ["hello", " agai"]
    assert read(dataset, dataset.val_target) == ["ello ", "again"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"val_share": 0.2}, "val_share=0.2 .* seq_len=11 a text of 12 characters .* Use val_share=0 or seq_len=5"),
        (
            {"text": "abcd", "val_share": 0.5},
            "val_share=0.5 .* text of 4 characters .* Use val_share=0 or a longer text",
        ),
        ({"text": "a", "task": "same", "val_share": 0.1}, "val_share=0.1 .* text of 1 characters"),
    ],
)
def test_a_share_that_leaves_no_room_says_what_would_work(values, message):
    with pytest.raises(ConfigError, match=f"^{message}"):
        build_dataset(Config(**values))


@pytest.mark.parametrize("text", ["a", "한", "👩‍👩‍👧", "e\u0301"])
def test_one_character_has_no_successor(text):
    with pytest.raises(ConfigError, match=r"^text has only one character: task=next needs at least two"):
        build_dataset(Config(text=text))
    assert build_dataset(Config(text=text, task="same")).input.shape == (1, 1)


def test_a_dataset_cannot_be_written_to():
    dataset = build_dataset(Config())
    for array in (dataset.input, dataset.target, dataset.val_input):
        assert not array.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        dataset.input[0, 0] = 3
