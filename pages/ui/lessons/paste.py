"""What the page of pasted code is made of. The code is read, never run, and reaches the screen as plain text only."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.ui.components import host
from pages.ui.process import assets
from pages.ui.session import cache, state
from pages.ui.session.views import PasteView
from pages.ui.widgets import said, source
from pages.ui.words.i18n import MAX_SHOWN, _, mark, plain, say, told
from rnn_core.figures.theme import AXIS_COLORS
from rnn_core.reading import Finding, NamedShape, Reading, replace_line
from rnn_core.reading.axes import meaning
from rnn_core.reading.examples import EXAMPLES
from rnn_core.reading.paste import MAX_CHARACTERS, Refused, decoded, notebook_code
from rnn_core.sentence import ngettext

MAX_KEPT = 2 * MAX_CHARACTERS  # of a text that is too long to be read
MAX_MESSAGE = 600
LABELS = {
    "batch-first": mark("batch_first forgotten"),
    "right": mark("all right"),
    "state": mark("one state for an LSTM"),
    "two-directions": mark("two directions"),
    "view": mark("view instead of transpose"),
    "padding": mark("padding"),
    "not-understood": mark("only partly understood"),
}
# how it is marked beside the line, and what is written above what is said of it
VERDICTS = {
    "ok": ("", ""),
    "unknown": ("·", mark("Not analysed: no verdict")),
    "doubtful": ("?", mark("It runs, and probably does not do what was meant")),
    "raises": ("✕", mark("Python stops here")),
}
WORDS = {  # what a word for an axis means, where it is not the batch or the steps
    **dict.fromkeys(("C", "classes", "vocab", "vocab_size", "num_classes"), "V"),
    **dict.fromkeys(("feature", "features", "input", "input_size", "embedding_dim"), "H_in"),
    **dict.fromkeys(("hidden", "hidden_size"), "H_out"),
    **dict.fromkeys(("layers", "num_layers"), "D*num_layers"),
}
_LISTING = host.component("listing", '<div class="listing" role="region"></div>')


def mend() -> None:
    """Put in the corrected line whose button was pressed. Anybody can send anything: only what is offered counts."""
    with state.hear("listing") as message:
        place, text = message.get("value") if message else None, _text()
        findings = cache.reading(text).findings
        if type(place) is not int or not 0 <= place < len(findings):
            return
        found = findings[place]
        if found.corrected is None or found.corrected_number is None:
            return
        _put(replace_line(text, found.corrected_number, found.corrected))
    state.write_address("paste")


def choose_example() -> None:
    """Draw the examples to choose from; none is chosen once the text is the viewer's own."""
    view = state.view(PasteView)
    chosen = view.example if view.code is None else None
    if st.session_state.get("example") != chosen:
        st.session_state["example"] = chosen
    labels = {name: _(label) for name, label in LABELS.items()}
    st.pills(
        _("Examples"),
        list(labels),
        format_func=labels.__getitem__,
        default=chosen,
        key="example",
        on_change=_open_example,
    )


def text_box() -> str:
    """Draw the text area and return what is in it."""
    text = _text()
    state.show("code_box", text)
    st.text_area(_("Your code"), text, height=332, key="code_box", on_change=_typed)
    return text


def drop() -> None:
    """Draw where a notebook or a file can be dropped; its code goes into the text area."""
    size = st.get_option("server.maxUploadSize")  # which the server holds to as well
    label = _("Or drop a notebook (.ipynb) or a file (.py) of up to {size} MB here", size=size)
    st.file_uploader(label, type=["ipynb", "py"], key="dropped", on_change=_dropped)


def _dropped() -> None:
    file = st.session_state.get("dropped")
    data = file.getvalue() if file is not None else b""
    if not data:
        return
    text = decoded(data)
    with contextlib.suppress(Refused):  # a damaged notebook is shown as it is, with what the reader says of it
        text = notebook_code(text) or text
    _put(text[:MAX_KEPT])
    state.write_address("paste")


def read(code: str) -> Reading:
    """Read the code; the same for everybody."""
    return cache.reading(code)


