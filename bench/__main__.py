"""Run the measures and print their table: `python -m bench`, or only some parts: `python -m bench stream latency`.

The tables of `docs/measures.md` are replaced only by a run of all parts that they are made of, so that their rows
always belong together.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator

from bench import drag, fairness, hall, latency, load, memory, play, population, stream, table, tabs
from bench.server import ROOT
from bench.table import Row

# To add a measure, add a function that yields rows.
PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "stream": stream.rows,
    "latency": latency.rows,
    "drag": drag.rows,
    "play": play.rows,
    "tabs": tabs.rows,
    "hall": hall.rows,
    "load": load.rows,
    "fairness": fairness.rows,
    "memory": memory.rows,
    "population": population.rows,
}
DOCUMENT = ROOT / "docs" / "measures.md"
# Its tables, by the name of their markers.
TABLES: dict[str, tuple[str, ...]] = {
    "bench": ("stream", "latency", "drag", "play", "tabs", "hall", "load", "fairness", "memory"),
    "bench population": ("population",),
}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="What the app costs beside a bare one.")
    parser.add_argument("parts", nargs="*", metavar="part", help=f"one or more of {', '.join(PARTS)}; all by default")
    wanted = parser.parse_args(arguments).parts
    unknown = [part for part in wanted if part not in PARTS]
    if unknown:
        parser.error(f"{unknown[0]} is no part: choose from {', '.join(PARTS)}")

    begin, rows = time.monotonic(), {}
    for name in [part for part in PARTS if part in wanted or not wanted]:
        rows[name] = []
        for row in PARTS[name]():
            print(f"{time.monotonic() - begin:4.0f} s  {row.what}", file=sys.stderr)
            rows[name].append(row)
    for marker, parts in TABLES.items():
        text = table.to_markdown(row for part in parts for row in rows.get(part, ()))
        if any(part in rows for part in parts):
            print(text)
        if all(part in rows for part in parts) and table.put_into(DOCUMENT, marker, text):
            print(f"{DOCUMENT.relative_to(ROOT)} has the table of {', '.join(parts)} now.", file=sys.stderr)


if __name__ == "__main__":
    main()
