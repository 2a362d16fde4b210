"""The training page: its buttons, its numbers, what it does when something is changed, and what it says of mistakes."""

import re
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest

from pages.ui.run import pictures
from pages.ui.words.i18n import Words
from pages.ui.work.adviser import Adviser, adviser_of
from pages.ui.work.engine import Engine
from pages.ui.work.store import store
from rnn_core.analysis.mistakes import shuffle_characters
from rnn_core.config import Change, Config
from rnn_core.figures.theme import MUTED
from rnn_core.training import history
from rnn_core.training.experiment import Experiment
from rnn_core.training.trainer import train
from tests.app.conftest import (
    body,
    change,
    charts,
    check_same,
    check_works,
    click,
    engine_of,
    find,
    follow_link,
    hold,
    kept_by,
    keys,
    open_app,
    run_to_pause,
    run_until,
    stream,
    unescaped,
    words,
)
from tests.app.numbers import array_of

STEPS = 16
SHORT = Config(steps=STEPS)
FIELD_OF = {"Gradient clip": "grad_clip", "Learning rate": "learning_rate"}
LOSSES = [record.loss for record in train(SHORT)]
EXPLODING = {"nonlinearity": "relu", "optimizer": "sgd", "learning_rate": "1", "hidden_size": "32"}


def open_training(**params):
    return open_app("training", **{"steps": str(STEPS)} | params)


def open_paused(step, **params):
    return run_to_pause(open_training(trained=str(step), **params))


def status(at):
    """Return the words of the run's progress bar."""
    return next(element.proto.text for element in at.get("progress") if element.proto.text.startswith("step"))


def check_numbers(at, record):
    """Check that the page shows a record: its numbers, its curve, its prediction."""
    line = next(line for line in body(at).split("\n") if line.startswith(f"At step **{record.step}**"))
    assert f"loss **{record.loss:.4g}**" in line
    assert f"accuracy **{record.accuracy:.0%}**" in line
    assert f"gradient norm **{record.grad_norm:.4g}**" in line
    assert charts(at)["curves"].trace(mode="markers") == {
        **charts(at)["curves"].trace(mode="markers"),
        "x": [record.step],
        "y": [record.loss],
    }
    assert record.prediction in charts(at)["states"].alt


def test_a_run_plays_to_its_end_by_itself():
    at = open_training()
    assert engine_of(at).is_playing or engine_of(at).is_over
    run_to_pause(at)
    check_works(at, "training")
    assert engine_of(at).course.loss == LOSSES
    check_numbers(at, list(train(SHORT))[-1])
    assert f"step {STEPS} of {STEPS} · done" in status(at)
    assert at.query_params == {"steps": str(STEPS)}
    assert find(at, "one").disabled
    assert find(at, "to_end").disabled


def test_a_link_that_many_open_is_trained_once():
    made = store.updates
    for _ in range(3):
        at = run_to_pause(open_training())
        check_numbers(at, list(train(SHORT))[-1])
    assert store.updates - made == STEPS
    change(at, "steps", 2 * STEPS)
    run_to_pause(at)
    assert store.updates - made == 2 * STEPS
    again = open_app("training", steps=str(STEPS), trained="5")
    assert run_to_pause(again).query_params["trained"] == "5"
    assert charts(again)["curves"].trace(name="loss")["y"] == LOSSES[:6]  # not what others have seen of it
    assert store.updates - made == 2 * STEPS


def test_a_run_that_plays_does_not_say_that_it_is_paused():
    at = open_app("training", steps="2000")
    assert engine_of(at).is_playing
    assert "pause" in keys(at)
    assert "paused" not in status(at)