def verdict(code: str, reading: Reading) -> None:
    """Say in one sentence what would become of the code."""
    said = [finding.verdict for line in reading.lines if line.is_reached for finding in line.findings]
    counts = {kind: said.count(kind) for kind in ("doubtful", "unknown")}
    stop = next((f for f in reading.findings if f.verdict == "raises" and f.number == reading.stops_at), None)
    if reading.problem is not None:
        cut = _("No more than the first {count} characters stay in the box.", count=MAX_KEPT)
        st.error(f"{say(reading.problem)} {cut if len(code) == MAX_KEPT else ''}".rstrip(), icon=":material/block:")
    elif not reading.lines:
        st.info(_("There is no code here yet. Paste some, or choose an example."), icon=":material/content_paste:")
    elif reading.stops_at is not None:
        words = _("**Python stops at line {number}**: {error}.", number=reading.stops_at, error=plain(_error(stop)))
        st.error(f"{words} {_also(counts)}", icon=":material/error:")
    elif counts["doubtful"]:
        st.warning(_("**No error is raised.** {also}", also=_also(counts)), icon=":material/warning:")
    elif counts["unknown"]:
        st.info(
            _("**Nothing wrong in the parts that could be analysed.** {also}", also=_also(counts)),
            icon=":material/help:",
        )
    else:
        words = _(
            ngettext(
                "**This runs to its end**, and nothing in it looks doubtful: {count} line.",
                "**This runs to its end**, and nothing in it looks doubtful: {count} lines.",
                len(reading.lines),
            ),
            count=len(reading.lines),
        )
        st.success(words, icon=":material/check_circle:")
    if reading.given:
        names = ", ".join(f"`{name}`" for name in reading.given)
        words = _(
            "{names}: used but not imported in this code. It is read as if the imports stood above it; run alone, it "
            "would stop with a NameError.",
            names=names,
        )
        st.caption(words)


def _error(stop: Finding | None) -> str:
    return stop.error if stop and stop.error else "Exception"


def _also(counts: Mapping[str, int]) -> str:
    words = {
        "doubtful": _("Doubts about what was meant: {count}.", count=counts["doubtful"]),
        "unknown": _("Not understood: {count}.", count=counts["unknown"]),
    }
    return " ".join(words[kind] for kind, count in counts.items() if count)


def listing(code: str, reading: Reading) -> None:
    """Draw the code line by line with what is known after each."""
    if reading.problem is not None or not reading.lines:
        return
    rows = _rows(code, reading)
    if "listing" in state.session().plain:
        _write_plainly(rows)
    else:
        label = _("The code with the shapes after every line")
        data = {"module": assets.address("listing"), "rows": json.dumps(rows), "label": label}
        host.mount(_LISTING, "listing", {**data, "heard": state.heard("listing")}, plain="listing")
    st.caption(
        _(
            "To the right of each line: what every name holds after it. Each axis has its size, its name and its "
            "colour: {axes}. Unlabelled axes could not be identified. Faded lines are never reached.",
            axes=", ".join(_colored(name) for name in ("N", "L", "H_in", "H_out", "D*num_layers", "V")),
        )
    )


