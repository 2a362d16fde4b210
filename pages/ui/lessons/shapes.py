"""What the page of shapes is made of: the call and its flow, the table of its tensors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from html import escape

import streamlit as st

import pages.ui.process.threads  # noqa: F401
from pages.ui.channel import live
from pages.ui.channel.stages import stage
from pages.ui.components.chart import Picture
from pages.ui.session import state
from pages.ui.session.link import Look
from pages.ui.session.views import ShapesView
from pages.ui.widgets import choice, source
from pages.ui.widgets.controls import FIELDS
from pages.ui.words.i18n import Words, _, say
from rnn_core.analysis.calls import Call, layer_outputs, trace_call
from rnn_core.analysis.changes import Change, compare_calls
from rnn_core.config import Config
from rnn_core.data.vocab import visible
from rnn_core.figures.blocks import PARTS, Drawing, arrange
from rnn_core.figures.flow import axis_color, flow_drawing
from rnn_core.figures.space import flow_in_space
from rnn_core.records.tensors import TensorSpec
from rnn_core.sentence import ConfigError, ngettext
from rnn_core.shapes.specs import call_cost, tensor_specs
from rnn_core.training.experiment import Experiment
from rnn_core.training.export import to_shapes_script

DRAGGED = ("seq_len", "batch_size", "input_size", "hidden_size", "num_layers", "val_share")


@dataclass(frozen=True)
class Shown:
    """The experiment that was on the screen last, and the one before it."""

    last: Experiment
    before: Experiment | None = None


@dataclass(frozen=True)
class Seen:
    """A call, and the text that went into it, if it was text.

    Attributes:
        call: its tensors.
        characters: characters[n][t] went in as sequence n at step t; none for random input.
        targets: what should come out.
    """

    call: Call
    characters: list[list[str]]
    targets: list[list[str]]

    @property
    def config(self) -> Config:
        """The config with the sizes that the call had."""
        return self.call.config

    @property
    def specs(self) -> list[TensorSpec]:
        """All its tensors."""
        return tensor_specs(self.call.config, self.call.vocab_size)


def see(experiment: Experiment, view: ShapesView) -> Seen:
    """Call a network on its text, or on random numbers of the sizes that were asked for.

    Raises:
        ConfigError: if the call is too large.
    """
    if view.source == "random":
        return Seen(trace_call(experiment.wanted), [], [])
    config, dataset = experiment.config, experiment.dataset
    names = [visible(c) for c in dataset.characters]
    rows = []
    for windows in (dataset.input[: config.batch_size], dataset.target[: config.batch_size]):
        rows.append([[names[i] for i in row] for row in (windows.T if config.has_swapped_axes else windows)])
    return Seen(trace_call(experiment, source="text"), *rows)


def switches() -> None:
    """Draw what the page alone decides: flat or in space, text or random numbers."""
    with st.container(horizontal=True):
        choice.choose(ShapesView, "drawing", _("Drawing"), {"2d": "2-D", "3d": "3-D"})
        words = {"text": _("the text"), "random": _("random numbers")}
        choice.choose(ShapesView, "source", _("Input"), words)
        shown = {
            "fitting": _("what fits a screen"),
            "all": _("everything"),
            "layers": _("without weights"),
            "results": _("only input, output, h_n, c_n"),
        }
        choice.choose(ShapesView, "parts", _("Shown"), shown)


def data_flow() -> Seen | None:
    """Draw the data flow, which follows the sliders that change sizes, and return the call; None if it is too large."""
    live.show(flow, before=_before())
    st.caption(
        _(
            "Sizes along an axis are to scale. Orange is positive, blue negative; input, states, weights and logits "
            "each have a colour scale of their own. Point at a cell to see its full index, its value and what it is. "
            "Weights are drawn once: every time step of every sequence uses the same ones."
        )
    )
    with suppress(ConfigError):  # the flow has said it
        return see(state.look().experiment, state.view(ShapesView))
    return None


@stage("shapes.flow", DRAGGED)
def flow(look: Look, before: Experiment | None = None) -> Iterator[Picture]:
    """The call as blocks to scale, compared with the one before it: under the hand, with the one that is set."""
    view, _ = look.view(ShapesView), look.words
    seen = see(look.experiment, view)
    change, drawing = _change(seen, look.shown if look.hand else before, view), _arrange(seen, view)
    if view.drawing == "3d":
        figure = flow_in_space(drawing, translate=_)
    else:
        has_scores = drawing.parts != "results"
        loss = float(seen.call.tensors["loss"]) if has_scores else None
        texts = {"input": seen.characters[0]} if seen.characters else {}
        if seen.characters and has_scores:
            texts["target"] = seen.targets[0]
        changed = change.changed if change else ()
        figure = flow_drawing(drawing, **texts, loss=loss, changed=changed, translate=_)
    yield Picture("flow", figure, _flow_words(seen, _), _note(seen, change, drawing, _))


def _arrange(seen: Seen, view: ShapesView) -> Drawing:
    below = layer_outputs(seen.call)
    tensors = {**seen.call.tensors, **{spec.name: values for spec, values in below}}
    names = [spec.name for spec, _values in below]
    parts = next((known for known in PARTS if known == view.parts), None)
    return arrange([*seen.specs, *(spec for spec, _values in below[:-1])], tensors, names, parts=parts)


def _note(seen: Seen, change: Change | None, drawing: Drawing, _: Words) -> str:
    """Say what the parameters cost, what goes in, and what the last change did."""
    cost, config = call_cost(seen.config, seen.call.vocab_size), seen.config
    sizes = dict(zip(seen.specs[0].axes, seen.specs[0].shape, strict=True))
    words = [
        _(
            ngettext(
                "**{count}** parameters for the {length} time step, **{products}** multiply-adds in it.",
                "**{count}** parameters for all {length} time steps, **{products}** multiply-adds per time step.",
                sizes["L"],
            ),
            count=f"{cost.parameters:,}",
            length=sizes["L"],
            products=f"{cost.multiply_adds_per_t:,}",
        )
    ]
    if not seen.characters:
        words.append(_("Random numbers go in: a different batch from the one cut from your text."))
    if config.has_swapped_axes:
        words.append(
            _(
                "The data is laid out (N, L, …), but torch reads it as (L, N, …): to torch, L is **{length}** and N "
                "is **{batch}**.",
                length=sizes["L"],
                batch=sizes["N"],
            )
        )
    if change and change.fields:
        names = ", ".join(f"`{name}`" for name in change.changed[:4]) + (" …" if len(change.changed) > 4 else "")
        fields = ", ".join(_(FIELDS[field][0]) for field in change.fields)
        words.append(
            _("{fields} changed: new shapes for {names}.", fields=fields, names=names)
            if names
            else _("{fields} changed: every shape stays.", fields=fields)
        )
        words += map(_.say, change.reasons)
    if drawing.parts == "layers":
        words.append(_("Weights are folded away; the table below lists them."))
    if drawing.parts == "results":
        words.append(_("Layers and weights are folded away; the table below lists them."))
    if drawing.is_sample:
        words.append(_("Large tensors are to scale, but only a sample of their cells is drawn."))
    return " ".join(words)


def _flow_words(seen: Seen, _: Words) -> str:
    shapes = {spec.name: spec.shape for spec in seen.specs}
    return _(
        "Data flow of {cell}: input {input}, output {output}, h_n {h_n}, loss {loss:.3f} nats.",
        cell=f"nn.{seen.config.cell.upper()}",
        input=shapes["input"],
        output=shapes["output"],
        h_n=shapes["h_n"],
        loss=float(seen.call.tensors["loss"]),
    )


def _before() -> Experiment | None:
    """Return the experiment that was on the screen before this one, if any was."""
    now = state.look().experiment
    seen = state.kept(Shown) or state.keep(Shown(now))
    if seen.last.config != now.config:
        seen = state.keep(Shown(now, seen.last))
    return seen.before


def _change(seen: Seen, before: Experiment | None, view: ShapesView) -> Change | None:
    """Compare with a call before this one, if there was one."""
    if before is None:
        return None
    try:
        config, vocab_size = _sizes_of(before, view)
    except ConfigError:
        return None
    return compare_calls(config, seen.config, (vocab_size, seen.call.vocab_size))


def _sizes_of(experiment: Experiment, view: ShapesView) -> tuple[Config, int]:
    """Return the config that a call would have, and V, without calling anything."""
    if view.source == "random":
        return experiment.wanted, experiment.wanted.input_size
    return experiment.config, experiment.dataset.vocab_size


def table(seen: Seen | None) -> None:
    """List all tensors with axes, sizes, memory and meaning."""
    st.header(_("Every tensor of the call"))
    if seen is None:
        return  # said above
    cost = call_cost(seen.config, seen.call.vocab_size)
    change = _change(seen, _before(), state.view(ShapesView))
    st.markdown(
        _(
            "**{parameters}** parameters · **{per_step}** multiply-adds per time step of one sequence · "
            "**{products}** in the whole call · **{bytes}** bytes in all tensors",
            parameters=f"{cost.parameters:,}",
            per_step=f"{cost.multiply_adds_per_t:,}",
            products=f"{cost.multiply_adds:,}",
            bytes=f"{cost.bytes:,}",
        )
    )
    head = [_("tensor"), _("axes"), _("shape"), _("numbers"), _("bytes"), _("what it is")]
    rows = "".join(_table_row(spec, change) for spec in seen.specs)
    # HTML of our own words only: a browser takes longer to make it of Markdown.
    st.html(f'<table class="tensors"><tr><th>{"<th>".join(map(escape, head))}</tr>{rows}</table>')
    if not seen.characters and seen.config.head == "linear":
        st.caption(_("With random numbers there is no vocabulary: there are as many scores as features."))


def _table_row(spec: TensorSpec, change: Change | None) -> str:
    old = change.before.get(spec.name) if change else None
    shape = f"<b>{spec.shape}</b>" + (f" ● <s>{old}</s>" if old is not None and old != spec.shape else "")
    about = escape(say(spec.meaning))
    if len(spec.gates) > 1:
        gates = (f"<code>{gate.name}</code>&nbsp;{gate.start}–{gate.stop - 1}" for gate in spec.gates)
        about += " " + " · ".join(gates)
    axes = ", ".join(f'<b style="color: {axis_color(axis)}">{escape(axis)}</b>' for axis in spec.axes)
    cells = (f"<code>{spec.name}</code>", f"({axes})", shape, f"{spec.elements:,}", f"{spec.bytes:,}", about)
    return f"<tr><td>{'<td>'.join(cells)}</tr>"


def code() -> None:
    """Show the script that builds this network and prints these shapes, and the functions that made them."""
    with suppress(ConfigError):  # said above
        config, vocab_size = _sizes_of(state.look().experiment, state.view(ShapesView))
        source.show_code(
            lambda: to_shapes_script(config, vocab_size),
            [trace_call, tensor_specs, call_cost],
            caption=_("Plain PyTorch on random numbers: prints the name and the shape of every tensor of the table."),
        )
