"""The host of the charts, alone: whatever happens around it, the newest figure stays on the screen."""

import json

import pytest

# A stand-in for Plotly that takes its time, and the component as Streamlit would hold it.
STAGE = """async () => {
  window.drawn = [];
  window.Plotly = {
    react: async (host, data) => { await new Promise((done) => setTimeout(done)); drawn.push(data); host.data = data; },
    Plots: { resize() {} },
  };
  document.body.innerHTML = '<p class="note"></p><div class="chart" role="img"></div><div class="film"></div>';
  window.failed = false;
  const { default: run } = await import('/chart.js');
  window.hand = (data) => run({
    data, parentElement: document.body, setStateValue: (name, value) => { window[name] = value; },
  });
  window.host = document.querySelector('.chart');
}"""


@pytest.fixture
def hand(blank):
    """Hand figures, each named by a number, to the component in some order; return what is drawn in the end."""
    blank.evaluate(STAGE)

    def hand_over(*times):
        data = [
            {
                "figure": json.dumps({"data": time, "layout": {}}),
                "config": "{}",
                "name": "chart",
                "alt": f"figure {time}",
                "height": 100,
                "plotly": "/none.js",
                "events": "",
                "note": "",
                "time": time,
            }
            for time in times
        ]
        blank.evaluate("(all) => { all.forEach(hand); return host.turn; }", data)
        return blank.evaluate("() => [host.data, host.getAttribute('aria-label')]")

    hand_over.page = blank
    return hand_over


@pytest.mark.parametrize("order", [(1,), (1, 2), (2, 1), (1, 2, 3), (3, 1, 2), (2, 3, 1), (1, 3, 3, 2)])
def test_the_newest_figure_is_shown_in_whatever_order_they_come(hand, order):
    newest = max(order)
    assert hand(*order) == [newest, f"figure {newest}"]


def test_figures_that_come_one_after_the_other_are_all_drawn(hand):
    for time in (1, 2, 3):
        assert hand(time) == [time, f"figure {time}"]
    assert hand.page.evaluate("drawn") == [1, 2, 3]


def test_a_figure_that_is_there_is_not_drawn_again(hand):
    hand(1)
    hand(1)
    assert hand.page.evaluate("drawn") == [1]


def test_words_that_are_laid_over_a_chart_come_with_their_figure(hand):
    """They would tell of another step than the one that is still drawn."""
    hand(1)
    read = "[document.querySelector('.note').innerText, host.data]"
    before, after = hand.page.evaluate(
        f"""async () => {{
          const laid = rnnPictures.get('chart').lay({{ note: 'step 2', figure: '{{"data": 2, "layout": {{}}}}' }});
          const before = {read};
          await laid;
          return [before, {read}];
        }}"""
    )
    assert before == ["", 1]
    assert after == ["step 2", 2]


def test_a_library_that_cannot_be_loaded_is_reported(hand):
    hand.page.evaluate("() => { delete window.Plotly; }")
    hand(1)
    assert hand.page.evaluate("failed") is True
    assert hand.page.evaluate("drawn") == []
