"""What the page of memory is made of: a task, three cells trained side by side on it, and where each breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui.channel import live
from pages.ui.channel.stages import Picture as AnyPicture
from pages.ui.channel.stages import stage
from pages.ui.components.chart import Picture
from pages.ui.components.status import Status
from pages.ui.session import state
from pages.ui.session.link import Look
from pages.ui.session.views import USUAL, MemoryView
from pages.ui.widgets import choice, said, source
from pages.ui.widgets.halting import stop_or_go_on
from pages.ui.words.i18n import Words, _, mark, say
from pages.ui.work.comparer import Comparer
from pages.ui.work.sweeper import MAX_AT_ONCE
from rnn_core.figures.memory import Spread, accuracy_by_lag, learning_by_cell
from rnn_core.memory.comparison import breaks_at, largest_difference, train_comparison
from rnn_core.memory.examples import spell_example
from rnn_core.memory.plan import CELLS, MAX_LAGS, Comparison
from rnn_core.memory.tasks import MEMORY_TASKS
from rnn_core.sentence import ConfigError

HALF = 52  # letters of an example that half the page's width has room for
LAGS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50, 70, 100)
TASKS = {
    "echo": (
        mark("Echo: what came in so many time steps ago?"),
        mark("Letters come in, one per time step; at the end the network has to say the first one."),
    ),
    "copy": (
        mark("Copy after a delay"),
        mark("Three letters, then silence, then a signal: now the letters have to be repeated in order."),
    ),
    "adding": (
        mark("Adding problem"),
        mark("Two of many numbers are marked; at the end their sum is asked for, to within 0.04."),
    ),
    "parity": (
        mark("Parity"),
        mark("Has the number of ones been odd so far? One bit to keep, but every time step may flip it."),
    ),
    "flipflop": (
        mark("Flip-flop"),
        mark("Each channel keeps the last sign that it was sent, through a long silence."),
    ),
    "brackets": (
        mark("Matching brackets"),
        mark("Which kind of bracket has to be closed next? All that was opened since is closed again."),
    ),
}


def controls() -> Comparison | None:
    """Let the viewer choose what is compared; return it, or None, said why, if it cannot be trained."""
    tasks = {name: _(title) for name, (title, _words) in TASKS.items()}
    left, right = st.columns([2, 3])
    with left:
        choice.choose(MemoryView, "memory_task", _("Task"), tasks)
    with right:
        lags = _lags()
    task = state.view(MemoryView).memory_task
    low, high = MEMORY_TASKS[task].widths
    with st.container(key="memory_sliders"):
        columns = st.columns(4)
    with columns[0]:
        usual = min(max(low, USUAL.width if task in ("echo", "copy") else 2), high)
        letters = {"letter": range(low, high + 1)}
        width = choice.number(MemoryView, "alphabet", _("Alphabet or channels"), letters, usual=usual)
    labels = {"memory_units": _("Hidden size H_out"), "networks": _("Seeds"), "updates": _("Updates at most")}
    for column, (field, label) in zip(columns[1:], labels.items(), strict=True):
        with column:
            choice.number(MemoryView, field, label)
    view = state.view(MemoryView)
    try:
        asked = Comparison(
            task=task,
            width=width,
            lags=lags,
            hidden_size=view.memory_units,
            sizes=view.equal,
            seeds=view.networks,
            start=view.gates,
            steps=view.updates,
        )
    except ConfigError as error:
        st.error(say(error.sentence), icon=":material/block:")
        return None
    return asked


def show(comparison: Comparison) -> None:
    """Draw the comparison; while it is trained, its pictures follow."""
    comparer = _comparer(comparison)
    left, right = st.columns(2)
    status = _buttons(comparer)
    _fairness()
    _example(comparison)
    places = {"memory_status": status, "memory_lags": left, "memory_learning": right}
    live.show(course, comparer, plays=True, places=places)
    _table(comparer)
    state.write_address("memory")


def _fairness() -> None:
    """Let the viewer choose what the three cells have in common."""
    with st.container(horizontal=True):
        choice.choose(
            MemoryView, "equal", _("Equal for all cells"), {"units": _("hidden size"), "parameters": _("parameters")}
        )
        choice.choose(
            MemoryView,
            "gates",
            _("Initial gates"),
            {"chrono": _("set for the lag"), "default": _("PyTorch's draw")},
            help_text=_(
                "Biases of the forget gate (LSTM) and of z (GRU) such that, before any training, each unit "
                "keeps its state for about 1 to “lag” time steps (Tallec and Ollivier 2018). The LSTM's "
                "input gate starts as far closed as its forget gate is open. A plain RNN has no gates."
            ),
        )


def _comparer(comparison: Comparison) -> Comparer:
    """Return what trains a comparison in this session, in the place of what trained another."""
    comparer = state.kept(Comparer)
    if comparer is None or comparer.run.comparison != comparison:
        if comparer is not None:
            comparer.stop()
        comparer = Comparer(comparison)
        comparer.slice()  # the first picture is worth the fraction of a second
        state.keep(comparer)
    return comparer


def _lags() -> tuple[int, ...]:
    """Let the viewer choose lags of a list, to which the link may have added others."""
    now = list(state.view(MemoryView).lags)
    if st.session_state.get("lags_picked") != now:
        st.session_state["lags_picked"] = now
    st.pills(
        _("Lags: for how many time steps something has to be kept"),
        sorted({*LAGS, *now}),
        selection_mode="multi",
        default=now,
        key="lags_picked",
        on_change=_take_lags,
        args=({*LAGS, *now},),
    )
    return tuple(now)


def _take_lags(lags: Iterable[int]) -> None:
    picked = sorted(said.some_of("lags_picked", lags) or ())[:MAX_LAGS]
    if picked:
        state.note(MemoryView, lags=tuple(picked))


def _example(comparison: Comparison) -> None:
    """Say what the task is, with a sequence of it."""
    lag = min(comparison.lags, key=lambda lag: abs(lag - 5))
    example = spell_example(comparison.config("rnn", lag))
    words = _(TASKS[comparison.task][1]) + " " + _("For example, with a lag of {lag}:", lag=lag)
    lines = (
        f"{example.input}    ← " + _("input"),
        f"{example.wanted.ljust(len(example.input))}    ← " + _("target"),
    )
    # Side by side, where there is room, so that the curves begin further up.
    about, shown = st.columns(2) if max(map(len, lines)) <= HALF else (st.container(), st.container())
    about.caption(words)
    shown.code("\n".join(lines), language=None)


@stage("memory.course", of=Comparer)
def course(look: Look, comparer: Comparer) -> list[AnyPicture]:
    """How far the comparison is, where each cell breaks, and how they learn."""
    _ = look.words
    with comparer.still:
        comparison, outcomes = comparer.run.comparison, comparer.run.outcomes
        spreads = []
        for cell in CELLS:
            lags = [lag for lag in comparison.lags if (cell, lag) in outcomes]
            accuracy = np.array([outcomes[cell, lag].accuracy for lag in lags]).reshape(-1, comparison.seeds)
            spreads.append(Spread(cell, lags, accuracy))
        figure = accuracy_by_lag(spreads, comparison.lags, comparison.chances, translate=_)
        words = " ".join(_verdict(comparer, cell, _) for cell in CELLS)
        pictures: list[AnyPicture] = [Picture("memory_lags", figure, words, words), _learning(look, comparer)]
        return [_progress(look, comparer), *pictures] if comparer.is_playing or comparer.is_stopped else pictures


def _learning(look: Look, comparer: Comparer) -> Picture:
    """Picture how the cells learn at one lag: the one that is being trained, or the one that the viewer chose."""
    _, comparison, lag = look.words, comparer.run.comparison, _learnt_lag(look, comparer)
    curves = comparer.run.curves(lag)
    figure = learning_by_cell(
        [Spread(cell, found.steps, found.accuracy) for cell, found in curves.items()],
        [Spread(cell, found.steps, found.loss) for cell, found in curves.items()],
        last_step=max(comparison.steps, 1),
        chance=comparison.chances[comparison.lags.index(lag)],
        translate=_,
    )
    words = _(
        "How they learn at a lag of **{lag}**: every thin line is a network, the thick one their median.", lag=lag
    )
    return Picture("memory_learning", figure, words, words)


def _learnt_lag(look: Look, comparer: Comparer) -> int:
    """Return the lag whose curves are shown: while training the present one, else the chosen, else the longest."""
    lags = comparer.run.comparison.lags
    if comparer.run.lanes:
        return next(iter(comparer.run.lanes))[1]
    asked = look.view(MemoryView).learnt
    return asked if asked in lags else lags[-1]


def _verdict(comparer: Comparer, cell: str, _: Words) -> str:
    """Say where a cell breaks."""
    comparison, outcomes = comparer.run.comparison, comparer.run.outcomes
    trained = [lag for lag in comparison.lags if (cell, lag) in outcomes]
    if not trained:
        return _("**{cell}**: not trained yet.", cell=cell)
    lag = breaks_at(outcomes, comparison, cell)
    if lag is None:
        last = outcomes[cell, trained[-1]]
        return _(
            "**{cell}** holds up to a lag of {lag} (median accuracy {median:.0%}).",
            cell=cell,
            lag=trained[-1],
            median=last.median,
        )
    return _(
        "**{cell}** breaks at a lag of {lag} (median accuracy {median:.0%}).",
        cell=cell,
        lag=lag,
        median=outcomes[cell, lag].median,
    )


def _buttons(comparer: Comparer) -> DeltaGenerator:
    """Let the viewer stop it, or train once more what is known; return where it says how far it is."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = st.container()
        if not stop_or_go_on(comparer, "memory"):
            st.button(
                _("Run it again live"),
                on_click=_again,
                args=(comparer.run.comparison,),
                icon=":material/replay:",
                key="again_memory",
            )
            st.markdown(_outcome(comparer))
    return place


