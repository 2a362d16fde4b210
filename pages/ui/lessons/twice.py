"""Numbers that are there twice, as a slice of `output` and a row of `h_n`, and a batch that is read in two ways."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.ui.components import chart
from pages.ui.lessons.shapes import Seen, see
from pages.ui.session import state
from pages.ui.session.views import ShapesView
from pages.ui.widgets import said
from pages.ui.words.i18n import _, plain, say
from rnn_core.analysis.calls import Call
from rnn_core.figures.flow import colored_shape
from rnn_core.figures.states import layers_by_time, two_readings
from rnn_core.sentence import ConfigError
from rnn_core.shapes.slices import state_row
from rnn_core.training.experiment import Experiment

LISTED = 6  # numbers of a vector that are written out


def same_numbers(seen: Seen | None) -> None:
    """Show the states of all layers over time, and which slice of `output` is which row of `h_n`."""
    st.header(_("The same numbers twice"))
    if seen is None:
        return  # said above
    call = seen.call
    directions, count = call.config.num_directions, len(call.tensors["h_n"])
    row = _chosen_row(call)
    st.segmented_control(
        _("A row of h_n"),
        list(range(count)),
        format_func=lambda place: f"h_n[{place}]",
        default=row,
        required=True,
        key="shapes_row",
        on_change=_choose_row,
        args=(count,),
    )
    hidden = call.hidden[:, :, :, 0] if call.config.batched else call.hidden
    figure = layers_by_time(hidden, chosen=row, translate=_)
    note = _equal(call, row) if row >= count - directions else _not_in_output(call, row)
    alt = _("Hidden states. Rows: {count}; time steps: {length}.", count=count, length=hidden.shape[2])
    chart.show(figure, key="grid", alt=alt, note=note, events="click")
    st.caption(
        _(
            "Layers upwards, time to the right. `output` is the top layer at every time step, `h_n` "
            "every layer after its last one: where both frames meet are the same numbers."
        )
    )
    st.code(_written_out(call, row), language="python")


def _chosen_row(call: Call) -> int:
    """Return the row of h_n that is chosen, in the chart or by name; the top layer's forward one at first."""
    count = len(call.tensors["h_n"])
    with chart.pointed("grid") as point:
        if point and point.kind == "click" and 0 <= point.trace < count:
            state.note(ShapesView, row=point.trace)
    if point:
        state.write_address("shapes")
    row = state.view(ShapesView, {"row": range(count)}).row
    row = state_row(call.config, call.config.num_layers - 1) if row is None else row
    st.session_state["shapes_row"] = row
    return row


def _choose_row(count: int) -> None:
    row = said.one_of("shapes_row", range(count))
    if row is not None:
        state.note(ShapesView, row=row)


def _equal(call: Call, row: int) -> str:
    measured = call.slices[row % call.config.num_directions]
    words = _(
        "`{state}` and `{output}` hold the same numbers: the largest difference is **{difference:g}**.",
        state=measured.slices.h_n_text,
        output=measured.slices.output_text,
        difference=measured.difference,
    )
    return f"{words} {say(measured.slices.meaning)}"


def _not_in_output(call: Call, row: int) -> str:
    """Say that a lower layer's state is not in output, and how far the nearest numbers are."""
    size = call.hidden.shape[-1]
    wanted = call.tensors["h_n"][row]
    top = call.hidden[-1]  # (D, L, *N, H_out)
    nearest = np.abs(top - wanted).reshape(*top.shape[:2], -1).max(axis=-1).min()
    return _(
        "`h_n[{row}]` is layer {layer}: `output` holds the top layer alone. Of all its {size}-unit states even the "
        "nearest differs by **{nearest:.3f}**.",
        row=row,
        layer=row // call.config.num_directions,
        size=size,
        nearest=float(nearest),
    )


def _written_out(call: Call, row: int) -> str:
    """Write the first numbers of both slices, as they are for the first sequence."""
    lines = [(f"h_n[{row}]", call.tensors["h_n"][row])]
    if row >= len(call.tensors["h_n"]) - call.config.num_directions:
        pair = call.slices[row % call.config.num_directions].slices
        lines.append((pair.output_text, call.tensors["output"][pair.output_index]))
    wide = max(len(name) for name, _values in lines)
    written = []
    for name, values in lines:
        first = values[0] if call.config.batched else values
        numbers = ", ".join(f"{value:8.4f}" for value in first[:LISTED])
        more = f", …  # {len(first)}" if len(first) > LISTED else ""
        written.append(f"{name:{wide}}  {'[0] ' if call.config.batched else ''}[{numbers}{more}]")
    return "\n".join(written)


def readings() -> None:
    """Show what batch_first is about: one batch, read with time along its first axis and along its second."""
    st.header(_("One batch, read in two ways"))
    st.markdown(
        _(
            "The lesson hands a (3, 5, 4) batch, three words of five characters, to `nn.RNN(4, 2)`. "
            "Which axis is the batch? No error message will tell you."
        )
    )
    if state.view(ShapesView).readings == "both":
        label = _("Close the comparison")
        st.button(label, on_click=_read, args=("one",), icon=":material/close:", key="close_readings")
        _draw_readings()
    else:
        label = _("Compare both readings of the lesson's batch")
        st.button(label, on_click=_read, args=("both",), icon=":material/compare_arrows:", key="open_readings")


def _read(readings: str) -> None:
    if readings == "both":
        state.open_preset("onehot-batch")
    state.note(ShapesView, readings=readings)


def _draw_readings() -> None:
    config = state.look().experiment.asked
    if not config.batched:
        st.info(_("Without a batch axis there is only one order."))
        return
    try:
        view = state.view(ShapesView)
        as_written = see(Experiment(config.model_copy(update={"batch_first": False, "layout": "batch_major"})), view)
        as_meant = see(Experiment(config.model_copy(update={"batch_first": True})), view)
    except ConfigError:
        return  # said above
    both = (as_written, as_meant)
    outputs = [seen.call.tensors["output"] for seen in both]
    rows, columns = outputs[1].shape[:2]
    characters = as_meant.characters or [["·"] * columns] * rows
    figure = two_readings(outputs, [_heading(seen) for seen in both], characters, translate=_)
    shapes = [{spec.name: spec.shape for spec in seen.specs} for seen in both]
    note = _(
        "Both times `output` is **{output}**. Without batch_first torch takes {rows} time steps of "
        "{columns} sequences, and `h_n` is **{written}**; with it, {columns} time steps of {rows} "
        "sequences, and `h_n` is **{meant}**: one state for each sequence that torch sees, where its "
        "arrow ends.",
        output=plain(shapes[0]["output"]),
        rows=rows,
        columns=columns,
        written=plain(shapes[0]["h_n"]),
        meant=plain(shapes[1]["h_n"]),
    )
    alt = _(
        "The same batch read twice: h_n is {written} without batch_first and {meant} with it.",
        written=shapes[0]["h_n"],
        meant=shapes[1]["h_n"],
    )
    chart.show(figure, key="readings", alt=alt, note=note)


def _heading(seen: Seen) -> list[str]:
    specs = {spec.name: spec for spec in seen.specs}
    words = [f"{name} {colored_shape(specs[name].axes, specs[name].shape)}" for name in ("output", "h_n")]
    return [f"<b>batch_first={seen.config.batch_first}</b>", *words]