def test_a_long_run_is_paused_stepped_and_played_to_its_end_with_the_buttons():
    at = open_app("training", steps="2000")
    click(at, "pause")
    step = engine_of(at).step
    assert not engine_of(at).is_playing
    assert "paused" in status(at)
    assert at.query_params == {"steps": "2000", "trained": str(step)}
    at.run()
    assert engine_of(at).step == step
    click(at, "one")
    click(at, "one")
    assert engine_of(at).step == step + 2
    assert at.query_params["trained"] == str(step + 2)
    records = list(train(Config(steps=step + 2)))
    check_numbers(at, records[-1])
    change(at, "steps", step + 30)
    assert engine_of(at).step == step + 2
    click(at, "to_end")
    run_to_pause(at)
    assert engine_of(at).course.loss == [record.loss for record in train(Config(steps=step + 30))]
    assert at.query_params == {"steps": str(step + 30)}
    buttons = [find(at, key).proto for key in ("play", "one", "to_end", "reset", "new_seed", "keep_run")]
    assert len({button.icon for button in buttons}) == len(buttons)  # on a phone they stand without their words


def test_play_goes_on_from_a_pause():
    at = open_paused(5)
    assert engine_of(at).step == 5
    click(at, "play")
    run_to_pause(at)
    assert engine_of(at).course.loss == LOSSES


def test_a_run_that_is_done_plays_again_from_its_start():
    at = run_to_pause(open_training())
    click(at, "play")
    run_to_pause(at)
    assert engine_of(at).course.loss == LOSSES


def test_reset_goes_back_to_the_same_first_weights():
    at = open_paused(9)
    click(at, "reset")
    assert engine_of(at).course.loss == LOSSES[:1]
    assert not engine_of(at).is_playing
    check_numbers(at, next(iter(train(SHORT))))
    assert at.query_params == {"steps": str(STEPS), "trained": "0"}


def test_a_new_seed_starts_over_with_other_weights():
    at = open_paused(9)
    click(at, "new_seed")
    run = engine_of(at)
    assert run.config.seed == find(at, "seed").value == 1
    assert run.step == 0  # it was paused, so it waits
    assert run.course.loss == [next(iter(train(Config(seed=1)))).loss]
    assert run.course.loss != LOSSES[:1]
    assert at.query_params["seed"] == "1"
    assert "started over; changed: Seed" in status(at)
    click(at, "to_end")
    run_to_pause(at)
    assert engine_of(at).course.loss == [record.loss for record in train(Config(seed=1, steps=STEPS))]


@pytest.mark.parametrize(
    ("field", "value", "label"), [("learning_rate", 0.01, "Learning rate"), ("grad_clip", 0.1, "Gradient clip")]
)
def test_a_change_of_the_optimiser_on_the_way_goes_on(field, value, label):
    at = open_paused(6)
    change(at, field, value)
    earlier = (Change(6, field, getattr(Config(), field)),)
    assert engine_of(at).step == 6
    assert engine_of(at).config.earlier == earlier
    assert f"changed at step 6: {label}; the run goes on" in status(at)
    assert at.query_params["earlier"] == str(earlier[0])
    click(at, "play")
    run_to_pause(at)
    expected = [record.loss for record in train(Config(**{"steps": STEPS, field: value, "earlier": earlier}))]
    assert expected[:7] == LOSSES[:7]
    assert expected[8:] != LOSSES[8:]
    assert engine_of(at).course.loss == expected
    again = run_to_pause(follow_link("training", at))
    assert engine_of(again).course.loss == expected
    click(again, "reset")
    assert "earlier" not in again.query_params
    assert engine_of(again).config == Experiment(Config(**{"steps": STEPS, field: value})).config


def test_another_network_starts_over_and_says_so():
    at = open_paused(6)
    change(at, "hidden_size", 5)
    assert engine_of(at).step == 0
    assert engine_of(at).config.hidden_size == 5
    assert "started over; changed: Hidden size H_out" in status(at)
    assert engine_of(at).course.loss == [next(iter(train(Config(hidden_size=5)))).loss]


def test_another_step_is_shown_without_training():
    at = open_paused(9)
    records = list(train(Config(steps=9)))
    change(at, "step", 4)
    check_numbers(at, records[4])
    assert engine_of(at).step == 9
    assert at.query_params["step"] == "4"
    change(at, "step", 14)  # not trained yet
    check_numbers(at, records[9])
    assert "step" not in at.query_params


