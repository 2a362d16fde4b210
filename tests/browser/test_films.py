"""Scrubbing through time and through training happens in the browser: the server is not asked, the camera stays.

What a chart inside a stage tells reaches the whole page all the same.
"""

import pytest
from playwright.sync_api import expect

CAMERA = "() => document.querySelector('.st-key-path .chart')._fullLayout.scene._scene.getCamera().eye"
TURN = """() => window.Plotly.relayout(document.querySelector('.st-key-path .chart'),
  {'scene.camera': {eye: {x: 0.4, y: -1.9, z: 0.7}, center: {x: 0, y: 0, z: 0}, up: {x: 0, y: 0, z: 1}}})"""


# What the film shows whenever something is said to the server.
WATCH = """key => {
  window.said = [];
  const send = (window.plainSend ??= WebSocket.prototype.send);
  WebSocket.prototype.send = function (data) {
    window.said.push(document.querySelector(`.st-key-${key} .film output`).textContent);
    return send.call(this, data);
  };
}"""
SHOWN = """([key, trace]) => {
  const { x } = document.querySelector(`.st-key-${key} .chart`).data[trace];
  return Array.from(x._inputArray ?? x);
}"""


def shown(tab, key, trace):
    """Return where a trace is along the first axis."""
    return tab.page.evaluate(SHOWN, [key, trace])


def moves_from(tab, key, trace, before):
    """Wait until a trace is elsewhere."""
    moved = f"([key, trace, before]) => JSON.stringify(({SHOWN})([key, trace])) !== JSON.stringify(before)"
    tab.page.wait_for_function(moved, arg=[key, trace, before])


def scrub(tab, key, keys, rests_at):
    """Press keys on a film's slider; the server hears nothing but where it came to rest."""
    tab.page.evaluate(WATCH, key)
    film = tab.page.locator(f".st-key-{key} .film")
    film.get_by_role("slider").focus()
    for one in keys:
        tab.page.keyboard.press(one)
    expect(film.locator("output")).to_have_text(rests_at)
    return lambda: tab.page.evaluate("() => window.said") in ([], [rests_at])


def test_scrubbing_time_asks_the_server_nothing(turn_to):
    tab = turn_to("cell", steps=12)
    output = tab.page.locator(".st-key-unrolled_after .film output")
    expect(output).to_have_text("t = 4 «o»")
    columns = [shown(tab, key, 3) for key in ("unrolled_after", "unrolled_before")]
    bars = shown(tab, "inside_after", 0)
    is_silent = scrub(tab, "unrolled_after", ["ArrowRight", "ArrowRight", "ArrowRight"], "t = 7 «w»")
    moves_from(tab, "inside_after", 0, bars)
    heads = tab.page.locator(".narration .head")
    expect(heads.first).to_have_text("t = 7 «w», unit 0")
    expect(heads.last).to_have_text("t = 7 «w», unit 0")  # both sides go together
    for key, column in zip(("unrolled_after", "unrolled_before"), columns, strict=True):
        moved = f"([key, wanted]) => JSON.stringify(({SHOWN})([key, 3])) === JSON.stringify(wanted)"
        tab.page.wait_for_function(moved, arg=[key, [x + 3 for x in column]])
    assert is_silent()
    tab.has_params(steps="12", t="7")  # where it came to rest is told once, for the link
    glides = "() => document.querySelector('.st-key-inside_after .chart').layout.transition?.duration ?? 0"
    assert tab.page.evaluate(glides) > 0
    tab.page.emulate_media(reduced_motion="reduce")
    bars = shown(tab, "inside_after", 0)
    scrub(tab, "unrolled_after", ["ArrowRight"], "t = 8 «o»")
    moves_from(tab, "inside_after", 0, bars)
    assert tab.page.evaluate(glides) == 0  # from one time step to the next at once
    tab.page.emulate_media(reduced_motion=None)


def test_scrubbing_the_training_asks_the_server_nothing_and_keeps_the_camera(turn_to):
    tab = turn_to("trajectories", steps=12, space="pca3")
    output = tab.page.locator(".st-key-path .film output")
    expect(output).to_have_text("step 12")
    tab.page.evaluate(TURN)
    camera = tab.page.evaluate(CAMERA)
    path, eigenvalues = shown(tab, "path", 0), shown(tab, "eigenvalues", 1)
    is_silent = scrub(tab, "path", ["Home", "ArrowRight", "ArrowRight", "ArrowRight"], "step 3")
    moves_from(tab, "eigenvalues", 1, eigenvalues)
    expect(tab.page.locator(".st-key-curves .cursor")).to_be_visible()  # the loss at the step of the film
    moves_from(tab, "path", 0, path)
    assert is_silent()
    assert tab.page.evaluate(CAMERA) == pytest.approx(camera)
    tab.has_params(steps="12", space="pca3", step="3")
    tab.at_rest()
    assert tab.page.evaluate(CAMERA) == pytest.approx(camera)
    expect(output).to_have_text("step 3")


def test_the_film_is_at_the_newest_step_when_more_of_the_run_has_been_made(turn_to):
    """As many frames as before, the newest of them another one."""
    tab = turn_to("trajectories", steps=100)
    output = tab.page.locator(".st-key-path .film output")
    expect(output).to_have_text("step 100")
    tab.unfold().slider("steps").fill("118")  # of that many every second is drawn: step 100 too
    tab.has_params(steps="118")
    expect(output).to_have_text("step 118")


def click_cell(tab, key, x, y):
    """Click where a chart's axes say x and y."""
    chart = tab.page.locator(f".st-key-{key} .nsewdrag").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    across, up = tab.page.evaluate(
        "([key, x, y]) => { const { xaxis, yaxis } = document.querySelector(`.st-key-${key} .chart`)._fullLayout;"
        " return [xaxis.d2p(x), yaxis.d2p(y)]; }",
        [key, x, y],
    )
    tab.page.mouse.move(box["x"] + across - 3, box["y"] + up)
    tab.page.mouse.click(box["x"] + across, box["y"] + up)


def test_a_click_into_the_heat_map_chooses_time_step_and_unit(turn_to):
    tab = turn_to("cell", steps=12)
    click_cell(tab, "unrolled_after", 7, 3)
    expect(tab.page.locator(".narration .head").first).to_have_text("t = 7 «w», unit 3")
    tab.has_params(steps="12", t="7", unit="3")
    tab.go_to("trajectories")
    click_cell(tab, "map", 2, 6)
    tab.page.wait_for_function("() => new URLSearchParams(location.search).get('units')?.split(',').includes('6')")


def test_a_click_into_the_plane_starts_a_trajectory_there(turn_to):
    tab = turn_to("dynamics", steps=12, system="mine", hidden_size=2)
    click_cell(tab, "phase_plane", 0.2, -0.1)
    tab.page.wait_for_function("() => new URLSearchParams(location.search).has('starts')")
