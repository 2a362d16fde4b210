"""Whether a page can show an experiment, and the nearest that it can. No streamlit here."""

from __future__ import annotations

from pages.ui.session.link import view_of
from pages.ui.session.texts import Views
from pages.ui.session.views import RUN_PAGES, ShapesView, SweepView, first_axes
from rnn_core.sentence import ConfigError
from rnn_core.sweep.plan import Plan
from rnn_core.training.experiment import Experiment

MOST_REMEDIES = 6  # one after the other


def refusal(page: str, experiment: Experiment, views: Views) -> ConfigError | None:
    """Return why a page cannot show an experiment, if it cannot."""
    try:
        if page in RUN_PAGES:
            experiment.check()
        elif page == "shapes" and view_of(views, ShapesView).source == "random":
            Experiment(experiment.asked.replace(repeat=True)).check_size()  # of all that is asked for
        elif page in ("encoding", "shapes"):
            experiment.check_size()
        elif page == "sweep":
            swept = view_of(views, SweepView)
            Plan.of(experiment, swept.axes or first_axes(experiment), swept.seeds).check()
    except ConfigError as error:
        return error
    return None


def nearest(page: str, experiment: Experiment, views: Views) -> Experiment | None:
    """Return an experiment with the values that its refusal offers, and those of the next one, until there is none."""
    for _ in range(MOST_REMEDIES):
        found = refusal(page, experiment, views)
        if found is None:
            return experiment
        experiment = Experiment(experiment.asked.replace(**found.remedy))
    return None