def test_it_pauses_at_the_step_that_the_viewer_names():
    at = open_paused(0)
    change(at, "stop_step", 7)
    click(at, "play")
    run_to_pause(at)
    assert engine_of(at).step == 7
    check_numbers(at, list(train(Config(steps=7)))[-1])
    click(at, "play")
    run_to_pause(at)
    assert engine_of(at).step == STEPS


def test_it_pauses_below_the_loss_that_the_viewer_names():
    goal = round(sum(LOSSES[9:11]) / 2, 2)
    at = open_paused(0)
    change(at, "stop_loss", goal)
    click(at, "play")
    run_to_pause(at)
    step = engine_of(at).step
    assert step == next(step for step, loss in enumerate(LOSSES) if loss < goal)
    assert step < STEPS


def test_to_the_end_forgets_where_to_stop():
    at = open_paused(0)
    change(at, "stop_step", 7)
    change(at, "speed", 5.0)
    click(at, "to_end")
    run_to_pause(at)
    assert engine_of(at).step == STEPS
    assert find(at, "stop_step").value == 0


def test_a_run_that_explodes_stops_and_is_explained():
    config = Config(nonlinearity="relu", optimizer="sgd", learning_rate=1.0, hidden_size=32)
    records = list(train(config))
    assert len(records) < config.steps
    at = run_to_pause(open_app("training", **EXPLODING))
    check_works(at, "training")
    run = engine_of(at)
    assert run.has_exploded
    assert run.step == records[-1].step
    assert "exploded" in status(at)
    said = explained(at)
    assert f"exploded at step {run.step}" in said
    steepest = max((r for r in records if r.is_finite), key=lambda r: r.grad_norm)
    assert f"{steepest.grad_norm:.4g}, at step {steepest.step}" in said
    assert "Tried just now on this very run: " in said
    held = re.findall(r"(Gradient clip|Learning rate) = ([\d.]+) would have held to the last step, (\d+)[.]", said)
    assert [step for *_, step in held] == [str(config.steps)] * 2
    for name, value, _ in held:
        assert last_step(config.replace(**{FIELD_OF[name]: float(value)})) == config.steps
    failed = re.findall(r"Gradient clip = ([\d., ]+) would have exploded too", said)[0]
    for value in failed.split(", "):
        assert last_step(config.replace(grad_clip=float(value))) < config.steps
    assert at.query_params == EXPLODING


def explained(at):
    """Return what the page says once everything has been tried."""
    run_until(at, lambda: not kept_by(at, Adviser).is_playing)
    at.run()
    return at.error[0].value


def last_step(config):
    return list(train(config))[-1].step


CHANGED = {**EXPLODING, "num_layers": "2", "seed": "11", "earlier": "learning_rate:0.05:40"}


def test_the_advice_for_a_run_that_was_changed_on_the_way_is_one_click_away_and_holds():
    at = run_to_pause(open_app("training", **CHANGED))
    said = explained(at)
    run = engine_of(at)
    assert "with its changes on the way" in said
    rate = re.search(r"Learning rate = ([\d.]+) would have held to the last step, 100 \((.*?)\)", said)
    assert rate.group(2) == "set at step 40, where this run last changed it"
    clip = float(re.search(r"Gradient clip = ([\d.]+) would have held", said).group(1))
    assert last_step(Config.from_query(CHANGED)[0]) == run.step < 100
    assert last_step(run.config.replace(grad_clip=clip)) == 100

    click(at, "remedy_grad_clip")
    run_to_pause(at)
    run = engine_of(at)
    assert (run.step, run.has_exploded, len(at.error)) == (100, False, 0)
    assert at.query_params == {**CHANGED, "grad_clip": f"{clip:g}"}


