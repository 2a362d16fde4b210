import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_core import Config
from rnn_core.analysis.quiz import ask
from tests.core.pastes import run
from tests.core.shapes.test_shapes import small_networks


def right_answer(question):
    """Ask torch: run the code of the question and answer it from the tensors."""
    names, _, error = run(question.code)
    assert error is None
    rnn, output, h_n = names["rnn"], names["output"].detach(), names["h_n"].detach()
    if question.kind in ("output.shape", "h_n.shape", "h_0.shape"):
        return str(tuple((output if question.kind == "output.shape" else h_n).shape))
    if question.kind == "parameters":
        return str(sum(p.numel() for p in rnn.parameters()))
    if question.kind.startswith("weight"):
        return str(tuple(getattr(rnn, question.kind.removesuffix(".shape")).shape))
    row = eval(question.kind, {"h_n": h_n})
    equal = []
    for choice in question.choices:
        part = eval(choice.text, {"output": output})
        equal += [choice.text] if part.shape == row.shape and torch.equal(part, row) else []
    (only,) = equal
    return only


@given(small_networks(), st.integers(0, 10**6), st.integers(0, 10**6))
@settings(max_examples=250)
def test_the_right_answer_is_what_torch_gives(config, seed, number):
    question = ask(config, seed=seed, number=number)
    assert question.choices[question.right].text == right_answer(question)
    assert len({choice.text for choice in question.choices}) == len(question.choices) == 4
    assert [choice.misconception == "" for choice in question.choices].index(True) == question.right
    assert sum(choice.misconception == "" for choice in question.choices) == 1
    for choice in question.choices:
        assert str(choice.sentence)
    assert str(question.sentence).endswith("?")


def test_a_stream_is_reproducible_and_endless():
    config = Config(cell="lstm", hidden_size=4, input_size=3)
    first = [ask(config, seed=3, number=number) for number in range(60)]
    assert first == [ask(config, seed=3, number=number) for number in range(60)]
    assert first != [ask(config, seed=4, number=number) for number in range(60)]
    assert len({(question.code, question.kind) for question in first}) > 50
    assert {question.right for question in first} == {0, 1, 2, 3}
    kinds = {question.kind.split("_l")[0] for question in first}
    assert kinds >= {
        "output.shape",
        "h_n.shape",
        "h_0.shape",
        "parameters",
        "weight_ih",
        "weight_hh",
        "h_n[-1]",
        "h_n[-2]",
    }


def test_many_misconceptions_are_met():
    questions = [ask(Config(), seed=0, number=number) for number in range(300)]
    found = {choice.misconception for question in questions for choice in question.choices}
    assert found >= {
        "batch-first-moves-h_n",
        "output-is-h_n",
        "steps-and-batch",
        "hidden-is-steps",
        "directions",
        "layers",
        "gates",
        "parameters-by-steps",
        "one-bias",
        "transposed",
        "wrong-end",
        "wrong-half",
    }


def test_the_first_question_is_about_the_config_itself():
    config = Config(cell="gru", num_layers=2, bidirectional=True, input_size=3, hidden_size=5, seq_len=7, batch_size=4)
    for seed in range(20):
        question = ask(config, seed=seed, number=0)
        assert question.config == config


def test_a_question_leaves_the_global_generator_alone():
    before = torch.random.get_rng_state()
    ask(Config(), seed=1, number=2)
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("sizes", [1, 2])
def test_a_config_whose_sizes_are_all_equal_has_questions_too(sizes):
    config = Config(input_size=sizes, hidden_size=sizes, seq_len=sizes, batch_size=sizes)
    for seed in range(20):
        assert len({choice.text for choice in ask(config, seed=seed, number=0).choices}) == 4
