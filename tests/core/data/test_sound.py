"""Sound is read sample by sample as it was written, and fewer samples are means of all."""

import io
import wave
from itertools import pairwise

import numpy as np
import pytest

from rnn_core import ConfigError
from rnn_core.data import sound
from rnn_core.data.sound import MAX_SAMPLES, read_sound


def wav(samples, width=2, rate=8000):
    """Write whole numbers (F, C) as a WAV file."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(width)
        file.setframerate(rate)
        shift = 128 if width == 1 else 0
        file.writeframes(
            b"".join(int(v + shift).to_bytes(width, "little", signed=width > 1) for v in samples.ravel().tolist())
        )
    return content.getvalue()


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_width_is_read_to_the_last_bit(width, channels):
    full = 2 ** (8 * width - 1)
    samples = np.random.default_rng(width).integers(-full, full, size=(60, channels))
    samples[:2] = [[full - 1] * channels, [-full] * channels]
    series = read_sound("a.wav", wav(samples, width))
    assert series.values.tolist() == (samples / full).tolist()
    assert series.channels == {1: ("mono",), 2: ("left", "right")}[channels]
    assert series.times[8] == 8 / 8000


@pytest.mark.parametrize("block", [7, 2**18])
@pytest.mark.parametrize("size", [3, 17, 100])
def test_fewer_samples_are_means_of_equal_parts(monkeypatch, size, block):
    monkeypatch.setattr(sound, "BLOCK", block)
    samples = np.random.default_rng(1).integers(-(2**15), 2**15, size=(100, 2))
    series = read_sound("a.wav", wav(samples, rate=100), rate=size)
    borders = [part * 100 // size for part in range(size + 1)]
    parts = [samples[a:b] / 2**15 for a, b in pairwise(borders)]
    assert series.values == pytest.approx(np.stack([part.mean(0) for part in parts]))
    loud = read_sound("a.wav", wav(samples, rate=100), "envelope", rate=size)
    assert loud.values == pytest.approx(np.stack([np.sqrt((part**2).mean(0)) for part in parts]))


def test_a_long_sound_has_as_many_values_as_a_series_can():
    samples = (1000 * np.sin(np.arange(50_000) / 50)).astype(int)[:, None]
    series = read_sound("a.wav", wav(samples, rate=44_100))
    assert len(series) == MAX_SAMPLES
    assert series.times[-1] == pytest.approx(50_000 / 44_100, rel=1e-3)


def test_options_that_cannot_be_are_sentences():
    content = wav(np.ones((100, 1)), rate=100)
    with pytest.raises(ConfigError, match="rate=101 cannot be used: a number from 2 to 100 works"):
        read_sound("a.wav", content, rate=101)
    with pytest.raises(ConfigError, match="kind=loud cannot be used: choose samples, envelope"):
        read_sound("a.wav", content, "loud")
