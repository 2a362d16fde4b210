"""Random calls of everything that a paste may call, in a process of their own: none may crash, hang or take memory.

    python -m bench.fuzz_reading [CALLS] [SEED]

Each call goes the way that a call in a paste goes: through the interpreter and the guard before torch. Told is what
takes more than a second of the processor, or more than 64 MB, or draws from the shared random numbers; a crash, or a
call that does not end, is told by the process that waits. What is found belongs on the list of what is left out, in
`rnn_core.interpreter.allow`.
"""

from __future__ import annotations

import random
import resource
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

CALLS, CHUNK, MAX_MB, MAX_SECONDS, HANGS_AFTER = 20_000, 2_000, 64, 1.0, 20.0


def main(calls: int = CALLS, seed: int = 0) -> list[str]:
    """Run calls in child processes; return what was found, a line each."""
    found: list[str] = []
    start = 0
    while start < calls:
        count = min(CHUNK, calls - start)
        command = [sys.executable, "-m", "bench.fuzz_reading", "--child", str(seed), str(start), str(count)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        lines = done.stdout.splitlines()
        found += [line for line in lines if not line.startswith(("at ", "gap "))]
        print(f"{start}:", *(line for line in lines if not line.startswith("at ")), sep="\n", flush=True)
        last = max((int(line.split()[1]) for line in lines if line.startswith("at ")), default=start)
        if done.returncode:
            found.append(f"crash {done.returncode}: {next((x for x in reversed(lines) if x.startswith('at ')), '?')}")
            start = last + 1
        else:
            start += count
    return found


def child(seed: int, start: int, count: int) -> None:
    """Make some calls, and tell of each before it is made."""
    import torch

    torch.set_num_threads(1)
    resource.setrlimit(resource.RLIMIT_AS, (12 << 30, 12 << 30))
    for number in range(start, start + count):
        signal.setitimer(signal.ITIMER_PROF, HANGS_AFTER)  # ends the process
        for line in tried(seed, number, tell=lambda name, number=number: print("at", number, name, flush=True)):
            print(line, flush=True)


def tried(seed: int, number: int, tell: Callable[[str], None] = lambda _: None) -> list[str]:
    """Make one call, after its name was told; return what is wrong with it."""
    import torch

    from rnn_core.interpreter.errors import NeedsValue, NotUnderstood, Raised, TooMuch
    from rnn_core.reading.paste import parse_paste
    from rnn_core.reading.reader import Reader

    rng, state, found = random.Random(seed * 10**9 + number), torch.random.get_rng_state(), list[str]()
    names, methods = _names()
    is_method = rng.random() < 0.4
    name = rng.choice(methods if is_method else names)
    tell(name)
    reader = Reader(parse_paste(""), tries=False)
    before, begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    try:
        with warnings.catch_warnings(action="ignore"), torch.enable_grad(), reader.guard:
            _call(reader, rng, name, is_method=is_method)
    except (Raised, NotUnderstood, NeedsValue, TooMuch):
        pass
    except Exception as error:  # a gap of the interpreter's own: a paste is told that the line is not understood
        found.append(f"gap {number} {name} {type(error).__name__} {str(error)[:100]}")
    seconds = time.process_time() - begin
    megabytes = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    if seconds > MAX_SECONDS or megabytes > MAX_MB:
        found.append(f"{number} {name}: {seconds:.1f} s, {megabytes:.0f} MB")
    if not torch.equal(state, torch.random.get_rng_state()):
        found.append(f"{number} {name}: draws from the shared numbers")
        torch.random.set_rng_state(state)
    return found


@cache
def _names() -> tuple[list[str], list[str]]:
    """Return the functions and the methods of tensors on the list; what torch loads with its first call is loaded."""
    from rnn_core.interpreter import allow
    from rnn_core.reading import read_code

    read_code("x = torch.zeros(1000, 1000) @ torch.zeros(1000, 1000)")
    return sorted(path for path, f in allow.functions().items() if callable(f)), sorted(allow.tensor_names())


def _call(reader: Any, rng: random.Random, name: str, *, is_method: bool) -> None:
    from torch import nn

    from rnn_core.interpreter.attributes import get

    args = [_value(rng) for _ in range(rng.choice((0, 1, 1, 2, 2, 3, 4)))]
    kwargs = {rng.choice(_KEYWORDS): _value(rng)} if rng.random() < 0.3 else {}
    if is_method:
        reader.call(get(reader, _tensor(rng), name), args, kwargs)
        return
    from rnn_core.interpreter import allow

    function = allow.functions()[name]
    first = _tensor(rng)
    if isinstance(function, type) and issubclass(function, nn.Module):
        made = reader.call(function, [rng.choice((1, 2, 3, 4, 8, 10**9)) for _ in args], kwargs)
        reader.call(made, [first], {})
    else:
        reader.call(function, [first, *args] if rng.random() < 0.8 else args, kwargs)


_KEYWORDS = ("dim", "size", "num_classes", "kernel_size", "stride", "padding", "keepdim", "p", "k", "steps", "end", "n")


def _value(rng: random.Random) -> Any:
    kind = rng.random()
    if kind < 0.35:
        return rng.choice((0, 1, 2, 3, -1, 5, 16, 300, 10**5, 10**9, 2**31, 10**12, -(10**9)))
    if kind < 0.6:
        return _tensor(rng)
    if kind < 0.75:
        return [rng.choice((0, 1, 2, 3, 4, 1000, 10**6, 10**9)) for _ in range(rng.randint(0, 4))]
    if kind < 0.85:
        return rng.choice((0.5, 1e-300, 1e300, float("inf"), float("nan"), -2.5))
    if kind < 0.93:
        return [_tensor(rng) for _ in range(rng.randint(0, 3))]
    return rng.choice((None, True, False, "mean", "none", "sum", "ij,jk->ik", "a", ""))


def _tensor(rng: random.Random) -> Any:
    import torch

    shape = [rng.choice((0, 1, 2, 3, 4, 5, 7)) for _ in range(rng.randint(0, 4))]
    if rng.random() < 0.15:
        shape = rng.choice(([65536], [256, 256], [300_000], [1000, 1000, 1000], [16, 16, 16, 16], [2, 32768]))
    kind = rng.random()
    if kind < 0.3:
        return torch.randint(0, rng.choice((2, 7, 10**9)), shape)
    if kind < 0.4:
        return torch.ones(shape, dtype=torch.bool)
    made = torch.randn(shape)
    return made.requires_grad_() if rng.random() < 0.2 and not made.is_meta else made


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(*map(int, sys.argv[2:]))
    else:
        results = main(*map(int, sys.argv[1:]))
        print("\n".join(results) or "nothing found")
        sys.exit(bool(results))
