"""What learners believe about shapes and data: the belief, what it leads one to expect, and the line that is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pages.ui.words.i18n import mark


@dataclass(frozen=True)
class Misconception:
    """A belief that an experiment of `rnn_core.analysis.pitfalls` puts to the test.

    Attributes:
        short: a name for the list.
        belief: what is believed.
        question: what is about to be done, and what one is to expect.
        answers: what one may expect.
        right: which of them happens.
        fix: the code that is right.
        number: what the experiment's whole number is, if it has one.
    """

    short: str
    belief: str
    question: str
    answers: tuple[str, ...]
    right: int
    fix: str
    number: str = ""


FIRST = "poke"

MISCONCEPTIONS: Mapping[str, Misconception] = {
    "poke": Misconception(
        mark("It runs, so it is right"),
        mark("“It runs and the output has the right shape, so the layout is right.”"),
        mark(
            "A batch of 4 samples, (4, 6, 3), goes into nn.RNN(3, 8), and batch_first was forgotten. One sample is "
            "changed. Which samples' outputs change?"
        ),
        (mark("that sample's alone"), mark("that sample's and all later ones'"), mark("none: torch raises an error")),
        1,
        "rnn = nn.RNN(3, 8, batch_first=True)",
        mark("Sample that is changed"),
    ),
    "shuffle": Misconception(
        mark("A text always has memory"),
        mark("“An RNN reads my text, so it remembers what came before.”"),
        mark(
            "The text “hello! world” as (1, 12, 9) goes into nn.RNN(9, 9) without batch_first. Its characters are "
            "shuffled. What happens to the outputs?"
        ),
        (mark("they are only shuffled in the same way"), mark("they become different")),
        0,
        "rnn = nn.RNN(9, 9, batch_first=True)",
        mark("Another shuffle"),
    ),
    "batch-first": Misconception(
        mark("batch_first turns everything"),
        mark("“batch_first=True makes every tensor batch first.”"),
        mark("With batch_first=True a GRU is given (2, 5, 4), 2 sequences of 5 time steps. What is the shape of h_n?"),
        ("(1, 2, 3)", "(2, 1, 3)"),
        0,
        "last = h_n[-1]  # (N, H_out): the top layer of every sequence",
    ),
    "unbatched": Misconception(
        mark("2-D is a batch of vectors"),
        mark("“A (5, 4) input is a batch of 5 vectors.”"),
        mark("A (5, 4) input goes into nn.RNN(4, 6), and its first row is changed. What happens to the other rows?"),
        (
            mark("nothing: they are other samples"),
            mark("they change: they are later time steps"),
            mark("an error is raised"),
        ),
        1,
        "output, h_n = rnn(x.unsqueeze(1))  # batch first: 5 sequences of one step",
    ),
    "input-size": Misconception(
        mark("input_size is the length"),
        mark("“input_size is how long my sequence is.”"),
        mark("Two sequences of 7 time steps with 4 features each. Which nn.RNN takes them?"),
        ("nn.RNN(input_size=4, …)", "nn.RNN(input_size=7, …)"),
        0,
        "rnn = nn.RNN(input_size=x.size(-1), hidden_size=3, batch_first=True)",
    ),
    "hidden-size": Misconception(
        mark("hidden_size is the number of time steps"),
        mark("“hidden_size is the number of cells in the chain, one for each time step.”"),
        mark("A sequence becomes twice as long. Does nn.RNN(4, 5) need another hidden_size?"),
        (mark("yes, twice as large"), mark("no, it stays 5")),
        1,
        "rnn = nn.RNN(input_size=4, hidden_size=5)  # how wide the state is, for any number of steps",
        mark("Sequence length L"),
    ),
    "parameters": Misconception(
        mark("More time steps, more weights"),
        mark("“A longer sequence needs more weights.”"),
        mark("nn.RNN(10, 20) reads 12 time steps, then 60. How many weights does it use?"),
        (mark("as many as before"), mark("five times as many")),
        0,
        "count = sum(p.numel() for p in rnn.parameters())",
        mark("Sequence length L"),
    ),
    "output": Misconception(
        mark("output and h_n are the same"),
        mark("“output and h_n are two names for the same thing.”"),
        mark("A two-layer LSTM reads 5 time steps. How much do output and h_n have in common?"),
        (mark("everything"), mark("one corner: the top layer at the last time step"), mark("nothing")),
        1,
        "assert torch.equal(output[:, -1], h_n[-1])  # batch first, one direction",
    ),
    "two-directions": Misconception(
        mark("The last time step sums up both directions"),
        mark("“With two directions output[:, -1] is the summary of the sequence.”"),
        mark("At the last of 6 time steps: how many of them has the backward half of the output read?"),
        (mark("one"), mark("all 6")),
        0,
        "summary = torch.cat([h_n[-2], h_n[-1]], dim=-1)",
    ),
    "first-state": Misconception(
        mark("h_0 is batch first"),
        mark("“h_0 is laid out like my batch.”"),
        mark("batch_first=True, 2 sequences, one layer, hidden_size 3. Which h_0 fits?"),
        ("(2, 1, 3)", "(1, 2, 3)"),
        1,
        "h_0 = torch.zeros(num_layers, x.size(0), hidden_size)",
    ),
    "lstm-state": Misconception(
        mark("An LSTM has one state"),
        mark("“The state of an LSTM is a tensor, as in an RNN.”"),
        mark("nn.LSTM is given h_0 alone. What happens?"),
        (mark("an error is raised"), mark("c_0 starts at zero")),
        0,
        "output, (h_n, c_n) = lstm(x, (h_0, c_0))",
    ),
    "view": Misconception(
        mark("view exchanges axes"),
        mark("“view(3, 2) turns (2, 3) around like a transpose.”"),
        mark("x is [[0, 1, 2], [3, 4, 5]]. What is the first row of x.view(3, 2)?"),
        ("[0, 1]", "[0, 3]"),
        0,
        "turned = x.transpose(0, 1)",
    ),
    "class-axis": Misconception(
        mark("Classes come last in the loss"),
        mark("“CrossEntropyLoss takes (N, L, V), as the network gives it.”"),
        mark("Scores (2, 5, 5), 5 time steps and 5 classes, targets (2, 5). What does cross-entropy do?"),
        (mark("it gives the right loss"), mark("it silently gives a wrong loss"), mark("it raises an error")),
        1,
        "loss = F.cross_entropy(logits.transpose(1, 2), target)",
    ),
    "softmax": Misconception(
        mark("Softmax before the loss"),
        mark("“The loss wants probabilities, or at least numbers between -1 and 1.”"),
        mark(
            "A network is right, and as sure as it can be. Its scores go through softmax, then cross-entropy. What is "
            "the loss?"
        ),
        ("0", mark("well above 0")),
        1,
        "loss = F.cross_entropy(nn.Linear(hidden_size, vocab_size)(output), target)  # scores as they are",
        mark("Classes V"),
    ),
    "padding": Misconception(
        mark("Padding is harmless"),
        mark("“The padding is zeros: it changes nothing.”"),
        mark("A sequence of 5 time steps is padded with zeros. Is h_n still the state after its fifth time step?"),
        (mark("yes: zeros add nothing"), mark("no: it goes on moving")),
        1,
        "packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)",
        mark("Time steps of padding"),
    ),
    "dropout": Misconception(
        mark("Dropout works with one layer"),
        mark("“nn.GRU(4, 6, dropout=0.5) drops half of the states.”"),
        mark("The same input goes twice through nn.GRU(4, 6, dropout=0.5) in training mode. Do the results differ?"),
        (mark("no, not at all"), mark("yes, by chance")),
        0,
        "output = nn.Dropout(0.5)(output)  # or num_layers=2",
        mark("Layers"),
    ),
    "indices": Misconception(
        mark("Indices go straight in"),
        mark("“The network takes the indices of my characters.”"),
        mark("nn.RNN(9, 3) is given indices, then integer one-hot rows. Which does it take?"),
        (mark("both"), mark("neither"), mark("the one-hot rows")),
        1,
        "x = F.one_hot(indices, 9).float()",
    ),
}
