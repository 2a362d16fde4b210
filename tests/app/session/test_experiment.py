"""What a run of a page's script takes to know its experiment: it is found once, not by everybody who needs it."""

import json
import threading

import pytest

from pages.ui.channel.protocol import answer, message
from pages.ui.process import assets
from pages.ui.session.acting import ACTING
from pages.ui.work.engine import Engine
from rnn_core.config import Config
from tests.app.conftest import change, open_app, run_to_pause

MOST = 2
DETAILED = {
    "preset": "onehot-batch",
    "cell": "lstm",
    "encoding": "embedding",
    "input_size": "3",
    "hidden_size": "5",
    "learning_rate": "0.02",
    "earlier": "grad_clip:1:9",
    "steps": "20",
    "step": "4",
    "t": "1",
    "axes": "learning_rate:0.01:0.1:2,cell:rnn:gru",
    "seeds": "2",
    "lang": "ko",
}


@pytest.fixture
def built(monkeypatch):
    """Count the configs that are built, and with them validated."""
    found, build = [], Config.__init__

    def counted(config, /, **values):
        found.append(values)
        build(config, **values)

    monkeypatch.setattr(Config, "__init__", counted)
    return found


@pytest.fixture
def channel(monkeypatch):
    """Draw what browsers get, stages of the channel included."""
    served = threading.Event()
    served.set()
    monkeypatch.setattr(assets, "is_served", served)


def at_rest(at):
    """Return a page that has drawn all it has to, after a run that found nothing new."""
    if Engine in at.session_state["_session"].parts:
        run_to_pause(at)
    return at.run()


@pytest.mark.usefixtures("channel")
def test_a_warm_run_builds_hardly_any_config_nor_does_one_with_a_new_value(built, page):
    at = at_rest(open_app(page, **DETAILED))
    built.clear()
    at.run()
    assert not at.exception
    assert len(built) <= MOST, built
    if page not in ACTING or page == "dynamics":  # nothing of the experiment acts there
        return
    built.clear()
    change(at, "num_layers", 2)
    cells = len(at.session_state["_sweeper"].results.sweep.experiments) if page == "sweep" else 0  # each its own
    cells += cells // int(
        DETAILED["seeds"]
    )  # each combination is checked before the page is drawn, which may refuse it
    ghost = page in ("training", "trajectories")  # beside the new run stands the one before
    assert 0 < len(built) <= MOST + cells + ghost, built


@pytest.mark.parametrize(("stage", "name"), [("shapes.flow", "seq_len"), ("cell.after", "unit")])
def test_nor_does_a_question_over_the_channel(built, stage, name):
    asked = {"v": 1, "n": 1, "stage": stage, "query": DETAILED, "hand": [name, 3]}
    told = json.loads(answer(message(json.dumps(asked))))
    assert told["pictures"]
    assert len(built) <= MOST, built
