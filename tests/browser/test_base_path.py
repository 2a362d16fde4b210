"""The app below a path: through a proxy, and in a lesson's frame."""

import shutil
import subprocess
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import WAIT_S, Server
from tests.browser.test_channel import IS_OPEN, drag, shows_states, states_of

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
# As the documentation of nginx has it for WebSockets; one location for all.
PROXY = """
daemon off; pid {folder}/pid; error_log {folder}/log; worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {folder}; proxy_temp_path {folder};
  fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{inner}; proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; proxy_set_header Host $http_host;
    }}
  }}
}}
"""


@pytest.fixture(scope="module")
def inner(tmp_path_factory):
    """A server below a base path."""
    running = Server(tmp_path_factory.mktemp("inner") / "log", base="/course/rnn").start()
    yield running
    running.stop()


@pytest.fixture
def proxied(tmp_path, inner):
    """The app below a path of a proxy's."""
    if not NGINX:
        pytest.skip("no nginx found: get one, on Debian with `apt-get install nginx-light`")
    outer = Server(tmp_path / "outer", base=inner.base)
    config = tmp_path / "nginx.conf"
    config.write_text(PROXY.format(folder=tmp_path, port=outer.port, inner=inner.port))
    outer.process = subprocess.Popen([NGINX, "-c", str(config), "-p", str(tmp_path)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + WAIT_S
    while not outer._is_healthy():
        assert time.monotonic() < deadline, "the proxy did not start"
        time.sleep(0.05)
    yield outer
    outer.process.terminate()
    outer.process.wait(WAIT_S)


def test_it_works_through_a_proxy_and_below_a_path(proxied, visit):
    tab = visit().open(proxied.address("encoding"), "encoding")
    tab.page.wait_for_function(IS_OPEN)
    shows_states(tab, states_of(drag(tab, 40)))
    tab.page.mouse.up()


def test_a_lesson_on_somebodys_disk_may_frame_the_app_below_a_base_path(tmp_path, inner, visit):
    frame = f'<iframe width="1200" height="800" src="{inner.address("shapes", drawing="3d")}"></iframe>'
    (tmp_path / "lesson.html").write_text(frame, "utf-8")
    tab = visit()
    tab.page.goto((tmp_path / "lesson.html").as_uri())
    shown = tab.page.frame_locator("iframe")
    expect(shown.get_by_role("heading", level=1)).to_have_text("Shapes: what goes in, what comes out")
    expect(shown.locator(".chart.js-plotly-plot canvas").first).to_be_attached()