def _write_plainly(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        held = [
            f"{name['name']}: {name.get('text') or [axis['size'] for axis in name['axes']]}" for name in row["names"]
        ]
        found = [f"{found['sentence']} {found['message']}" for found in row["findings"]]
        code = f"{row['number']:>3} {row['mark']:1} {row['source']}"
        st.code("\n      ".join([code, *held, *row["printed"], *found]), language=None)


def code(code: str) -> None:
    """Show how to read code without the app."""
    from rnn_core.interpreter import core
    from rnn_core.reading import read_code, reader

    source.show_code(
        lambda: _script(code),
        [read_code, reader.Reader.run, reader.Reader.statement, core.Machine.foreign],
        caption=_(
            "The same reading without the app. The code is not run: an interpreter follows it and lets torch compute "
            "on small tensors of its own."
        ),
    )


def _script(code: str) -> str:
    return (
        f"from rnn_core.reading import read_code\n\nreading = read_code({code!r})\nfor line in reading.lines:\n"
        "    print(line.number, line.verdict, {name.name: name.text for name in line.names})\n"
        "    for finding in line.findings:\n        print('   ', finding.sentence, finding.message or '')\n"
    )


def _text() -> str:
    view = state.view(PasteView)
    return EXAMPLES[view.example] if view.code is None else view.code


def _put(text: str) -> None:
    """Make a text the one on the screen; an example goes into the link by its name."""
    name = next((name for name, code in EXAMPLES.items() if code == text), None)
    state.show_view(PasteView(code=text[:MAX_KEPT]) if name is None else PasteView(example=name))


def _typed() -> None:
    text = said.text("code_box")
    if text is not None:
        _put(text)


def _open_example() -> None:
    name = said.one_of("example", EXAMPLES)
    if name is not None:
        _put(EXAMPLES[name])


def _rows(code: str, reading: Reading) -> list[dict[str, Any]]:
    """Describe every line of the text: what the statement that ends there makes, and what is said of it."""
    lines = re.split(r"\r\n|\r|\n", code.rstrip())
    rows = [_row(number, line) for number, line in enumerate(lines, 1)]
    place = 0
    for line in reading.lines:
        last = rows[min(line.end, len(rows)) - 1]
        last["names"] += [_name(shape) for shape in line.names]
        last["printed"] += [f"▸ {_visible(text)}" for text in line.printed]
        for row in rows[line.number - 1 : line.end]:
            row["reached"] = line.is_reached
        for found in line.findings:
            row = rows[min(found.number, len(rows)) - 1]
            row["findings"].append(_finding(found, place))
            row["verdict"] = max(row["verdict"], found.verdict, key=list(VERDICTS).index)
            row["mark"] = VERDICTS[row["verdict"]][0]
            place += 1
    return rows


def _row(number: int, line: str) -> dict[str, Any]:
    content: dict[str, Any] = {"number": number, "source": _visible(line, MAX_CHARACTERS), "verdict": "ok", "mark": ""}
    return {**content, "reached": True, "names": [], "printed": [], "findings": []}


def _name(shape: NamedShape) -> dict[str, Any]:
    if shape.shape is None:
        known = {"unknown": _("unknown"), "a number": _("a number"), "a text": _("a text")}
        return {"name": _visible(shape.name), "text": known.get(shape.text) or _visible(shape.text, MAX_SHOWN)}
    if not shape.shape:
        return {"name": _visible(shape.name), "text": _("() a single number"), "dtype": shape.dtype}
    words = shape.axes or ("",) * len(shape.shape)
    axes = [
        {"size": size, "word": _visible(word), "color": axis_color(word)}
        for size, word in zip(shape.shape, words, strict=True)
    ]
    return {"name": _visible(shape.name), "axes": axes[:12], "dtype": shape.dtype}


def _finding(found: Finding, place: int) -> dict[str, Any]:
    message = f"{found.error}: {found.message}" if found.error else ""
    return {
        "verdict": found.verdict,
        "label": _(VERDICTS[found.verdict][1]),
        "sentence": told(found.sentence),
        "message": _visible(message, MAX_MESSAGE),
        "operator": _visible(found.operator, MAX_MESSAGE),
        "operands": [(_visible(code, MAX_SHOWN), _visible(shape, MAX_SHOWN)) for code, shape in found.operands[:8]],
        "fix": told(found.fix) if found.fix else "",
        "corrected": "\n".join(_visible(line, MAX_CHARACTERS) for line in (found.corrected or "").split("\n")),
        "where": _("Line {number}:", number=found.corrected_number) if found.corrected else "",
        "action": _("Use this line"),
        "place": place,
    }


def axis_color(word: str) -> str:
    """Return the colour of what a word for an axis means; none where it means nothing in particular."""
    return AXIS_COLORS.get(meaning(word) or WORDS.get(word, word), "")


def _visible(text: str, longest: int = MAX_MESSAGE) -> str:
    """Replace what cannot be seen, and what would turn the direction of writing."""
    shown = "".join(c if c.isprintable() or c == "\t" else "�" for c in text[: longest + 1])
    return shown if len(shown) <= longest else shown[:longest] + "…"


def _colored(name: str) -> str:
    names = {"N": "orange", "L": "blue", "H_in": "green", "H_out": "red", "D*num_layers": "gray", "V": "violet"}
    return f":{names[name]}[**{plain(name)}**]"
