"""Back to the preset for all settings at once, and back from there."""

from tests.app.conftest import change, click, config_of, find, keys, open_app


def test_all_settings_go_back_to_the_preset_and_come_again():
    at = open_app("encoding", preset="seed-lesson", seed="3", hidden_size="12", head="linear")
    before = config_of(at)
    click(at, "to_preset")
    assert config_of(at).seed == 0
    assert at.query_params == {"preset": "seed-lesson"}
    click(at, "undo_preset")
    assert config_of(at) == before
    assert at.query_params["seed"] == "3"
    assert find(at, "hidden_size").value == 12


def test_with_nothing_changed_there_is_nothing_to_go_back_from():
    at = open_app("encoding")
    assert find(at, "to_preset").disabled
    change(at, "seed", 4)
    assert not find(at, "to_preset").disabled


def test_what_is_changed_after_going_back_is_not_lost_by_undoing():
    at = click(open_app("encoding", seed="3"), "to_preset")
    change(at, "seed", 5)
    assert "undo_preset" not in keys(at)
    assert config_of(at).seed == 5


def test_what_pages_show_besides_comes_again_too():
    at = open_app("dynamics", seed="3", system="one", symbol="1")
    click(at, "to_preset")
    assert "system" not in at.query_params
    click(at, "undo_preset")
    assert (at.query_params["system"], at.query_params["seed"]) == ("one", "3")
