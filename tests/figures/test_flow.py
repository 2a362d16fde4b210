"""The data flow: every cell is where its tensor has it, blocks are to scale, and large ones say what they leave out."""

import json

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from rnn_core.analysis.calls import layer_outputs, trace_call
from rnn_core.config import Config
from rnn_core.figures.blocks import DEPTH_PX, LEAST_PX, PARTS, SCREEN_PX, WIDTH, arrange, sample
from rnn_core.figures.flow import CHANGED, axis_color, flow_drawing, kind_of, value_limits
from rnn_core.figures.space import MOST_CELLS, flow_in_space
from rnn_core.figures.theme import AXIS_COLORS
from rnn_core.shapes.specs import tensor_specs
from tests.core.shapes.test_shapes import small_networks
from tests.figures.conftest import drawn_as, mark, sent

LARGEST = [
    Config(cell="lstm", hidden_size=128, num_layers=2, bidirectional=True, seq_len=16),
    Config(hidden_size=30, seq_len=128, batch_size=64),
    Config(cell="lstm", num_layers=4, bidirectional=True, batch_size=8),
    Config(input_size=128, hidden_size=128, cell="gru", seq_len=64, batch_size=2, num_layers=1),
]


def sizes(config):
    return f"{config.cell}-{config.num_layers}x{config.hidden_size}-L{config.seq_len}-N{config.batch_size}"


def drawing_of(config, sequence=0, parts="all"):
    call = trace_call(config)
    below = layer_outputs(call)
    specs = [*tensor_specs(call.config, call.vocab_size), *(spec for spec, _ in below[:-1])]
    tensors = {**call.tensors, **{spec.name: values for spec, values in below}}
    return arrange(specs, tensors, [spec.name for spec, _ in below], parts=parts, sequence=sequence), tensors


def heat_maps(figure):
    return [trace for trace in figure.data if trace.type == "heatmap"]


@given(small_networks(), st.sampled_from(PARTS))
@settings(max_examples=60)
@example(Config(cell="lstm", num_layers=2, bidirectional=True, batch_size=3, seq_len=4), "results")
@example(Config(cell="gru", num_layers=2, batched=False, seq_len=4), "results")
def test_every_cell_holds_the_number_that_its_index_names(config, parts):
    drawing, tensors = drawing_of(config, parts=parts)
    for block, trace in zip(drawing.blocks, heat_maps(flow_drawing(drawing)), strict=True):
        index = np.moveaxis(np.asarray(trace.customdata), -1, 0)
        np.testing.assert_array_equal(trace.z, tensors[block.name][tuple(index)])
        for place, axis in enumerate(block.source.spec.axes):
            assert f"{axis}=%{{customdata[{place}]}}" in trace.hovertemplate
    known = set(tensors) - {"scores", "target", "loss"}  # these are in words, or the logits once more
    if parts != "all":
        known -= {spec.name for spec in tensor_specs(config, 9) if spec.role == "parameter"}
    if parts == "results":
        known &= {"input", "output", "h_n", "c_n"}
    assert {block.name for block in drawing.blocks} == known


def test_number_0_of_every_axis_is_on_top_and_at_the_left():
    drawing, _ = drawing_of(Config(cell="lstm", num_layers=2, bidirectional=True, seq_len=5, batch_size=2))
    for block, trace in zip(drawing.blocks, heat_maps(flow_drawing(drawing)), strict=True):
        index = np.asarray(trace.customdata).astype(int)
        assert (np.diff(index, axis=0) >= 0).all()
        assert (np.diff(index, axis=1) >= 0).all()
        assert trace.dy < 0 < trace.dx
        assert block.bottom < trace.y0 + trace.dy * (len(index) - 1) <= trace.y0 < block.bottom + block.height


@given(small_networks())
@settings(max_examples=40)
def test_small_tensors_are_drawn_whole_and_once(config):
    drawing, tensors = drawing_of(config)
    assume(not drawing.is_sample)
    seen = {}
    for block in drawing.blocks:
        for index in block.face.index.reshape(-1, block.face.index.shape[-1]).tolist():
            assert tuple(index) not in seen.setdefault(block.name, set())
            seen[block.name].add(tuple(index))
    for name, found in seen.items():
        batch = config.batch_size if config.layout == "auto" or config.batch_first else config.seq_len
        is_weight = name.startswith(("weight", "bias", "head"))
        assert len(found) == tensors[name].size // (batch if config.batched and not is_weight else 1)


