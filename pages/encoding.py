"""Encoding: from a text to the tensor that goes into the network, step by step."""

from pages import guard

guard()

from pages.ui.lessons import encoding
from pages.ui.session import state
from pages.ui.widgets import head, source
from pages.ui.widgets.controls import control
from pages.ui.words.i18n import _, language, lesson

head.show(_("Encoding: from text to tensor"), lesson("encoding", language()))
control("text")
view = encoding.prepare(state.look().experiment)
if view:
    shown = encoding.steps(view)
    encoding.pictures(view)
    encoding.step(view, shown)
    source.copy_link("encoding")
    encoding.code(view)