def test_what_takes_long_to_try_is_given_up_and_only_what_was_tried_is_said(monkeypatch):
    """Time passes only when somebody looks at the clock, so that a budget is a number of updates."""
    ticks = count()
    monkeypatch.setattr("pages.ui.work.sweeper.time", SimpleNamespace(monotonic=lambda: next(ticks) / 100))
    monkeypatch.setattr("pages.ui.work.adviser.MAX_TRIED_S", 1.2)
    adviser_of.cache_clear()
    at = run_to_pause(open_app("training", **EXPLODING, steps="400"))
    told = [element.proto.text for element in at.get("progress")]
    assert "Looking for a setting that stays stable …" in told  # the page is there meanwhile
    assert "remedy_grad_clip" not in keys(at)
    said = explained(at)
    adviser_of.cache_clear()
    assert "to the last step" not in said
    held = re.findall(
        r"(Gradient clip|Learning rate) = ([\d.]+) would have held up to step (\d+); it was tried no", said
    )
    assert [FIELD_OF[name] for name, *_ in held] == ["grad_clip", "learning_rate"]
    for name, value, step in held:
        assert engine_of(at).step < int(step) < 200
        assert last_step(engine_of(at).config.replace(**{FIELD_OF[name]: float(value), "steps": int(step)})) == int(
            step
        )


def test_the_lesson_as_written_shows_its_three_mistakes_with_their_numbers():
    at = run_to_pause(open_app("training", preset="seed-lesson"))
    check_works(at, "training")
    text = body(at)
    run = engine_of(at)
    assert "Swapped axes: no character knows the one before it" in text
    assert "The tensor is (1, 12, 9)" in text
    assert "N is 12 and L is 1" in text
    result = shuffle_characters(run.config, run.at(run.step).weights, shuffle_seed=0)
    assert result.change < 1e-6 < result.fixed_change
    assert f"**{result.change:.2g}**" in text
    assert f"**{result.fixed_change:.3f}**" in text
    assert "The target is the input: nothing is predicted" in text
    assert "goes in: **12 of 12**" in text
    assert "No head: the loss cannot fall below a floor" in text
    assert "ln(1 + 8·e⁻²) = **0.7337**" in text
    loss = list(train(Config.preset("seed-lesson")))[-1].loss
    assert f"**{loss:.4f}**, {loss - 0.733651:.4f} above the floor" in text
    floor = [t for t in charts(at)["curves"].data if t.get("line", {}).get("dash") == "dash"]
    assert any(t["y"][0] == pytest.approx(0.7337, abs=5e-5) for t in floor)


def test_the_characters_can_be_shuffled_again():
    at = open_app("training", preset="seed-lesson", trained="1")
    run_to_pause(at)
    orders = set()
    for _ in range(3):
        orders.add(re.search(r"Shuffled to the order ([\d ]+)", body(at)).group(1))
        click(at, "shuffle")
    assert len(orders) > 1
    assert all(sorted(map(int, order.split())) == list(range(12)) for order in orders)


@pytest.mark.parametrize(
    ("params", "mistakes"),
    [
        ({}, set()),
        ({"preset": "onehot-batch"}, {"axes", "input"}),
        ({"head": "none"}, {"head"}),
        ({"head": "none", "nonlinearity": "relu"}, set()),
        ({"task": "same"}, {"input"}),
        ({"preset": "seed-lesson", "batch_first": "true"}, {"input", "head"}),
    ],
)
def test_only_the_mistakes_that_are_made_are_named(params, mistakes):
    at = open_app("training", trained="0", **params)
    titles = {"axes": "Swapped axes", "input": "The target is the input", "head": "No head: the loss"}
    assert {name for name, title in titles.items() if title in body(at)} == mistakes


@pytest.mark.parametrize(
    "params",
    [
        {"cell": "lstm", "num_layers": "2", "optimizer": "adamw"},
        {"cell": "gru", "encoding": "embedding", "input_size": "3", "optimizer": "rmsprop"},
        {"task": "same", "bidirectional": "true", "batched": "false", "optimizer": "sgd"},
        {"text": "the cat sat on the mat", "seq_len": "4", "batch_size": "2", "val_share": "0.3"},
    ],
)
def test_every_kind_of_network_shows_its_own_numbers(params):
    at = open_paused(5, **params)
    check_works(at, "training")
    config = engine_of(at).config
    assert {name: str(getattr(config, name)).lower() for name in params} == params
    check_numbers(at, list(train(config))[5])


