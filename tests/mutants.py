"""Sixty small faults in the core, each of which some test must find: `python -m tests.mutants`, by hand, some minutes.

A fault is one operator, sign, index or bound. It is put into a copy of the project, and the tests named beside it are
run there until the first that fails. The exit status says whether one survived that has no reason to.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIED = (
    "rnn_core",
    "pages",
    "tests",
    "bench",
    "streamlit_app.py",
    "pyproject.toml",
    "README.md",
    "docs",
    ".streamlit",
)


@dataclass(frozen=True)
class Mutant:
    """One fault.

    Attributes:
        path: the file, from the project's root.
        old: what stands there; once in the file.
        new: what the fault makes of it.
        tests: what should find it.
        why: the reason why it may survive, if it may: what it changes cannot be seen from outside.
    """

    path: str
    old: str
    new: str
    tests: str
    why: str = ""


M = Mutant
MUTANTS = (
    # One time step, by hand.
    M("rnn_core/cells/equations.py", 'v["f_t * c_prev"] + v["i_t * g_t"]', 'v["f_t * c_prev"] - v["i_t * g_t"]', "test_cells"),
    M("rnn_core/cells/equations.py", "if z_keeps else 1 - v", "if not z_keeps else 1 - v", "test_cells"),
    M("rnn_core/cells/equations.py", "_add_candidate(v, w, w.rows(2)", "_add_candidate(v, w, w.rows(1)", "test_cells"),
    M("rnn_core/cells/equations.py", "0.5 + 0.5 * np.tanh(0.5 * a)", "0.5 + 0.5 * np.tanh(a)", "test_cells"),
    M("rnn_core/cells/sequence.py", "line[0 if line[0].is_reverse else -1]", "line[-1]", "test_forward"),
    M("rnn_core/cells/sequence.py", "axis=1 - trace.text_axis", "axis=trace.text_axis", "test_forward"),
    M("rnn_core/cells/jacobians.py", '"f": v["c_prev"] * f * (1 - f)', '"f": v["c_prev"] * f * (1 + f)', "test_jacobians"),
    M("rnn_core/cells/jacobians.py", '{**gates, "n": to_n * r}', '{**gates, "n": to_n}', "test_jacobians"),
    M("rnn_core/cells/jacobians.py", 'values["a_t"] > 0', 'values["a_t"] < 0', "test_jacobians"),
    M("rnn_core/cells/jacobians.py", "h_c=through_c * f,", "h_c=through_c,", "test_jacobians test_gradients"),
    # Texts and windows.
    M("rnn_core/data/vocab.py", 'normalize("NFC", text)', 'normalize("NFD", text)', "test_vocab"),
    M("rnn_core/characters.py", "sorted(set(split_characters(text)))", "set(split_characters(text))", "test_vocab"),
    M("rnn_core/data/tasks.py", "return indices[:-1], indices[1:]", "return indices[:-1], indices[:-1]", "test_tasks"),
    M("rnn_core/config.py", "step < change.step", "step <= change.step", "test_config test_training"),
    M("rnn_core/config.py", "c.field != name or c.step <= step]", "c.field != name or c.step < step]", "test_config test_training"),
    M("rnn_core/config.py", "0 < change.step <=", "0 <= change.step <=", "test_config"),
    # Shapes and slices.
    M("rnn_core/shapes/specs.py", 'proj_size < config.hidden_size', 'proj_size <= config.hidden_size', "test_shapes"),
    M("rnn_core/shapes/specs.py", 'yield f"weight_ih_{name}", (rows, "H_in" if layer == 0', 'yield f"weight_ih_{name}", (rows, "H_in" if layer <= 1', "test_shapes"),
    M("rnn_core/shapes/specs.py", "i * H, (i + 1) * H", "i * H, i * H + 1", "test_shapes"),
    M("rnn_core/shapes/specs.py", "length, batch = batch, length", "length, batch = length, batch", "test_shapes"),
    M("rnn_core/shapes/slices.py", "0 if direction else -1", "-1", "test_slices"),
    M("rnn_core/shapes/slices.py", "row: Index = (direction - D,)", "row: Index = (direction,)", "test_slices"),
    # The network and its training.
    M("rnn_core/training/model.py", "a=math.sqrt(5)", "a=math.sqrt(3)", "test_model test_initialisation"),
    M("rnn_core/training/model.py", "1.0 / math.sqrt(linear.in_features)", "1.0 / math.sqrt(linear.out_features)", "test_model test_initialisation"),
    M("rnn_core/training/initialisation.py", "FORGET = 1 ", "FORGET = 2 ", "test_initialisation"),
    M("rnn_core/training/initialisation.py", "block.mul_(value / radius)", "block.mul_(value * radius)", "test_initialisation"),
    M("rnn_core/training/experiment.py", "if experiment is not config:", "if experiment is config:", "test_experiment test_shelf"),
    M("rnn_core/training/trainer.py", "max(first_loss, 1.0)", "min(first_loss, 1.0)", "test_training test_divergence"),
    M("rnn_core/training/trainer.py", "record.loss > EXPLOSION", "record.loss >= 10 * EXPLOSION", "test_training test_divergence"),
    M("rnn_core/training/trainer.py", "self.step % VALIDATE_EVERY", "(self.step + 1) % VALIDATE_EVERY", "test_training"),
    M("rnn_core/training/trainer.py", "self.step >= self.config.steps", "self.step > self.config.steps", "test_training"),
    M("rnn_core/training/trainer.py", "return total / held_out.size", "return total / len(held_out)", "test_training"),
    M("rnn_core/training/trainer.py", "if count <= size:", "if count < size:", "test_training"),
    M("rnn_core/training/history.py", "max(2, MAX_KEPT_BYTES", "max(20, MAX_KEPT_BYTES", "test_history"),
    M("rnn_core/training/history.py", "16 * len(record.predicted) + 500", "len(record.predicted) + 500", "test_history"),
    M("rnn_core/training/history.py", "if kept <= step", "if kept < step", "test_history"),
    M("rnn_core/training/budget.py", "3 * products * positions", "2 * products * positions", "test_budget"),
    M("rnn_core/training/budget.py", "min(config.seq_len, len(config.text))", "config.seq_len", "test_budget"),
    M("rnn_core/training/budget.py", "floats=4 * parameters", "floats=2 * parameters", "test_budget"),
    M("rnn_core/training/budget.py", "count > MAX_CELLS", "count >= MAX_CELLS", "test_budget test_grid"),
    M("rnn_core/training/generation.py", ".double() / temperature", ".double() * temperature", "test_generation"),
    M("rnn_core/training/generation.py", "if not 1 <= length <= MAX_LENGTH", "if not 1 <= length < MAX_LENGTH", "test_generation"),
    # What is read off a network.
    M("rnn_core/analysis/baselines.py", "(vocab_size - 1) * math.exp(-2)", "vocab_size * math.exp(-2)", "test_baselines"),
    M("rnn_core/analysis/spectra.py", "np.argsort(-np.abs(found)", "np.argsort(np.abs(found)", "test_spectra"),
    M("rnn_core/analysis/spectra.py", "total / max(1, len(jacobians))", "total / max(1, len(jacobians) - 1)", "test_spectra"),
    M("rnn_core/analysis/trajectories.py", "variance[: len(singular)] = singular**2", "variance[: len(singular)] = singular", "test_trajectories"),
    M("rnn_core/analysis/trajectories.py", "padded[:-2] | padded[2:]", "padded[:-2] | padded[1:-1]", "test_trajectories"),
    M("rnn_core/analysis/trajectories.py", "similarity = 1 + scaled", "similarity = 1 - scaled", "test_trajectories"),
    M("rnn_core/analysis/gradients.py", ".chunk(4)[-1]", ".chunk(4)[0]", "test_gradients"),
    M("rnn_core/analysis/gradients.py", "state = start if config.has_swapped_axes", "state = start if not config.has_swapped_axes", "test_gradients"),
    M("rnn_core/analysis/reach.py", "growth_rates(later)[0]", "growth_rates(later)[-1]", "test_reach"),
    M("rnn_core/analysis/plane.py", "origin + points @ self.axes", "points @ self.axes", "test_plane"),
    M("rnn_core/cells/edits.py", "i < n for i, n", "i <= n for i, n", "test_edits"),
    # Memory's tasks.
    M("rnn_core/memory/tasks.py", "bits.cumsum(1) % 2", "bits.cumsum(1) % 3", "test_memory_tasks"),
    M("rnn_core/memory/tasks.py", "(1 - (1 - TOLERANCE) ** 2)", "(1 - (1 - TOLERANCE))", "test_memory_tasks"),
    M("rnn_core/memory/tasks.py", "(left - depth) * (depth + 2)", "(left - depth) * (depth + 1)", "test_memory_tasks"),
    # Sweeps.
    M("rnn_core/sweep/plan.py", "and step > low)", "and step > 2 * low)", "test_plan"),
    M("rnn_core/sweep/plan.py", 'bounds("seed")[1] - count + 1', 'bounds("seed")[1] - count + 2', "test_plan"),
    M("rnn_core/sweep/recurrence.py", "zs[t + 1])", "zs[t])", "test_stacked_network test_population"),
    M("rnn_core/sweep/recurrence.py", "grad_c.mul_(f_t)", "grad_c.mul_(1.0)", "test_stacked_network test_population"),
    M("rnn_core/sweep/optimizers.py", "1 - rate * WEIGHT_DECAY", "1 + rate * WEIGHT_DECAY", "test_stacked_optimizers test_population"),
    M("rnn_core/sweep/population.py", "self._norms + 1e-6)).clamp_(max=1.0)", "self._norms + 1e-6)).clamp_(min=1.0)", "test_population"),
    M("rnn_core/sweep/batches.py", "self._start += self._size", "self._start += self._size + 1", "test_population"),
    M("rnn_core/sweep/grid.py", "losses[: record.step + 1, member]", "losses[: record.step, member]", "test_grid test_executors"),
    M("rnn_core/training/shelf.py", "1 <= len(losses) <= config.steps + 1", "1 <= len(losses) <= config.steps", "test_shelf"),
)  # fmt: skip


def passes(tests: Iterable[str], fault: Mutant | None = None) -> bool:
    """Tell whether tests all pass in a copy of the project, with a fault put into it if one is given."""
    with tempfile.TemporaryDirectory() as folder:
        for name in COPIED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
            copy(ROOT / name, Path(folder) / name)
        if fault:
            path = Path(folder) / fault.path
            path.write_text(path.read_text().replace(fault.old, fault.new))
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider"]
        named = [str(path) for name in tests for path in Path(folder, "tests", "core").rglob(f"{name}.py")]
        done = subprocess.run([*command, *named], cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            raise RuntimeError(f"the tests of {fault} did not run\n{done.stdout[-2000:]}")
        return done.returncode == 0


def main(wanted: list[str]) -> int:
    chosen = [mutant for mutant in MUTANTS if not wanted or any(word in mutant.path for word in wanted)]
    gone = [mutant for mutant in chosen if (ROOT / mutant.path).read_text().count(mutant.old) != 1]
    if gone:
        sys.exit("\n".join(f"{mutant.path}: «{mutant.old}» does not stand there once" for mutant in gone))
    if not passes(sorted({name for mutant in chosen for name in mutant.tests.split()})):
        sys.exit("some of these tests fail without a fault too")
    survivors = []
    for mutant in chosen:
        lives = passes(mutant.tests.split(), mutant)
        print(
            f"{'SURVIVES' if lives else 'found   '} {mutant.path}: «{mutant.old}» -> «{mutant.new}» {mutant.why}",
            flush=True,
        )
        survivors += [mutant] if lives else []
    print(f"{len(chosen)} faults, {len(survivors)} survive")
    return int(any(not mutant.why for mutant in survivors))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
