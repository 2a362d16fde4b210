"""One request of one viewer: language, navigation, the page, shared controls, and what goes on beside them."""

from __future__ import annotations

import streamlit as st

from pages import PAGES, build_pages, shell
from pages.ui.channel import live
from pages.ui.components import document, keeper, saved
from pages.ui.process import assets
from pages.ui.session import state
from pages.ui.session.acting import acting
from pages.ui.session.views import RUN_PAGES
from pages.ui.widgets import controls, navigation, panel
from pages.ui.words.i18n import _


def answer() -> None:
    """Answer one request of one viewer."""
    targets = build_pages()
    current = st.navigation(targets, position="hidden")
    page = next(spec for spec, target in zip(PAGES, targets, strict=True) if target.title == current.title)
    places = {spec.name: target for spec, target in zip(PAGES, targets, strict=True)}

    is_first = state.begin(page.name)
    st.set_page_config(
        page_title=f"{_(page.title)} · RNN Explorer",
        page_icon="🔁",
        layout="wide",
        initial_sidebar_state="collapsed" if _is_small() else "auto",
    )
    for style in assets.unlinked_styles():
        st.html(style)
    document.show(_(page.title), is_quiet=not acting(page.name, state.look()))
    is_alone = st.context.is_embedded  # in another page, which has a way through its own
    if not is_alone:
        navigation.strip(page.name, places)
    if is_first:  # afterwards the page comes before the controls: they are there already, its pictures are waited for
        panel.sidebar(page.name)
    controls.show_notices()
    panel.show_refusal()
    if page.name not in RUN_PAGES:  # their view is known only when the run has followed the controls
        state.write_address(page.name)
    with shell():
        current.run()
    if not is_alone:
        saved.show(page.name, {spec.name: _(spec.title) for spec in PAGES})
        navigation.way_on(page.name, places)
    if not is_first:
        panel.sidebar(page.name)
    from pages.ui.lessons import training  # torch comes with it

    if page.name != "training":
        training.beside()
    keeper.keep(page.name)
    live.go_on()


def _is_small() -> bool:
    """Whether no side panel is wanted at first: on a phone, which is wide when it is turned, and in an embed."""
    return bool(st.context.is_embedded) or "Mobi" in (st.context.headers.get("User-Agent") or "")