def _progress(look: Look, comparer: Comparer) -> Status:
    _, share = look.words, min(comparer.share, 1.0)
    if comparer.is_stopped:
        return Status("memory_status", share, _("stopped"))
    if comparer.waiting:
        words = _(
            "{count} ahead of you: this server trains {most} comparisons at a time",
            count=comparer.waiting,
            most=MAX_AT_ONCE,
        )
        return Status("memory_status", share, words)
    steps = [lane.population.step for lane in comparer.run.lanes.values()]
    words = _("lag {lag}, update {step}", lag=_learnt_lag(look, comparer), step=max(steps, default=0))
    if comparer.seconds_left:
        words += " · " + _("at most {left:.0f} s left", left=max(1.0, comparer.seconds_left))
    return Status("memory_status", share, words)


def _outcome(comparer: Comparer) -> str:
    """Say where the numbers come from, and whether they have come out again."""
    if comparer.known is not None:
        comparison, outcomes, known = comparer.run.comparison, comparer.run.outcomes, comparer.known
        gap = largest_difference(outcomes, known)
        if gap == 0:
            return _("Trained again just now: every network has exactly the accuracy that it had before.")
        words = _("Trained again just now: the accuracies of single networks differ by at most {gap:.1%}.", gap=gap)
        words += " " + _("Another processor rounds differently, and hundreds of updates amplify that.")
        if all(breaks_at(outcomes, comparison, cell) == breaks_at(known, comparison, cell) for cell in CELLS):
            words += " " + _("Every cell holds and breaks at the same lags as before.")
        return words
    seconds = sum(outcome.seconds for outcome in comparer.run.outcomes.values())
    return _("Trained before, in {seconds:.0f} s of computing on one core.", seconds=seconds)


