"""The slider, alone: the newest value stays, in whatever order a browser is handed them."""

import json
from itertools import permutations

import pytest

SPEC = {
    "name": "step",
    "label": "Step",
    "help": "",
    "locked": "",
    "min": 0,
    "max": 100,
    "step": 1,
    "whole": True,
    "stops": None,
    "marks": [],
    "reset": None,
    "value": [0],
    "ends": ["from", "to"],
    "hint": "",
    "bad": "",
}
STAGE = """async () => {
  document.body.innerHTML = '<div class="slider"></div>';
  const { default: run } = await import('/slider.js');
  window.hand = (data) => run({ data, parentElement: document.body, setStateValue: () => {} });
}"""


@pytest.mark.parametrize("order", [*permutations([25, 74, 100])])
def test_the_newest_value_is_shown_in_whatever_order_they_come(blank, order):
    blank.evaluate(STAGE)
    for step in order:
        data = {"spec": json.dumps(SPEC), "value": json.dumps([step]), "heard": 0, "time": step}
        blank.evaluate("(data) => hand(data)", data)
    assert blank.locator("input[type=range]").input_value() == "100"
