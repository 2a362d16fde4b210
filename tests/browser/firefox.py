"""A real Firefox, driven over WebDriver BiDi: Playwright drives only a Firefox of its own making.

The protocol: https://w3c.github.io/webdriver-bidi/
"""

import json
import os
import re
import shutil
import subprocess
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

from websockets.sync.client import connect

FIREFOX = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
LISTENS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
WAIT_S = 60
KEYS = {"ArrowLeft": "\ue012", "ArrowRight": "\ue014", "Home": "\ue011"}


@contextmanager
def firefox(home):
    """Start one, with its profile in an empty folder, for as long as it is needed."""
    environment = os.environ | {"HOME": str(home), "MOZ_HEADLESS_WIDTH": "1400", "MOZ_HEADLESS_HEIGHT": "900"}
    command = [FIREFOX, "--headless", "--no-remote", "--profile", str(home), "--remote-debugging-port", "0"]
    log = home / "log"
    with log.open("wb") as out:
        process = subprocess.Popen([*command, "about:blank"], stdout=out, stderr=out, env=environment)
    try:
        deadline = time.monotonic() + WAIT_S
        while not (found := LISTENS.search(log.read_text(errors="replace"))):
            assert process.poll() is None, "Firefox ended by itself"
            assert time.monotonic() < deadline, "Firefox did not start"
            time.sleep(0.1)
        with connect(f"{found[1]}/session", max_size=None, proxy=None) as socket:
            yield Firefox(socket)
    finally:
        process.terminate()
        process.wait(WAIT_S)


class Firefox:
    """One tab, all that it complained about, and every host that it asked."""

    def __init__(self, socket):
        self._socket = socket
        self._number, self.errors, self.hosts = 0, [], set()
        self._do("session.new", capabilities={})
        self._do("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        self._tab = self._do("browsingContext.getTree")["contexts"][0]["context"]

    def _do(self, method, **params):
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv(timeout=WAIT_S))
            if message.get("id") == self._number:
                assert message["type"] == "success", message
                return message["result"]
            self._note(message)

    def _note(self, event):
        if event.get("method") == "log.entryAdded" and event["params"]["level"] == "error":
            self.errors.append(event["params"]["text"])
        if event.get("method") == "network.beforeRequestSent":
            self.hosts.add(urlsplit(event["params"]["request"]["url"]).hostname)

    def open(self, address):
        self._do("browsingContext.navigate", context=self._tab, url=address, wait="complete")

    def run(self, function, *arguments):
        """Call a JavaScript function; its arguments and its result are what JSON knows."""
        found = self._do(
            "script.callFunction",
            functionDeclaration=f"(...words) => JSON.stringify(({function})(...words.map(JSON.parse)) ?? null)",
            arguments=[{"type": "string", "value": json.dumps(value)} for value in arguments],
            target={"context": self._tab},
            awaitPromise=True,
        )
        assert found["type"] == "success", found
        return json.loads(found["result"]["value"])

    def wait_for(self, function, *arguments):
        """Call a function until it returns something that is true; return that."""
        deadline = time.monotonic() + WAIT_S
        while not (found := self.run(function, *arguments)):
            assert time.monotonic() < deadline, f"{function} stayed {found}"
            time.sleep(0.05)
        return found

    def drag(self, start, end, *, moves, is_let_go=True):
        """Drag the mouse from one place of the window to another."""

        def at(share):
            x, y = (round(a + share * (b - a)) for a, b in zip(start, end, strict=True))
            return {"type": "pointerMove", "x": x, "y": y, "duration": 30}

        way = [at(0), {"type": "pointerDown", "button": 0}, *(at(i / moves) for i in range(1, moves + 1))]
        self._act("pointer", way + [{"type": "pointerUp", "button": 0}] * is_let_go)

    def let_go(self):
        self._act("pointer", [{"type": "pointerUp", "button": 0}])

    def press(self, *keys):
        self._act("key", [{"type": kind, "value": KEYS[key]} for key in keys for kind in ("keyDown", "keyUp")])

    def _act(self, kind, actions):
        source = {"type": kind, "id": kind, "actions": actions}
        self._do("input.performActions", context=self._tab, actions=[source])
