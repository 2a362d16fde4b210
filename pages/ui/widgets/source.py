"""The code behind the screen, and the link that shows it again."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.ui.session import state
from pages.ui.words.i18n import _

COPY = st.components.v2.component(
    "copy_link",
    html='<button type="button"></button>',
    css="""
button { font: inherit; font-size: 0.875rem; color: var(--st-text-color); background: var(--st-background-color);
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius); padding: 0.45rem 0.8rem;
  min-height: 2.5rem; cursor: pointer; white-space: nowrap; }
button:hover, button:focus-visible { border-color: var(--st-primary-color); color: var(--st-primary-color); }
""",
    js="""
export default function ({ data, parentElement }) {
  const button = parentElement.querySelector('button');
  if (data.time < button.time) return; // while a page loads, Streamlit may hand over the older link after the newer one
  button.time = data.time;
  button.textContent = data.label;
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(data.link);
    } catch {
      const area = document.createElement('textarea');
      area.value = data.link;
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
    button.textContent = data.done;
    setTimeout(() => { button.textContent = data.label; }, 1500);
  };
}
""",
)


def copy_link(page: str) -> None:
    """Draw the button that copies the address of exactly this view."""
    link = state.link(page)
    data = {"label": "🔗 " + _("Copy link"), "done": "✓ " + _("Copied"), "link": link}
    COPY(key="copy_link", data={**data, "time": state.changed_at("copy_link", tuple(data.values()))})
    if "text_length=" in link:
        st.caption(_("The text is too long for a link: it does not travel with it."))
    if "code_length=" in link:
        st.caption(_("The code is too long for a link: it does not travel with it."))


def show_code(script: Callable[[], str], functions: list[Callable[..., Any] | type], *, caption: str) -> None:
    """Draw an expander with a script that repeats the view, and the source of the functions that made it."""
    expander = st.expander(_("Show the code"), icon=":material/code:", on_change="rerun", key="code")
    if not expander.open:  # a closed one need not be sent, and at every change of a slider
        return
    with expander:
        st.caption(caption)
        st.code(script(), language="python", height=420)
        st.caption(_("The functions of this app that just ran:"))
        for function in functions:
            st.code(inspect.getsource(function), language="python", height=320)
