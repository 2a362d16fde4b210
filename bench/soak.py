"""A class that uses the app for minutes: what the server holds meanwhile, and when everybody has gone.

`python -m bench.soak`: viewers come and go on all pages, and their sessions speak as a browser does. The memory of the
server and its children is read every second, and must stay within bounds.
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import quote

from bench.channel import Channel, channel, play_on, stages
from bench.plot import memory_over_time
from bench.server import OURS, Server, running
from bench.session import Session, visit
from pages import PAGES

HIGHEST_MB = 650.0
LEFT_MB = 60.0  # more than after one viewer, once everybody has gone
DRIFT = 0.05  # between the levels after two soaks
FIRST_REST_S = 10.0  # after the one viewer has left
LEVEL_S = 5  # a level is the median of the last seconds
STAY_S, AWAY_S, THINK_S = (15.0, 50.0), (0.5, 3.0), (2.0, 8.0)
SLIDERS = {"hidden_size": (4, 128), "seq_len": (4, 40), "num_layers": (1, 2)}
TEXT = "text=" + quote(("hello world, how do you do? " * 5)[:129])
# What viewers come with: mostly nothing, now and then the largest that a link may ask for.
LINKS = (
    *[""] * 4,
    "preset=seed-lesson",
    "preset=onehot-batch",
    f"{TEXT}&cell=lstm&hidden_size=32&seq_len=24&steps=300",
    f"{TEXT}&cell=gru&num_layers=2&hidden_size=64&seq_len=32",
    f"{TEXT}&hidden_size=128&seq_len=128&steps=60",
    f"{TEXT}&hidden_size=64&seq_len=16&batch_size=4&steps=400",
)


@dataclass
class Soak:
    """What is measured.

    Attributes:
        memory: (seconds, MB) samples.
        marks: what happened when.
        times: seconds that each kind of action took.
        troubles: exceptions on the screen, and what else went wrong.
        sessions: how many were opened.
    """

    begin: float = field(default_factory=time.monotonic)
    memory: list[tuple[float, float]] = field(default_factory=list)
    marks: list[tuple[float, str]] = field(default_factory=list)
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    troubles: list[str] = field(default_factory=list)
    sessions: int = 0

    @property
    def now(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.begin

    def mark(self, what: str) -> None:
        """Note that something begins now, and say so."""
        self.marks.append((self.now, what))
        print(f"{self.now:6.0f} s  {self.level():4.0f} MB  {what}", file=sys.stderr)

    def level(self) -> float:
        """Return what the server holds now, in MB."""
        return median(size for _, size in self.memory[-LEVEL_S:]) if self.memory else 0.0

    def most(self) -> float:
        """Return the most that it has held, in MB."""
        return max(size for _, size in self.memory)


class Viewer:
    """Somebody who opens the app, plays with it for a while and closes the tab, again and again."""

    def __init__(self, soak: Soak, url: str, seed: int) -> None:
        self.soak, self.url = soak, url
        self.chance = random.Random(seed)
        self.number = 0

    def stay(self, until: float) -> None:
        """Open one session after the other until a moment of the soak."""
        time.sleep(self.chance.uniform(0, AWAY_S[1]))
        while self.soak.now < until:
            try:
                self._visit(min(until, self.soak.now + self.chance.uniform(*STAY_S)))
            except Exception as error:  # a viewer that fails is a result, not the end of the soak
                self.soak.troubles.append(f"{type(error).__name__}: {error}")
            time.sleep(self.chance.uniform(*AWAY_S))

    def _visit(self, until: float) -> None:
        self.number = 0
        with self._timed("open a tab"):
            opening = visit(self.url, self._any_page(), self.chance.choice(LINKS))
            session = opening.__enter__()
        self.soak.sessions += 1
        try:
            with channel(self.url) as tab:
                while self.soak.now < until:
                    self._think(session, tab, min(until, self.soak.now + self.chance.uniform(*THINK_S)))
                    self._act(session, tab)
        finally:
            self.soak.troubles += session.errors
            opening.__exit__(None, None, None)

    def _any_page(self) -> str:
        return self.chance.choice(PAGES).name

    def _think(self, session: Session, tab: Channel, until: float) -> None:
        """Look at the page; what plays goes on meanwhile, as a browser lets it."""
        for key in play_on(session, tab, time.monotonic() + until - self.soak.now):
            self.number += 1
            with self._timed("show what is over"):
                session.say(key, over=self.number)
        time.sleep(max(0.0, until - self.soak.now))

    def _act(self, session: Session, tab: Channel) -> None:
        what = self.chance.random()
        name, (low, high) = self.chance.choice(list(SLIDERS.items()))
        following = [spec for spec in stages(session).values() if name in spec["fields"]]
        if what < 0.25:
            with self._timed("go to a page"):
                session.go(self._any_page())
        elif what < 0.7 and following:
            for _ in range(3):
                value = self.chance.randint(low, high)
                for spec in following:
                    with self._timed("drag a slider"):
                        tab.ask(spec, name, value)
        elif name in session.components:  # a page has the settings that act on it
            self.number += 1
            with self._timed("let a slider go"):
                session.say(name, value={"value": self.chance.randint(low, high), "n": self.number})

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        begin = time.monotonic()
        yield
        self.soak.times[what].append(time.monotonic() - begin)


def watch(soak: Soak, server: Server, is_over: threading.Event) -> None:
    """Read the memory of the server and its children once a second."""
    while not is_over.wait(1.0):
        soak.memory.append((soak.now, server.memory(with_children=True)))


def look_around(soak: Soak, server: Server) -> None:
    """Let one viewer open all pages and leave."""
    with visit(server.url, PAGES[0].name) as session:
        for page in PAGES:
            session.go(page.name)
            time.sleep(1.0)
        soak.troubles += session.errors


def crowd(soak: Soak, server: Server, viewers: int, minutes: float, seed: int) -> None:
    """Let viewers come and go for some minutes."""
    until = soak.now + 60 * minutes
    crew = [Viewer(soak, server.url, 1000 * seed + k) for k in range(viewers)]
    threads = [threading.Thread(target=viewer.stay, args=(until,), daemon=True) for viewer in crew]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def soaked(viewers: int, minutes: float, rounds: int, rest_s: float) -> tuple[Soak, list[float]]:
    """Run it all; return what was measured, and the levels: after one viewer, and after each round."""
    soak, is_over = Soak(), threading.Event()
    with running(OURS) as server:
        watcher = threading.Thread(target=watch, args=(soak, server, is_over), daemon=True)
        watcher.start()
        try:
            look_around(soak, server)
            soak.mark("one viewer has opened all pages and left")
            time.sleep(FIRST_REST_S)
            levels = [soak.level()]
            for number in range(1, rounds + 1):
                soak.mark(f"{viewers} viewers come and go for {minutes:g} minutes")
                crowd(soak, server, viewers, minutes, number)
                soak.mark(f"all have left; {soak.sessions} sessions so far")
                time.sleep(rest_s)
                levels.append(soak.level())
            soak.mark("the end")
        finally:
            is_over.set()
            watcher.join()
    return soak, levels


def to_markdown(soak: Soak, levels: Sequence[float]) -> str:
    """Write what was measured as two tables."""
    lines = ["| memory | MB |", "|:---|---:|", f"| after one viewer | {levels[0]:.0f} |"]
    lines.append(f"| the most | {soak.most():.0f} |")
    lines += [f"| after soak {k} | {level:.0f} |" for k, level in enumerate(levels[1:], 1)]
    lines += ["", "| until the server had answered | times | median, ms | 95 %, ms |", "|:---|---:|---:|---:|"]
    for what, times in sorted(soak.times.items()):
        ms = [1000 * each for each in times]
        high = quantiles(ms, n=20, method="inclusive")[-1] if len(ms) > 1 else ms[0]
        lines.append(f"| {what} | {len(ms)} | {median(ms):.0f} | {high:.0f} |")
    return "\n".join(lines)


def missed(soak: Soak, levels: Sequence[float]) -> list[str]:
    """Say which bounds were missed."""
    first, *after = levels
    words = []
    if soak.most() > HIGHEST_MB:
        words.append(f"The server held {soak.most():.0f} MB; at most {HIGHEST_MB:.0f} are allowed.")
    for number, level in enumerate(after, 1):
        if level > first + LEFT_MB:
            words.append(
                f"After soak {number} it held {level:.0f} MB, {level - first:.0f} more than after one viewer; "
                f"at most {LEFT_MB:.0f} more are allowed."
            )
    for number, (before, level) in enumerate(pairwise(after), 2):
        if abs(level - before) > DRIFT * before:
            words.append(f"After soak {number} it held {level:.0f} MB, before {before:.0f}; at most {DRIFT:.0%} apart.")
    words += [f"A viewer met: {trouble}" for trouble in sorted(set(soak.troubles))[:10]]
    return words


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description="What many viewers leave behind.")
    parser.add_argument("--viewers", type=int, default=30, help="at the same time; 30 by default")
    parser.add_argument("--minutes", type=float, default=8.0, help="of each round; 8 by default")
    parser.add_argument("--rounds", type=int, default=2, help="one after the other in the same server; 2 by default")
    parser.add_argument("--rest", type=float, default=180.0, help="seconds after each round; 180 by default")
    parser.add_argument("--picture", type=Path, help="an SVG file to draw it in")
    asked = parser.parse_args(arguments)
    soak, levels = soaked(asked.viewers, asked.minutes, asked.rounds, asked.rest)
    if asked.picture:
        asked.picture.write_text(memory_over_time(soak.memory, soak.marks, HIGHEST_MB), "utf-8")
    print(to_markdown(soak, levels))
    words = missed(soak, levels)
    sys.exit("\n".join(words) if words else None)


if __name__ == "__main__":
    main()
