"""What a browser is told that it may do with a page. A tab of any test here complains about what breaks the policy."""

import re
import urllib.error
import urllib.request

import pytest

from tests.browser.test_assets import plotly_address

HEADERS = ("Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options")


def ask(address):
    """Return an answer's text and headers, whatever its status."""
    request = urllib.request.Request(address, headers={"Accept": "text/html,*/*"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode(errors="replace"), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.read().decode(errors="replace"), error.headers


@pytest.mark.parametrize("path", ["", "training", "_stcore/health", "favicon.png", "assets/none/none.js", "PLOTLY"])
def test_every_answer_says_it_once(server, path):
    _, headers = ask(f"{server.origin}/{path}" if path != "PLOTLY" else plotly_address(server))
    assert [len(headers.get_all(name, [])) for name in HEADERS] == [1, 1, 1]
    rules = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
    assert not re.search("'unsafe|http|[*]|data:", rules["script-src"])
    assert rules["frame-ancestors"].startswith("* file:")
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_script_that_somebody_put_into_a_page_does_not_run(server, visit):
    tab = visit(expected="against the policy: script-src|Content Security Policy")
    tab.open(server.address("paste"), "paste")
    tab.page.evaluate(
        """() => {
          const script = document.createElement('script');
          script.textContent = 'window.ran = true';
          const image = document.createElement('img');
          image.setAttribute('onerror', 'window.ran = true');
          image.src = 'data:,';
          document.body.append(script, image);
          return new Promise((done) => image.addEventListener('error', done));
        }"""
    )
    assert tab.page.evaluate("() => window.ran ?? false") is False
    assert len([error for error in tab.errors if error.startswith("against the policy: script-src")]) == 2
