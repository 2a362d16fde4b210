"""An edit is a word that a link carries: read, written and made exactly, or refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_core import Config
from rnn_core.cells.edits import LARGEST, MAX_EDITS, Edit, apply_edits, fits, parse_edits, write_edits
from rnn_core.sentence import ConfigError
from rnn_core.training.trainer import Trainer

NAMES = [f"{kind}_{side}_l{layer}{end}" for kind in ("weight", "bias") for side in ("ih", "hh")
         for layer in (0, 3) for end in ("", "_reverse")]  # fmt: skip
VALUES = st.floats(-LARGEST, LARGEST).map(lambda value: round(value, 12))


@st.composite
def edits(draw):
    name = draw(st.sampled_from(NAMES))
    entry = st.tuples(*[st.integers(0, 999)] * (2 if name.startswith("weight") else 1))
    return name, draw(st.just(()) | entry), draw(VALUES)


@given(st.lists(edits(), min_size=1, max_size=MAX_EDITS))
def test_what_is_written_is_read_again(drawn):
    drawn = [Edit(*parts) for parts in drawn]
    read = parse_edits(write_edits(drawn))
    assert [(edit.name, edit.index) for edit in read] == [(edit.name, edit.index) for edit in drawn]
    assert [edit.value for edit in read] == pytest.approx([edit.value for edit in drawn], abs=1e-12)
    assert write_edits(read) == write_edits(drawn)


def test_an_edit_is_written_as_short_as_it_can_be():
    assert str(Edit("weight_hh_l0", (2, 3), 1.5)) == "weight_hh_l0:2:3:1.5"
    assert str(Edit("weight_hh_l0", (), 2.0)) == "weight_hh_l0:x2"
    assert str(Edit("bias_ih_l1_reverse", (0,), -0.0)) in ("bias_ih_l1_reverse:0:0", "bias_ih_l1_reverse:0:-0")


def test_an_edit_is_shown_as_one_writes_it_on_paper():
    assert Edit("weight_hh_l0", (2, 3), 1.5).formula(is_alone=True) == "W_hh[2, 3] = 1.5"
    assert Edit("bias_ih_l0", (4,), -0.25).formula(is_alone=True) == "b_ih[4] = −0.25"
    assert Edit("weight_hh_l0", (), 2.0).formula() == "W_hh_l0 × 2"
    assert Edit("weight_ih_l1_reverse", (0, 7), 3.0).formula(is_alone=True) == "W_ih_l1_reverse[0, 7] = 3"


@pytest.mark.parametrize(
    "words",
    [
        "",
        ",",
        "weight_hh_l0",
        "weight_hh_l0:2:3",  # no column
        "weight_hh_l0:2:3:4:5",
        "bias_hh_l0:2:3:1.5",  # a bias has no columns
        "weight_hh_l0:2:3:x2",  # an entry is set, not multiplied
        "weight_hh_l0:2",
        "weight_hh_l4:x2",
        "head.weight:0:0:1",
        "weight_hh_l0:2:3:nan",
        "weight_hh_l0:2:3:1e3",
        "weight_hh_l0:2:3:1000.5",
        "weight_hh_l0:-1:3:1",
        "weight_hh_l0:1000:3:1",
        "weight_hh_l0:٢:3:1",  # digits of another script
        "weight_hh_l0:x2,",
        ",".join(["weight_hh_l0:x2"] * (MAX_EDITS + 1)),
        "__import__('os')",
        "weight_hh_l0:x2," * 10_000,
    ],
)
def test_anything_else_is_refused_with_an_example(words):
    with pytest.raises(ConfigError) as caught:
        parse_edits(words)
    assert "weight_hh_l0:2:3:1.5" in str(caught.value)
    assert len(str(caught.value)) < 300


def test_edits_are_made_in_their_order_on_a_copy():
    trainer = Trainer(Config(steps=1))
    weights = trainer.weights()
    before = {name: array.copy() for name, array in weights.items()}
    edited = apply_edits(weights, parse_edits("weight_hh_l0:2:3:1.5,weight_hh_l0:x2,bias_ih_l0:0:-1"))
    expected = 2 * before["rnn.weight_hh_l0"]
    expected[2, 3] = 3
    assert np.array_equal(edited["rnn.weight_hh_l0"], expected)
    assert edited["rnn.bias_ih_l0"][0] == -1
    other = apply_edits(weights, parse_edits("weight_hh_l0:x2,weight_hh_l0:2:3:1.5"))
    assert other["rnn.weight_hh_l0"][2, 3] == 1.5
    assert all(np.array_equal(weights[name], before[name]) for name in before)
    changed = {name for name in before if not np.array_equal(edited[name], before[name])}
    assert changed == {"rnn.weight_hh_l0", "rnn.bias_ih_l0"}


def test_edits_that_do_not_fit_the_network_are_left_out():
    weights = Trainer(Config(hidden_size=4, steps=1)).weights()
    good, *bad = parse_edits(
        "bias_hh_l0:3:1,bias_hh_l0:4:1,weight_hh_l0:4:0:1,weight_hh_l0:0:4:1,weight_hh_l1:x2,weight_ih_l0_reverse:x2"
    )
    assert fits(weights, good)
    assert not any(fits(weights, edit) for edit in bad)
    edited = apply_edits(weights, [good, *bad])
    assert set(edited) == set(weights)
    assert [name for name in weights if not np.array_equal(edited[name], weights[name])] == ["rnn.bias_hh_l0"]