def test_it_says_how_many_windows_are_held_out():
    at = open_paused(1, text="the cat sat on the mat", seq_len="4", val_share="0.3")
    dataset = engine_of(at).dataset
    assert (len(dataset.input), len(dataset.val_input)) == (3, 2)
    assert any("2 of 5 windows" in said for said in words(at))
    assert not any("dotted line" in said for said in words(open_paused(1)))


def test_a_share_without_room_is_answered_with_a_sentence():
    at = open_training(val_share="0.3")
    assert not at.exception
    assert "val_share=0.3 cannot be used: with seq_len=11" in unescaped(at.error[0].value)
    change(at, "seq_len", 5)
    assert not at.error
    run_to_pause(at)
    check_works(at, "training")


def test_an_experiment_that_cannot_be_trained_is_answered_with_a_sentence():
    at = open_training(bidirectional="true")
    assert not at.exception
    assert "Bidirectional = true cannot be used" in unescaped(at.error[0].value)
    change(at, "task", "same")
    assert not at.error
    run_to_pause(at)
    check_works(at, "training")


def test_the_controls_of_the_player_have_words_that_explain_them():
    said = words(open_paused(1))
    for text in ("One step", "To the end", "Reset", "New seed", "Step on the screen"):
        assert text in said


def test_speed_is_kept_to():
    at = open_paused(0)
    change(at, "speed", 1.0)
    click(at, "play")
    assert engine_of(at).speed == 1.0
    assert engine_of(at).step <= 2
    assert engine_of(at).is_playing
    run_until(at, lambda: engine_of(at).step >= 1)


def test_the_slider_over_the_steps_holds_a_step_and_lets_go_of_it_at_the_newest(monkeypatch):
    monkeypatch.setattr("pages.ui.components.slider.is_plain", lambda: False)
    at = run_to_pause(open_training())
    for number, asked, held in ((7, 3, 3), (8, STEPS, None), (9, 5, 5), (10, STEPS + 9, None), (11, -4, 0)):
        at.session_state["step"] = {"value": {"value": asked, "n": number}}
        at.run()
        assert engine_of(at).pinned == held


GREY = {"color": MUTED, "width": 1.5}


def ghost(at):
    """Return the losses that stand behind the run on the screen; None if nothing does."""
    found = [trace for trace in charts(at)["curves"].data if trace.get("line") == GREY]
    return found[0]["y"] if found else None


def losses_of(config):
    return np.array([record.loss for record in train(config)], np.float32)


def test_the_run_before_stays_behind_the_new_one_and_the_channel_draws_the_same():
    at = run_to_pause(open_training())
    assert ghost(at) is None
    change(at, "hidden_size", 5)
    run_to_pause(at)
    assert np.array_equal(array_of(ghost(at)), losses_of(SHORT))
    assert "before: Hidden size H_out = 9" in charts(at)["curves"].layout["annotations"][0]["text"]
    assert at.query_params == {"steps": str(STEPS), "hidden_size": "5", "before": "hidden_size:9"}
    check_same(at, stream(at, "training.course", engine_of(at)))
    change(at, "cell", "gru")  # each in its turn
    run_to_pause(at)
    assert at.query_params["before"] == "cell:rnn"
    assert np.array_equal(array_of(ghost(at)), losses_of(Config(steps=STEPS, hidden_size=5)))


def test_a_link_shows_the_run_before_where_nobody_has_trained_it():
    at = run_to_pause(open_training(before="learning_rate:0.01;seed:3"))
    assert np.array_equal(array_of(ghost(at)), losses_of(Config(steps=STEPS, learning_rate=0.01, seed=3)))


def test_a_run_that_had_not_begun_leaves_what_was_before_it():
    at = run_to_pause(open_training(trained="0", before="seed:3"))
    change(at, "hidden_size", 5)
    assert dict(part.split(":") for part in at.query_params["before"].split(";")) == {"hidden_size": "9", "seed": "3"}


