"""What holds for all tests: wrong axes raise, Plotly's unknown attributes raise, and no example has a time limit."""

import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as the app does, before torch is loaded

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
