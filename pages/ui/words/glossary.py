"""The words of the app: one for each thing, in PyTorch's own spelling where it has one, and where they are met."""

from __future__ import annotations

from dataclasses import dataclass

from pages.ui.words.i18n import mark


@dataclass(frozen=True)
class Term:
    """A word of the app.

    Attributes:
        symbol: how code and pictures write it; empty if they do not.
        name: what it is called.
        meaning: what it is, in one or two sentences.
        pages: where it is seen at work.
    """

    symbol: str
    name: str
    meaning: str
    pages: tuple[str, ...]


# In the order in which a reader meets them: each is explained by those before it.
TERMS = (
    Term(
        "V",
        mark("vocabulary size"),
        mark("How many different characters the text has. Each has an index, from 0 to V − 1."),
        ("encoding",),
    ),
    Term(
        "one-hot",
        mark("one-hot vector"),
        mark("A character as a row of zeros with a single 1, at its index: row i of the identity matrix."),
        ("encoding",),
    ),
    Term(
        "nn.Embedding",
        mark("embedding"),
        mark("A character as a row of numbers that are learnt with the rest of the network."),
        ("encoding",),
    ),
    Term(
        "t",
        mark("time step"),
        mark("One place of a sequence: at t the network reads one character."),
        ("cell", "shapes"),
    ),
    Term(
        "L",
        mark("sequence length"),
        mark(
            "How many time steps one sequence has: the cell is applied that many times, with the same weights each "
            "time."
        ),
        ("shapes", "encoding"),
    ),
    Term(
        "N",
        mark("batch size"),
        mark("How many sequences go in side by side. They share the weights and know nothing of each other."),
        ("shapes", "pitfalls"),
    ),
    Term(
        "H_in",
        mark("input size"),
        mark("How many numbers describe one character: `input_size`. With one-hot vectors at least V."),
        ("encoding", "shapes"),
    ),
    Term(
        "h_t",
        mark("hidden state"),
        mark("What the network remembers after time step t: a vector of H_out numbers, made anew at each time step."),
        ("cell", "trajectories"),
    ),
    Term(
        "H_out",
        mark("hidden size"),
        mark("How many units, that is numbers, the hidden state has: `hidden_size`. It has nothing to do with L."),
        ("shapes", "cell"),
    ),
    Term(
        "",
        mark("unit"),
        mark("One number of the hidden state, followed over all time steps: a row of the state maps."),
        ("trajectories", "cell"),
    ),
    Term(
        "W_ih, W_hh, b",
        mark("weights"),
        mark("The numbers that are learnt: from input to hidden, from hidden to hidden, and the biases."),
        ("cell", "connectivity"),
    ),
    Term(
        "num_layers",
        mark("layer"),
        mark("A recurrent network on top of another: it reads the hidden states of the one below as its input."),
        ("shapes",),
    ),
    Term(
        "D",
        mark("directions"),
        mark(
            "2 if the network is bidirectional, that is if a second one reads the sequence from its end; otherwise 1."
        ),
        ("shapes",),
    ),
    Term(
        "output",
        mark("output"),
        mark("The hidden states of the top layer at all time steps: (N, L, D·H_out) with batch_first."),
        ("shapes", "pitfalls"),
    ),
    Term(
        "h_n",
        mark("last hidden state"),
        mark("The hidden state of each layer and direction after its last time step: (D·num_layers, N, H_out)."),
        ("shapes", "pitfalls"),
    ),
    Term(
        "c_t, c_n",
        mark("cell state"),
        mark(
            "The second memory of an LSTM: its gates say how much of it is kept and how much is added; c_n is the "
            "one after the last time step."
        ),
        ("cell", "memory"),
    ),
    Term(
        "",
        mark("gate"),
        mark("A number between 0 and 1 for each unit that says how much is kept, taken in or let out."),
        ("cell", "gradients"),
    ),
    Term(
        "batch_first",
        mark("axis order"),
        mark("Whether torch takes the first axis as the batch, (N, L, H_in), or as time, (L, N, H_in)."),
        ("shapes", "pitfalls"),
    ),
    Term(
        "nn.Linear",
        mark("head"),
        mark("The layer that turns a hidden state into V scores, one for each character."),
        ("training",),
    ),
    Term(
        "logits",
        mark("logits"),
        mark("These scores, before softmax turns them into probabilities; `CrossEntropyLoss` takes them as they are."),
        ("training", "pitfalls"),
    ),
    Term(
        "loss",
        mark("loss"),
        mark("How surprised the network is by the right character: −ln of its probability, in nats, on average."),
        ("training", "compare"),
    ),
    Term(
        "",
        mark("gradient"),
        mark("How the loss would change with each weight. Its norm is its length as one long vector."),
        ("gradients", "training"),
    ),
    Term(
        "lr",
        mark("learning rate"),
        mark("How far one update moves the weights against the gradient."),
        ("training", "sweep"),
    ),
    Term(
        "step",
        mark("step"),
        mark("One update of the weights by the optimizer. Step 0 is the untrained network."),
        ("training",),
    ),
    Term(
        "grad_clip",
        mark("gradient clip"),
        mark("The longest gradient that is let through: a longer one is shortened to that length."),
        ("gradients", "training"),
    ),
    Term(
        "seed",
        mark("seed"),
        mark(
            "Initial weights and the order of the data are drawn from it: with the same settings, the same seed "
            "gives the same run."
        ),
        ("sweep", "compare"),
    ),
)