@pytest.mark.parametrize("parts", PARTS)
@pytest.mark.parametrize(
    "config",
    [Config(), Config(batch_size=3, bidirectional=True), Config(seq_len=100, batch_size=20), *LARGEST],
    ids=sizes,
)
def test_blocks_are_to_scale_inside_the_drawing_and_do_not_overlap(config, parts):
    drawing, _ = drawing_of(config, parts=parts)
    tallest = max(drawing.blocks, key=lambda block: block.source.whole[0])
    unit = tallest.height / tallest.source.whole[0]
    weights = [b for b in drawing.blocks if b.source.spec.role == "parameter" and b.source.columns is not None]
    widths = {round(b.width / b.source.whole[1], 6) for b in weights if b.width > LEAST_PX}
    assert len(widths) == (parts == "all")
    for block in drawing.blocks:
        assert block.height == pytest.approx(max(LEAST_PX, unit * block.source.whole[0]))
        assert block.left >= 0
        assert block.left + block.width + (DEPTH_PX if block.depth > 1 else 0) <= WIDTH + 1e-6  # whole, with its depth
        assert 0 <= block.bottom < block.bottom + block.height <= drawing.height
    for place, one in enumerate(drawing.blocks):
        for other in drawing.blocks[place + 1 :]:
            is_beside = one.left + one.width <= other.left or other.left + other.width <= one.left
            is_above = one.bottom + one.height <= other.bottom or other.bottom + other.height <= one.bottom
            assert is_beside or is_above, (one.name, other.name)


@pytest.mark.parametrize(
    ("config", "parts"),
    [
        (Config(), "all"),
        (Config(cell="lstm"), "all"),
        (Config(cell="lstm", num_layers=2, bidirectional=True, hidden_size=6, seq_len=6, batch_size=2), "layers"),
        (Config(cell="lstm", num_layers=4, bidirectional=True), "results"),
    ],
    ids=["rnn", "lstm", "lstm-2x2", "lstm-4x2"],
)
def test_as_much_is_drawn_as_fits_a_screen(config, parts):
    drawing, _ = drawing_of(config, parts=None)
    assert drawing.parts == parts
    assert drawing.height <= SCREEN_PX
    less = PARTS.index(parts)
    assert all(drawing_of(config, parts=more)[0].height > SCREEN_PX for more in PARTS[:less])


@pytest.mark.parametrize("config", LARGEST, ids=sizes)
@pytest.mark.parametrize("draw", [flow_drawing, flow_in_space])
def test_large_tensors_are_sampled_say_so_and_stay_small(config, draw):
    drawing, tensors = drawing_of(config)
    figure = draw(drawing, translate=mark)
    assert len(figure.to_json()) < 2_000_000
    json.dumps(sent(figure), allow_nan=False)
    assert drawing.is_sample == any(block.face.is_sample for block in drawing.blocks)
    for block, trace in zip(drawing.blocks, figure.data, strict=False):
        assert ("cells are drawn" in trace.hovertemplate) == block.face.is_sample
        if block.face.is_sample:
            ends = block.face.index.reshape(-1, block.face.index.shape[-1]).max(axis=0)
            span = block.source.span or (0, tensors[block.name].shape[block.source.rows])
            assert ends[block.source.rows] == span[1] - 1


def test_longer_sequences_add_columns_and_nothing_else():
    short, long = (drawing_of(Config(seq_len=length))[0] for length in (5, 9))
    for one, other in zip(short.blocks, long.blocks, strict=True):
        assert one.name == other.name
        has_steps = one.source.columns is not None and one.source.spec.role != "parameter"
        assert other.width == (pytest.approx(one.width * 9 / 5) if has_steps else one.width)
        assert (one.bottom, one.height) == (other.bottom, other.height)


