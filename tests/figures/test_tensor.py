"""A tensor's slabs are its values, and its edges tell its whole sizes in the colours of its axes."""

import numpy as np
import pytest

from rnn_core.figures.tensor import MAX_COLUMNS, MAX_ROWS, MAX_SLABS, tensor_slabs
from rnn_core.figures.theme import AXIS_COLORS, MUTED
from tests.figures.conftest import drawn_as, mark, texts

SHAPES = [(1, 1, 1), (3, 5, 4), (1, 12, 9), (12, 1, 9), (64, 128, 128), (128, 64, 300)]


def tensor(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def slabs_of(figure):
    """Return the slabs by their place on axis 0: the front one, index 0, is drawn last."""
    return [trace for trace in figure.data if trace.type == "heatmap"][::-1]


def edges_of(figure):
    """Return the line and the label of each edge, in the order of the axes. The grid of the front slab comes first."""
    labels = [note for note in figure.layout.annotations if note.text.startswith("<b>")]
    return list(zip(drawn_as(figure, "lines")[1:], labels, strict=True))


@pytest.mark.parametrize("shape", SHAPES)
def test_every_slab_holds_its_part_of_the_tensor(shape, check_sendable):
    values = tensor(shape)
    figure = tensor_slabs(values, ("N", "L", "H_in"))
    slabs = slabs_of(figure)
    assert len(slabs) == min(shape[0], MAX_SLABS)
    for a, slab in enumerate(slabs):
        assert np.array_equal(slab.z, values[a, :MAX_ROWS, :MAX_COLUMNS])
        assert slab.zmin == -slab.zmax  # colours centred on 0
        assert slab.zmax >= np.abs(slab.z).max()
    check_sendable(figure)


@pytest.mark.parametrize("axes", [("N", "L", "H_in"), ("L", "N", "H_in"), ("D*num_layers", "N", "H_out")])
def test_edges_tell_sizes_in_the_colours_of_their_axes(axes):
    shape = (70, 40, 50)
    edges = edges_of(tensor_slabs(tensor(shape), axes))
    assert len(edges) == 3
    for name, size, (arrow, label) in zip(axes, shape, edges, strict=True):
        assert label.text == f"<b>{name} = {size}</b>"  # the whole size, although less is drawn
        assert label.font.color == arrow.line.color == AXIS_COLORS[name]


def test_edges_run_along_their_axes():
    (back, _), (down, _), (right, _) = edges_of(tensor_slabs(tensor((3, 5, 4)), ("N", "L", "H_in")))
    assert back.x[0] < back.x[1]
    assert back.y[0] < back.y[1]
    assert down.x[0] == down.x[1]
    assert down.y[0] > down.y[1]
    assert right.y[0] == right.y[1]
    assert right.x[1] - right.x[0] == 4  # columns


def test_an_axis_without_a_name_has_no_colour():
    _, label = edges_of(tensor_slabs(tensor((2, 3, 4)), ("other", "L", "H_in")))[0]
    assert label.font.color == MUTED
    unbatched = edges_of(tensor_slabs(tensor((1, 3, 4)), ("", "L", "H_in")))
    assert [label.text for _, label in unbatched] == ["<b>L = 3</b>", "<b>H_in = 4</b>"]


@pytest.mark.parametrize("shape", [(3, 5, 4), (64, 128, 128)])
def test_a_cell_says_its_index_and_what_it_stands_for(shape):
    labels = [["hello"[b % 5] for b in range(shape[1])] for _ in range(shape[0])]
    for a, slab in enumerate(slabs_of(tensor_slabs(tensor(shape), ("N", "L", "H_in"), labels=labels))):
        rows, columns = np.shape(slab.z)
        for b in range(rows):
            for c in range(columns):
                assert slab.customdata[b][c] == f"[N={a}, L={b}, H_in={c}] «{'hello'[b % 5]}»"
        assert "%{customdata}" in slab.hovertemplate
        assert "%{z:.4g}" in slab.hovertemplate


def test_rows_without_a_label_have_none():
    slabs = slabs_of(tensor_slabs(tensor((2, 2, 1)), ("N", "L", "H_in"), labels=[["a"]]))
    assert [row[0] for slab in slabs for row in slab.customdata] == [
        "[N=0, L=0, H_in=0] «a»",
        "[N=0, L=1, H_in=0]",
        "[N=1, L=0, H_in=0]",
        "[N=1, L=1, H_in=0]",
    ]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_cut_is_said(shape):
    notes = texts(tensor_slabs(tensor(shape), ("N", "L", "H_in")))[1]
    drawn = [min(size, most) for size, most in zip(shape, (MAX_SLABS, MAX_ROWS, MAX_COLUMNS), strict=True)]
    said = f"the first {' × '.join(map(str, drawn))} of {' × '.join(map(str, shape))} are drawn"
    assert (said in notes) == (tuple(drawn) != shape)


def test_the_cut_is_said_in_the_viewers_language():
    notes = texts(tensor_slabs(tensor((9, 2, 2)), ("N", "L", "H_in"), translate=mark))[1]
    assert any("⟦" in note and "6 × 2 × 2" in note for note in notes)
    slab = slabs_of(tensor_slabs(tensor((1, 1, 1)), ("N", "L", "H_in"), translate=mark))[0]
    assert mark("value") in slab.hovertemplate


def test_one_hot_values_are_on_a_scale_of_their_own(check_sendable):
    values = np.eye(4, dtype=np.float32)[[[1, 0, 2], [2, 3, 0]]]
    figure = tensor_slabs(values, ("N", "L", "H_in"), is_one_hot=True)
    for a, slab in enumerate(slabs_of(figure)):
        assert np.array_equal(slab.z, values[a])
        assert (slab.zmin, slab.zmax) == (0, 1)
    check_sendable(figure)


def test_a_tensor_of_zeros_can_be_drawn(check_sendable):
    figure = tensor_slabs(np.zeros((2, 3, 4), dtype=np.float32), ("N", "L", "H_in"))
    assert slabs_of(figure)[0].zmax > 0
    check_sendable(figure)
