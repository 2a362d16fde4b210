"""Saved views: what the browser keeps comes back, and whatever else somebody wrote there is no more than text."""

import json

import pytest

PLACE = "rnn-explorer-views"
TITLES = {"home": "Home", "training": "Training"}
GOOD = {"name": "mine", "page": "training", "query": "seed=5"}
READ = """async ([words, titles]) => {
  const { read } = await import('/saved.js');
  return read(words, titles);
}"""


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "{",
        "null",
        "7",
        '"text"',
        '{"length": 3}',
        "[null, 1, [], {}]",
        json.dumps([{**GOOD, "page": "javascript:alert(1)"}]),
        json.dumps([{**GOOD, "page": "constructor"}]),
        json.dumps([{**GOOD, "page": "//elsewhere.example"}]),
        json.dumps([{**GOOD, "name": " \u202e\u0000 "}]),
        json.dumps([{**GOOD, "name": ["a"]}]),
        json.dumps([{**GOOD, "query": "x" * 8001}]),
    ],
)
def test_what_is_no_view_is_left_out(blank, kept):
    assert blank.evaluate(READ, [kept, TITLES]) == []
    if kept.endswith("]"):
        assert blank.evaluate(READ, [json.dumps([*json.loads(kept), GOOD]), TITLES]) == [GOOD]


def test_names_are_short_lines_and_views_are_few(blank):
    many = [{**GOOD, "name": f"{number}\n<b>" + "👩" * 100} for number in range(1000)]
    found = blank.evaluate(READ, [json.dumps(many), TITLES])
    assert len(found) == 30
    assert found[7]["name"] == "7 <b>" + "👩" * 55


def test_parameters_stay_parameters(blank):
    (found,) = blank.evaluate(READ, [json.dumps([{**GOOD, "query": "seed=5#x&text=<b>&lang"}]), TITLES])
    assert found["query"] == "seed=5%23x&text=%3Cb%3E&lang="


def test_a_view_is_saved_opened_and_forgotten(server, visit):
    tab = visit()
    hostile = [
        {"name": "<img src=x onerror=alert(1)>", "page": "shapes", "query": "seed=7"},
        {"name": "away", "page": ".."},
    ]
    tab.open(server.address("glossary", seed=9), "glossary")
    tab.page.evaluate("([place, views]) => localStorage.setItem(place, views)", [PLACE, json.dumps(hostile)])
    tab.go_to("about")
    saved = tab.widget("saved").locator(".saved")
    saved.locator("summary").click()
    assert saved.locator("li a").all_inner_texts() == ["<img src=x onerror=alert(1)>"]
    assert saved.locator("img").count() == 0
    name = saved.get_by_role("textbox")
    name.fill("  ")
    name.press("Enter")
    assert name.evaluate("it => it.validationMessage") == "Give this view a name first."
    assert saved.get_by_role("button", name="Save").evaluate("it => getComputedStyle(it).borderRadius") != "0px"
    saved.get_by_role("textbox").fill("  nine ")
    saved.get_by_role("textbox").press("Enter")
    assert saved.locator("li a").all_inner_texts() == ["nine", "<img src=x onerror=alert(1)>"]
    saved.get_by_role("link", name="<img").click()
    tab.wait_for("shapes").has_params(seed="7")  # the list stays open
    saved.get_by_role("link", name="nine").click()
    tab.wait_for("about").has_params(seed="9")
    for name in ("Forget: nine", "Forget: <img"):
        saved.get_by_role("button", name=name).click()
    assert tab.page.evaluate("place => localStorage.getItem(place)", PLACE) == "[]"
