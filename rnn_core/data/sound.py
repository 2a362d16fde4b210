"""Sound (.wav) as a series: samples or their envelope, fewer a second than were recorded, read by the module `wave`."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, UInt8

from rnn_core.data.encodings import check_bytes, kind_of
from rnn_core.data.refusals import no_option, out_of_range
from rnn_core.records.series import Series
from rnn_core.sentence import ConfigError, Sentence

if TYPE_CHECKING:
    from wave import Wave_read

MAX_BYTES = 10_000_000
MAX_SAMPLES = 20_000  # that a series has
MAX_RATE = 768_000  # frames a second
BLOCK = 2**18  # samples that are turned into numbers at a time: as numbers they take up to eight times the room
CHANNELS = {1: ("mono",), 2: ("left", "right")}
FULL = {1: 2.0**7, 2: 2.0**15, 3: 2.0**23, 4: 2.0**31}  # loudest sample, by bytes a sample
KINDS = ("samples", "envelope")


@dataclass(frozen=True)
class Sound:
    """A recording, as numbers that are still as they were stored.

    Attributes:
        frames: of one or two channels.
        width: bytes a sample.
        rate: frames a second.
    """

    frames: UInt8[np.ndarray, "F B"]
    width: int
    rate: int
    channels: tuple[str, ...]


def read_sound(file: str, content: bytes, kind: str = "samples", rate: float | None = None) -> Series:
    """Read a series from a WAV file: 8, 16, 24 or 32 bit PCM, one or two channels, from -1 to 1.

    Args:
        file: its name, for sentences.
        content: all of its bytes.
        kind: `samples` are means over the time between two values, so that nothing faster is mistaken for something
            slow; `envelope` is the root mean square over it.
        rate: values a second; by default as many as were recorded, or as the whole can have.

    Raises:
        ConfigError: one sentence: what is wrong with the file or an option, and what would work.
    """
    if kind not in KINDS:
        raise no_option("kind", kind, KINDS)
    check_bytes(file, content, MAX_BYTES)
    sound = _open(file, content)
    seconds = len(sound.frames) / sound.rate
    most = min(float(sound.rate), MAX_SAMPLES / seconds)
    wanted = most if rate is None else rate
    if not 2 / seconds <= wanted <= most:
        raise out_of_range("rate", float(wanted), 2 / seconds, most)
    size = int(seconds * wanted + 1e-9)
    values = resample(sound, size, kind)
    times = np.arange(size) * (seconds / size)
    sha256 = hashlib.sha256(content).hexdigest()
    return Series(file, values, sound.channels, times, "sample", source=file, sha256=sha256)


def resample(sound: Sound, size: int, kind: str) -> Float[np.ndarray, "T C"]:
    """Return `size` values from equal parts of a sound, each from -1 to 1 (an envelope: from 0)."""
    borders = np.linspace(0, len(sound.frames), size + 1).astype(np.int64)
    values = np.empty((size, len(sound.channels)))
    part = max(1, int(BLOCK * size / len(sound.frames)))
    for first in range(0, size, part):
        inside = borders[first : first + part + 1]
        samples = _numbers(sound, int(inside[0]), int(inside[-1]))
        sums = np.add.reduceat(samples**2 if kind == "envelope" else samples, inside[:-1] - inside[0], axis=0)
        values[first : first + part] = sums / np.diff(inside)[:, None]
    return np.sqrt(values) if kind == "envelope" else values


def _numbers(sound: Sound, start: int, end: int) -> Float[np.ndarray, "F C"]:
    """Return frames as numbers from -1 to 1. 8 bits count from 0 up, all others are signed, the lowest byte first."""
    raw = sound.frames[start:end].reshape(-1, len(sound.channels), sound.width)
    if sound.width == 1:
        return (raw[..., 0].astype(float) - FULL[1]) / FULL[1]
    wide = np.zeros((*raw.shape[:2], 4), np.uint8)
    wide[..., 4 - sound.width :] = raw  # the sign is where it has to be; what is below is divided away
    return wide.view("<i4")[..., 0] / FULL[4]


def _open(file: str, content: bytes) -> Sound:
    """Read the header and the frames that are there, whatever the header promises."""
    import wave

    if not content.startswith(b"RIFF"):
        kind = kind_of(content)
        raise ConfigError(
            Sentence("{file} is no WAV; what is in it is {kind}: save the sound as WAV (PCM).", file=file, kind=kind)
            if kind
            else Sentence("{file} is no WAV file: save the sound as WAV (PCM).", file=file)
        )
    try:
        with wave.open(io.BytesIO(content)) as reader:
            return _frames(file, reader, len(content))
    except (wave.Error, EOFError, RuntimeError, ValueError, ZeroDivisionError) as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError(
            Sentence("{file} is a damaged WAV file, or not PCM: save it anew as WAV, 16 bit PCM.", file=file)
        ) from None


def _frames(file: str, reader: Wave_read, size: int) -> Sound:
    channels, width, rate = reader.getnchannels(), reader.getsampwidth(), reader.getframerate()
    for field, value, options in (("channels", channels, CHANNELS), ("bytes a sample", width, FULL)):
        if value not in options:
            raise no_option(field, str(value), tuple(map(str, options)))
    if not 1 <= rate <= MAX_RATE:
        raise out_of_range("frames a second", rate, 1, MAX_RATE)
    raw = np.frombuffer(reader.readframes(min(reader.getnframes(), size)), np.uint8)
    frames = raw[: len(raw) // (channels * width) * channels * width].reshape(-1, channels * width)
    if len(frames) < reader.getnframes():
        raise ConfigError(
            Sentence(
                "{file} is cut off, or its header is wrong: it promises {promised} samples a channel, {size} are "
                "there. Save it anew.",
                file=file,
                promised=reader.getnframes(),
                size=len(frames),
            )
        )
    if len(frames) < 2:
        raise ConfigError(Sentence("{name} has {size} values: a series needs at least 2.", name=file, size=len(frames)))
    return Sound(frames, width, rate, CHANNELS[channels])