def _again(comparison: Comparison) -> None:
    state.keep(Comparer(comparison, is_again=True))


def _table(comparer: Comparer) -> None:
    """Draw sizes, times and accuracies, and let the viewer choose whose curves are shown."""
    comparison, outcomes = comparer.run.comparison, comparer.run.outcomes
    options = {lag: str(lag) for lag in (comparison.lags[-1], *comparison.lags[:-1])}
    if not comparer.is_playing and len(options) > 1:
        choice.choose(MemoryView, "learnt", _("Show how they learn at a lag of"), options, is_list=True)
    head = [_("cell"), _("hidden size"), _("parameters"), _("time")]
    head += [_("lag {lag}", lag=lag) for lag in comparison.lags]
    rows: list[Sequence[str]] = [head, ["---"] * len(head)]
    for cell in CELLS:
        configs = [comparison.config(cell, lag) for lag in comparison.lags]
        seconds = sum(outcome.seconds for key, outcome in outcomes.items() if key[0] == cell)
        numbers = [str(configs[0].hidden_size), f"{configs[0].parameters:,}"]
        numbers += [_("{seconds:.1f} s", seconds=seconds) if seconds else "–"]
        rows.append([f"**{cell}**", *numbers, *(_spread(comparer, cell, lag) for lag in comparison.lags)])
    rows.append(["*" + _("chance") + "*", "", "", "", *(f"{chance:.1%}" for chance in comparison.chances)])
    st.markdown("\n".join("| " + " | ".join(row) + " |" for row in rows))
    st.caption(
        _(
            "Accuracy at each lag: the median over the seeds, in brackets the worst and the best, each "
            "on {tested} sequences that the network has never seen. 100% is possible: the answer follows "
            "from the input. Time is that of one core for all seeds and lags together.",
            tested=_tested(),
        )
    )


def _spread(comparer: Comparer, cell: str, lag: int) -> str:
    outcome = comparer.run.outcomes.get((cell, lag))
    if outcome is None:
        return "–"
    worst, best = 100 * min(outcome.accuracy), 100 * max(outcome.accuracy)
    return f"**{outcome.median:.0%}** ({worst:.0f}–\u2060{best:.0f})"  # the joiner keeps it on one line


def _tested() -> int:
    from rnn_core.memory.population import TESTED

    return TESTED


def code(comparison: Comparison) -> None:
    """Show how to train the same comparison without the app, and the functions that did it."""
    from rnn_core.memory.population import MemoryPopulation

    functions: list[Callable[..., object] | type] = [type(MEMORY_TASKS[comparison.task]), MemoryPopulation]
    source.show_code(
        lambda: script(comparison),
        [*functions, train_comparison],
        caption=_("The same comparison with the core alone; the numbers are those of the table."),
    )


def script(comparison: Comparison) -> str:
    """Write a script that trains a comparison with the core alone."""
    usual = USUAL.values
    fields = ", ".join(f"{name}={value!r}" for name, value in comparison.values.items() if value != usual[name])
    return "\n".join(
        (
            "import torch",
            "",
            "from rnn_core.memory.comparison import train_comparison",
            "from rnn_core.memory.plan import Comparison",
            "",
            "torch.set_num_threads(1)  # as the app does",
            f"run = train_comparison(Comparison({fields}))",
            "for (cell, lag), outcome in run.outcomes.items():",
            "    print(cell, lag, outcome.accuracy)",
            "",
        )
    )