def test_titles_name_the_shape_with_the_colours_of_its_axes():
    drawing, _ = drawing_of(Config(batch_size=3, seq_len=5, input_size=4, hidden_size=2, batch_first=False))
    (words,) = drawn_as(flow_drawing(drawing, loss=1.25, translate=mark), "text")
    output = next(text for text in words.text if text.startswith("output"))
    colors = [AXIS_COLORS[axis] for axis in ("L", "N", "D*H_out")]
    assert output == "output <b>({})</b>".format(
        ", ".join(f'<span style="color:{c}">{n}</span>' for c, n in zip(colors, (5, 3, 2), strict=True))
    )
    assert f"<b>loss = 1.25</b> {mark('nats')}" in words.text
    for axis, size in (("N", 3), ("L", 5), ("H_in", 4)):
        assert f'<b><span style="color:{AXIS_COLORS[axis]}">{axis} = {size}</span></b>' in words.text


def test_characters_stand_below_and_above_their_columns():
    drawing, _ = drawing_of(Config(seq_len=5))
    _, letters = drawn_as(flow_drawing(drawing, input=list("hello"), target=list("ello!")), "text")
    states = next(block for block in drawing.blocks if block.name == "input")
    columns = [states.left + (t + 0.5) * states.width / 5 for t in range(5)]
    for letter, x in zip("hello", columns, strict=True):
        assert (letter, pytest.approx(x, abs=0.1)) in list(zip(letters.text, letters.x, strict=True))
    assert "".join(letters.text) == "helloello!"
    long, _ = drawing_of(Config(seq_len=40))
    (words,) = drawn_as(flow_drawing(long, input=["x"] * 40), "text")
    assert "x" not in words.text


def test_what_changed_is_framed_and_marked():
    drawing, _ = drawing_of(Config(bidirectional=True))
    figure = flow_drawing(drawing, changed=("output",))
    (frames,) = (shape for shape in figure.layout.shapes if shape.line.color == CHANGED)
    boxes = [[tuple(map(float, point.split(","))) for point in box.split("L")] for box in frames.path[1:-1].split("ZM")]
    blocks = [block for block in drawing.blocks if block.name == "output"]  # both directions
    for box, block in zip(boxes, blocks, strict=True):
        assert box[0] == pytest.approx((block.left, block.bottom), abs=0.1)
        assert box[2] == pytest.approx((block.left + block.width, block.bottom + block.height), abs=0.1)
    (words,) = drawn_as(figure, "text")
    assert [text.split("[")[0] for text in words.text if CHANGED in text] == ["output", "output"]
    assert CHANGED not in {shape.line.color for shape in flow_drawing(drawing).layout.shapes}


def test_edges_have_the_colours_of_their_axes():
    drawing, _ = drawing_of(Config(batch_size=3, seq_len=5))
    edges = {shape.line.color: shape.path for shape in flow_drawing(drawing).layout.shapes}
    output = next(block for block in drawing.blocks if block.name == "output")
    left, right, bottom = output.left, output.left + output.width, output.bottom
    assert f"M{left:.1f},{bottom:.1f}L{right:.1f},{bottom:.1f}" in edges[AXIS_COLORS["L"]]
    assert f"M{left:.1f},{bottom:.1f}L{left:.1f},{bottom + output.height:.1f}" in edges[AXIS_COLORS["H_out"]]
    back = drawing.depth_px * (output.depth - 1)
    assert f"M{right:.1f},{bottom:.1f}L{right + back:.1f},{bottom + back:.1f}" in edges[AXIS_COLORS["N"]]


def test_arrows_go_the_way_of_each_direction():
    drawing, _ = drawing_of(Config(bidirectional=True))
    (arrows,) = drawn_as(flow_drawing(drawing), "markers")
    assert sorted(arrows.marker.symbol) == ["triangle-left"] * 2 + ["triangle-right"] * 2
    lefts = {block.title: block.left for block in drawing.blocks}
    assert lefts["h_0[0]"] < lefts["output[..., :9]"] < lefts["h_n[0]"]
    assert lefts["h_n[1]"] < lefts["output[..., 9:]"] < lefts["h_0[1]"]


def test_another_sequence_can_stand_in_front():
    drawing, tensors = drawing_of(Config(batch_size=4, seq_len=3), sequence=2)
    blocks = {block.name: block for block in drawing.blocks}
    np.testing.assert_array_equal(blocks["output"].face.values, tensors["output"][2].T)
    np.testing.assert_array_equal(blocks["h_n"].face.values[:, 0], tensors["h_n"][0, 2])


