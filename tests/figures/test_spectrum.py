import numpy as np
import pytest

from rnn_core.figures.spectrum import SYMBOLS, eigenvalue_film, eigenvalue_plane
from tests.figures.conftest import drawn_as, mark, texts


@pytest.mark.parametrize("names", ["h", "ifgo", "rzn"])
def test_eigenvalues_are_drawn_where_they_are(names, check_sendable):
    rng = np.random.default_rng(0)
    values = {name: rng.normal(size=128) + 1j * rng.normal(size=128) for name in names}
    figure = eigenvalue_plane(values)
    drawn = drawn_as(figure, "markers")
    assert [trace.name for trace in drawn] == list(names)
    for trace, expected in zip(drawn, values.values(), strict=True):
        assert np.allclose(np.array(trace.x) + 1j * np.array(trace.y), expected, atol=1e-6)
        assert np.allclose(trace.customdata, np.abs(expected))
        low, high = figure.layout.xaxis.range
        assert low < -np.abs(expected).max() < np.abs(expected).max() < high
    assert [trace.marker.symbol for trace in drawn] == list(SYMBOLS[: len(names)])
    notes = texts(figure)[1]
    for name, note in zip(names, notes, strict=True):
        assert f"{name}: max |λ| {np.abs(values[name]).max():.3f}" in note
    check_sendable(figure)


def test_the_unit_circle_is_a_circle():
    figure = eigenvalue_plane({"h": np.array([0.1 + 0j])})
    (circle,) = drawn_as(figure, "lines")
    assert np.allclose(np.hypot(circle.x, circle.y), 1)
    assert figure.layout.yaxis.scaleanchor == "x"
    assert figure.layout.xaxis.range[1] > 1


def test_what_is_no_number_is_left_out(check_sendable):
    figure = eigenvalue_plane({"r": np.array([0.5, np.nan, np.inf], dtype=complex), "z": np.array([np.nan + 0j])})
    first, second = drawn_as(figure, "markers")
    assert (len(first.x), len(second.x)) == (1, 0)
    assert len(texts(figure)[1]) == 1
    check_sendable(figure)


def test_each_frame_holds_the_eigenvalues_of_its_step():
    rng = np.random.default_rng(0)
    values = {name: rng.normal(size=(60, 128)) + 1j * rng.normal(size=(60, 128)) for name in "ifgo"}
    figure = eigenvalue_film(values, range(0, 600, 10), first=3)
    assert [frame.name for frame in figure.frames][:2] == ["step 0", "step 10"]
    for place in (0, 3, 59):
        frame = figure.frames[place]
        assert list(frame.traces) == [1, 2, 3, 4]
        for trace, name in zip(frame.data, "ifgo", strict=True):
            assert np.allclose(np.array(trace.x) + 1j * np.array(trace.y), values[name][place], atol=1e-6)
        assert f"{np.abs(values['i'][place]).max():.3f}" in frame.layout.annotations[0].text
    for trace, name in zip(figure.data[1:], "ifgo", strict=True):
        assert np.allclose(trace.x, values[name][3].real, atol=1e-6)
    assert figure.layout.xaxis.range[0] < -max(np.abs(one).max() for one in values.values())
    assert len(figure.to_json()) < 1_500_000
    assert figure.layout.meta["film"]["follows"]


def test_every_label_is_translated():
    titles, _ = texts(eigenvalue_plane({"h": np.array([1j])}, translate=mark))
    assert len(titles) == 2
    assert all(title.startswith("⟦") for title in titles)
