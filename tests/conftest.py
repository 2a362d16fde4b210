"""What holds for all tests: wrong axes raise, Plotly's unknown attributes raise, and no example has a time limit."""

import gc
import os
from pathlib import Path

# As the app has it, and before numpy and torch are loaded.
os.environ |= {name: os.environ.get(name, "1") for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")}

from hypothesis import settings
from jaxtyping import install_import_hook

ROOT = Path(__file__).parents[1]
CHECKER = "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))"


def with_axes():
    """Return the modules that state axes; mypy sees to what all others state, and checking it again takes minutes."""
    for path in (ROOT / "rnn_core").rglob("*.py"):
        if "from jaxtyping import" in path.read_text(encoding="utf-8"):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


install_import_hook(list(with_axes()), CHECKER)  # before anything of the core is imported

from rnn_core.figures import theme  # noqa: E402

theme.VALIDATES = True  # an attribute that Plotly does not know raises
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


def pytest_collection_modifyitems(items):
    """Let what waits for processes of its own come first: nothing that takes long is to be left for the end."""
    items.sort(key=lambda item: item.path.parent != ROOT / "tests")


def pytest_collection_finish():
    """Let no search for garbage go through torch, Streamlit and all tests again and again."""
    gc.collect()
    gc.freeze()