def test_states_share_a_scale_and_so_do_weights():
    drawing, tensors = drawing_of(Config(batch_size=2))
    limits = value_limits(drawing)
    assert set(limits) == {"input", "first states", "states", "weights", "logits"}
    assert limits["states"] == np.abs(tensors["output"][0]).max()
    weights = [values for name, values in tensors.items() if "weight" in name or "bias" in name]
    assert limits["weights"] == pytest.approx(max(np.abs(values).max() for values in weights))
    for trace in heat_maps(flow_drawing(drawing)):
        assert trace.zmin == -trace.zmax
        assert np.abs(trace.z).max() <= trace.zmax


@pytest.mark.parametrize(
    "config", [Config(batch_size=4, seq_len=3), Config(cell="lstm", bidirectional=True)], ids=sizes
)
def test_in_space_every_corner_of_a_cell_says_which_number_it_is(config):
    drawing, tensors = drawing_of(config)
    meshes = [trace for trace in flow_in_space(drawing).data if trace.type == "mesh3d"]
    limits = value_limits(drawing)
    for block, mesh in zip(drawing.blocks, meshes, strict=True):
        said = np.asarray(mesh.customdata).reshape(-1, 4, 1 + tensors[block.name].ndim)
        assert (said == said[:, :1]).all()  # all four corners of a cell
        index = tuple(said[:, 0, 1:].astype(int).T)
        values = tensors[block.name][index]
        np.testing.assert_array_equal(said[:, 0, 0], values)
        limit = limits[kind_of(block)]
        np.testing.assert_allclose(mesh.intensity, np.repeat(values / limit, 2), rtol=1e-5)
        assert len(mesh.i) == 2 * len(said)
        sequences = set(index[block.source.spec.axes.index("N")].tolist()) if "N" in block.source.spec.axes else {0}
        assert sequences == set(range(block.depth))  # the faces on top and beside show the whole batch


def test_in_space_what_lies_above_a_batch_leaves_room_for_its_top():
    figures = [flow_in_space(drawing_of(Config(cell="lstm", num_layers=2, seq_len=5, batch_size=n))[0]) for n in (1, 4)]
    for name in ("weight_hh_l1", "head.weight"):
        flat, deep = (next(min(t.z) for t in figure.data if t.name == name) for figure in figures)
        assert deep > flat


def test_in_space_names_keep_the_colours_of_the_axes():
    drawing, _ = drawing_of(Config(batch_size=3, seq_len=5, input_size=4, hidden_size=2))
    notes = {note.text.split()[0]: note for note in flow_in_space(drawing).layout.scene.annotations}
    titled = [block for block in drawing.blocks if block.title]
    assert len(notes) == len({block.title.split()[0] for block in titled})
    for block in titled:
        note = notes[block.title.split()[0]]
        assert (
            f'<span style="color:{axis_color(block.source.spec.axes[-1])}">{block.source.spec.shape[-1]}</span>'
            in note.text
        )
        assert note.x == block.left


@pytest.mark.parametrize("config", LARGEST, ids=sizes)
def test_in_space_there_are_not_more_cells_than_can_be_sent(config):
    meshes = [trace for trace in flow_in_space(drawing_of(config)[0]).data if trace.type == "mesh3d"]
    assert sum(len(mesh.i) // 2 for mesh in meshes) <= MOST_CELLS


@pytest.mark.parametrize(("count", "most"), [(1, 1), (5, 9), (9, 9), (10, 9), (128, 7), (64, 1)])
def test_a_sample_has_both_ends(count, most):
    found = sample(count, most)
    assert len(found) == min(count, max(most, 2))
    assert (found[0], found[-1]) == (0, count - 1)
    assert (np.diff(found) > 0).all()


def test_rows_of_weights_have_the_colour_of_hidden_units():
    assert axis_color("4*H_out") == axis_color("3*H_cell") == axis_color("H_out") == AXIS_COLORS["H_out"]
    assert axis_color("D*H_out") == AXIS_COLORS["D*H_out"]
    assert axis_color("N") != axis_color("L")
