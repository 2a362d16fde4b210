"""A viewer without a browser: speaks to a server as Streamlit's own page does, and says what comes back."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

TIMEOUT_S = 60.0


class Session:
    """One open tab.

    Attributes:
        components: (id, fragment) of every component that was sent, by its key.
        data: what each was last sent, by key.
        widgets: id of every widget of Streamlit's own, by its key.
        errors: exceptions that the server showed.
    """

    def __init__(self, connection: ClientConnection, page: str, query: str = "") -> None:
        self._connection, self._page, self._page_hash, self._query = connection, page, "", query
        self._states: dict[str, tuple[str, Any]] = {}
        self.components: dict[str, tuple[str, str]] = {}
        self.data: dict[str, dict[str, Any]] = {}
        self.widgets: dict[str, str] = {}
        self.errors: list[str] = []
        self.received = 0
        self.run()

    def say(self, key: str, **state: Any) -> list[str]:
        """Send what a component of the page says, and wait for the run that it starts; return what was sent anew."""
        found, fragment = self.components[key]
        self._states[found] = ("json_value", json.dumps(state))
        return self.run(fragment)

    def go(self, page: str) -> list[str]:
        """Go to another page; return what was sent."""
        self._page, self._page_hash = page, ""
        self.components.clear()
        return self.run()

    def say_each(self, states: dict[str, dict[str, Any]]) -> None:
        """Let components of the page, by their keys, say something at once."""
        self._states |= {self.components[key][0]: ("json_value", json.dumps(state)) for key, state in states.items()}
        self.run()

    def set(self, key: str, kind: str, value: Any) -> None:
        """Set a widget of Streamlit's own by a message of some kind, for one run."""
        self._states[self.widgets[key]] = (kind, value)
        self.run()
        del self._states[self.widgets[key]]

    def run(self, fragment: str = "") -> list[str]:
        """Let the script, or a fragment of it, run; return the keys of the components that it sent."""
        message = BackMsg()
        message.rerun_script.page_name = self._page
        message.rerun_script.page_script_hash = self._page_hash  # a fragment that starts the whole script names no page
        message.rerun_script.fragment_id = fragment
        message.rerun_script.query_string = self._query
        for name, (kind, value) in self._states.items():
            widget = message.rerun_script.widget_states.widgets.add(id=name)
            if kind.endswith("_array_value"):
                getattr(widget, kind).data.extend(value)
            else:
                setattr(widget, kind, value)
        self._connection.send(message.SerializeToString())
        sent: list[str] = []
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            raw = self._connection.recv(timeout=TIMEOUT_S)
            self.received += len(raw)
            answer = ForwardMsg()
            answer.ParseFromString(raw if isinstance(raw, bytes) else raw.encode())
            if answer.WhichOneof("type") == "script_finished":
                if answer.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    continue  # the script starts over, of itself
                return sent
            sent += self._take(answer)
        raise TimeoutError("the script did not finish")

    def _take(self, answer: ForwardMsg) -> list[str]:
        kind = answer.WhichOneof("type")
        if kind == "navigation":
            self._page_hash = answer.navigation.page_script_hash
        elif kind == "page_info_changed":
            self._query = answer.page_info_changed.query_string
        element = answer.delta.new_element
        if element.WhichOneof("type") == "exception":
            self.errors.append(element.exception.message)
        if element.WhichOneof("type") != "bidi_component":
            found = getattr(getattr(element, element.WhichOneof("type") or "", None), "id", "")
            if found:
                self.widgets[_key_of(found)] = found
            return []
        component = element.bidi_component
        key = _key_of(component.id)
        self.components[key] = component.id, answer.delta.fragment_id
        self.data[key] = json.loads(component.json)
        return [key]


def _key_of(found: str) -> str:
    return found.split("-", 2)[2]


@contextmanager
def visit(url: str, page: str, query: str = "") -> Iterator[Session]:
    """Open a page, as its address may say it, in a session of its own."""
    address = url.replace("http", "ws", 1) + "/_stcore/stream"
    with connect(address, subprotocols=["streamlit"], origin=url, max_size=None, proxy=None) as connection:  # type: ignore[arg-type, list-item]
        yield Session(connection, page, query)
