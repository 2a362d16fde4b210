"""From page to page and from session to session: what belongs to a session stays with it, and only with it."""

from pages.ui.session.acting import acting
from pages.ui.widgets import navigation
from pages.ui.widgets.navigation import ORDER
from rnn_core.config import Config
from rnn_core.training.trainer import train
from tests.app.conftest import (
    PAGE_NAMES,
    change,
    charts,
    check_works,
    click,
    config_of,
    engine_of,
    find,
    keys,
    look_of,
    open_app,
    opened,
    run_to_pause,
)

SHARES_RUNS = True


def go_to(at, page):
    at.switch_page(f"pages/{page}.py").run()
    check_works(at, page)
    return at


def test_a_page_that_is_the_first_request_of_all_has_the_shell_around_it(page):
    at = opened(page, "en")
    check_works(at, page)
    assert keys(at) >= acting(page, look_of(at)) - {"layout"} | {"lang"}  # without a say as the preset is
    assert [link.proto.label.strip("*") for link in strip(at)] == [navigation.SPECS[name].title for name in ORDER]


def block(at, key):
    """Return the links in a container with a key."""

    def links_below(node):
        children = list(getattr(node, "children", {}).values())
        return [node] * (node.type == "page_link") + [link for child in children for link in links_below(child)]

    def found_below(node):
        is_it = key in str(getattr(getattr(node, "proto", None), "id", "")).split("-")
        if is_it:
            return links_below(node)
        return [link for child in getattr(node, "children", {}).values() for link in found_below(child)]

    return found_below(at.main)


def strip(at):
    return block(at, "navigation")


def test_every_control_is_there_only_once(page):
    at = opened(page, "en")
    named = [element.key for element in at if getattr(element, "key", None)]
    assert sorted(named) == sorted(set(named))


def test_values_survive_a_tour_of_all_pages():
    at = open_app("home")
    changes = {"seq_len": 5, "hidden_size": 12, "cell": "gru", "learning_rate": 0.003, "seed": 42, "val_share": 0.2}
    for field, value in changes.items():
        change(at, field, value)
    for page in (*PAGE_NAMES[1:], *PAGE_NAMES):
        go_to(at, page)
        there = [field for field in changes if field in acting(page, look_of(at))]
        assert {field: find(at, field).value for field in there} == {field: changes[field] for field in there}
        assert {field: getattr(config_of(at), field) for field in changes} == changes
        assert {name: at.query_params[name] for name in changes} == {
            "seq_len": "5",
            "hidden_size": "12",
            "cell": "gru",
            "learning_rate": "0.003",
            "seed": "42",
            "val_share": "0.2",
        }


def test_every_page_leads_to_every_page_with_the_values(page):
    at = open_app(page, seed="42")
    links = strip(at)
    assert sorted(link.proto.page for link in links) == sorted({link.proto.page for link in links})
    assert len(links) == len(PAGE_NAMES)
    assert all("seed=42" in link.proto.query_string for link in links)
    assert [link.proto.label for link in links if "**" in link.proto.label] == [f"**{navigation.SPECS[page].title}**"]


def test_the_ends_of_pages_lead_through_all_lessons_in_their_order():
    at, seen = opened("home", "en"), ["home"]
    while after := block(at, "page_after"):
        (link,) = after
        seen.append(next(name for name in PAGE_NAMES if navigation.SPECS[name].title == link.proto.label.strip("*→ ")))
        at = opened(seen[-1], "en")
        (back,) = block(at, "page_before")
        assert back.proto.label == f"← **{navigation.SPECS[seen[-2]].title}**"
    assert seen == list(ORDER)
    assert sorted(seen) == sorted(PAGE_NAMES)
    assert block(opened("home", "en"), "page_before") == []


def test_a_run_goes_on_while_another_page_is_shown():
    at = open_app("training", steps="2000")
    before = engine_of(at).step
    go_to(at, "encoding")
    run = engine_of(at)
    drawn = run.step
    assert drawn > before
    at.run()
    assert run.step > drawn
    assert run.course.loss == [record.loss for record in train(Config(steps=run.step))]
    assert f"Training: step {drawn}" in [element.proto.text for element in at.sidebar.get("progress")]
    go_to(at, "training")
    click(at, "pause")
    step = engine_of(at).step
    assert step >= run.step
    for page in ("home", "training"):
        go_to(at, page)
        assert engine_of(at).step == step
    assert at.query_params == {"steps": "2000", "trained": str(step)}


def test_a_change_made_on_another_page_is_followed_when_the_viewer_returns():
    at = run_to_pause(open_app("training", steps="10", trained="4"))
    go_to(at, "home")
    change(at, "hidden_size", 5)
    go_to(at, "training")
    assert engine_of(at).config.hidden_size == 5
    assert engine_of(at).step == 0


def test_how_a_run_is_watched_survives_a_visit_to_another_page():
    at = run_to_pause(open_app("training", steps="10", trained="4"))
    watched = {"speed": 5.0, "stop_step": 8, "stop_loss": 0.1, "scale": "log", "step": 2}
    for key, value in watched.items():
        change(at, key, value)
    go_to(at, "home")
    go_to(at, "training")
    assert {key: find(at, key).value for key in watched} == watched
    assert (engine_of(at).speed, engine_of(at).stop_step, engine_of(at).loss_goal) == (5.0, 8, 0.1)
    assert charts(at)["curves"].layout["yaxis"]["type"] == "log"
    assert at.query_params == {"steps": "10", "trained": "4", "step": "2", "scale": "log"}


def test_two_sessions_know_nothing_of_each_other():
    first = open_app("training", seed="1", lang="en", steps="12")
    second = open_app("training", seed="2", lang="ko", steps="12")
    for _ in range(2):
        first.run()
        second.run()
    change(second, "hidden_size", 4)
    run_to_pause(first)
    run_to_pause(second)
    assert first.title[0].value != second.title[0].value
    assert first.query_params == {"seed": "1", "steps": "12", "lang": "en"}
    assert second.query_params == {
        "seed": "2",
        "hidden_size": "4",
        "steps": "12",
        "lang": "ko",
        "before": "hidden_size:9",
    }
    for at, config in ((first, Config(seed=1, steps=12)), (second, Config(seed=2, steps=12, hidden_size=4))):
        assert engine_of(at).course.loss == [record.loss for record in train(config)]
        name = "loss" if at is first else "손실"
        assert charts(at)["curves"].trace(name=name)["y"] == engine_of(at).course.loss


def test_the_same_link_shows_the_same_numbers_to_two_viewers():
    link = {"preset": "seed-lesson", "seed": "3", "trained": "6"}
    first, second = (run_to_pause(open_app("training", **link)) for _ in range(2))
    assert {key: chart.data for key, chart in charts(first).items()} == {
        key: chart.data for key, chart in charts(second).items()
    }
    assert [element.value for element in first.markdown] == [element.value for element in second.markdown]
