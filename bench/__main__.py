"""Run the measures and print their table: `python -m bench`, or only some parts: `python -m bench stream latency`.

The README's table is replaced only by a whole run, so that its rows always belong together.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator

from bench import drag, latency, memory, stream, table
from bench.server import ROOT
from bench.table import Row

# To add a measure, add a function that yields rows.
PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "stream": stream.rows,
    "latency": latency.rows,
    "drag": drag.rows,
    "memory": memory.rows,
}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="What the app costs beside a bare one.")
    parser.add_argument("parts", nargs="*", metavar="part", help=f"one or more of {', '.join(PARTS)}; all by default")
    wanted = parser.parse_args(arguments).parts
    unknown = [part for part in wanted if part not in PARTS]
    if unknown:
        parser.error(f"{unknown[0]} is no part: choose from {', '.join(PARTS)}")

    begin, rows = time.monotonic(), []
    for name in [part for part in PARTS if part in wanted or not wanted]:
        for row in PARTS[name]():
            print(f"{time.monotonic() - begin:4.0f} s  {row.what}", file=sys.stderr)
            rows.append(row)
    text = table.to_markdown(rows)
    print(text)
    if not wanted and table.put_into(ROOT / "README.md", text):
        print("README.md has this table now.", file=sys.stderr)


if __name__ == "__main__":
    main()