def test_what_was_changed_on_the_way_belongs_to_the_run_before():
    at = open_paused(5)
    change(at, "learning_rate", 0.01)
    click(at, "to_end")
    run_to_pause(at)
    losses = engine_of(at).course.loss
    change(at, "seed", 4)
    run_to_pause(at)
    assert np.array_equal(array_of(ghost(at)), np.array(losses, np.float32))
    assert "earlier:learning_rate:0.1:5" in at.query_params["before"]


def test_losses_on_another_text_are_not_compared():
    at = run_to_pause(open_training())
    change(at, "text", "another text")
    run_to_pause(at)
    assert ghost(at) is None
    assert "before" not in at.query_params


def test_the_scale_is_logarithmic_once_the_loss_has_fallen_tenfold_unless_it_is_chosen():
    at = run_to_pause(open_app("training", steps="100"))
    assert min(engine_of(at).course.loss) <= engine_of(at).course.loss[0] / 10
    assert charts(at)["curves"].layout["yaxis"]["type"] == "log"
    check_same(at, stream(at, "training.course", engine_of(at)))
    change(at, "scale", "linear")
    assert "type" not in charts(at)["curves"].layout["yaxis"]
    assert at.query_params["scale"] == "linear"
    at = run_to_pause(open_app("training", steps="2"))
    assert "type" not in charts(at)["curves"].layout["yaxis"]


def test_a_loss_of_0_is_drawn_or_said_not_to_be():
    at = run_to_pause(open_app("training", text="aa", steps="2", lang="en"))
    assert engine_of(at).course.loss == [0, 0, 0]
    assert "type" not in charts(at)["curves"].layout["yaxis"]
    assert "A loss of exactly 0" not in body(at)
    change(at, "scale", "log")
    assert charts(at)["curves"].layout["yaxis"]["type"] == "log"
    assert "A loss of exactly 0" in body(at)


def test_a_small_loss_is_said_by_its_digits():
    record = SimpleNamespace(step=3, loss=3.2e-5, accuracy=1.0, grad_norm=0.5)
    for lang, word in (("en", "loss"), ("ko", "손실")):
        assert f"{word} **3.2e-05** nat" in pictures.numbers(SimpleNamespace(record=record), Words(lang))


def test_of_a_run_whose_steps_are_not_all_kept_the_slider_goes_from_one_kept_step_to_the_next(monkeypatch):
    monkeypatch.setattr(history, "MAX_KEPT_BYTES", 18_000)  # some ten moments
    at = run_to_pause(open_app("training", steps="42", lang="en"))
    kept = sorted(engine_of(at).moments)
    assert kept[:2] == [0, 8]
    assert find(at, "step").options == [str(step) for step in (*kept, 42)]
    assert "one step in 8 is kept." in " ".join(element.value for element in at.caption)
    for place in (1, 2, 3, 2, 1, 0):  # as the arrows go
        change(at, "step", kept[place])
        assert f"At step **{kept[place]}**" in body(at)
        assert (find(at, "step").value, at.query_params["step"]) == (kept[place], str(kept[place]))
    at = run_to_pause(open_app("training", steps="42", lang="en", step="15"))  # of a link from where all are kept
    assert (find(at, "step").value, at.query_params["step"]) == (8, "8")
    assert hold(at, "training.states", "step", 23)["pictures"]["states"]["note"].startswith("At step **16**")


def test_the_address_of_a_run_on_its_way_to_where_its_link_says_keeps_that(monkeypatch):
    monkeypatch.setattr(Engine.slice, "__defaults__", (0.0,))
    monkeypatch.setattr(Engine, "dash", Engine.slice)
    link = {"steps": "400", "trained": "300"}
    at = open_training(**link)
    for _ in range(2):
        assert engine_of(at).is_playing
        assert at.query_params == link
        at.run()
    assert run_to_pause(at).query_params == link
    assert engine_of(at).step == 300
