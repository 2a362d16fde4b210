"""What the states are: which layer, which step, which direction, how many, and how far they go on through padding."""

from __future__ import annotations

import threading
import warnings

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnn_core.analysis.calls import trace_call
from rnn_core.analysis.pitfalls.found import SEED, Found, Tried, attempt, build, cells, digits, drawn, largest
from rnn_core.config import Config
from rnn_core.records.arrays import frozen
from rnn_core.records.cells import CellPanel
from rnn_core.records.sweeps import NamedCurve
from rnn_core.sentence import Sentence

_TURN = threading.Lock()


def output_and_states() -> Found:
    """Lay every state of a two-layer LSTM out as layers times steps, and find output and h_n among them."""
    call = trace_call(Config(cell="lstm", input_size=4, hidden_size=3, num_layers=2, seq_len=5, batch_size=2))
    states = call.hidden[:, 0, :, 0, 0]  # (num_layers, L): one unit of one sequence
    output, h_n = call.tensors["output"], call.tensors["h_n"]
    marked = (*((0, t) for t in range(5)), (1, 4))
    panel = CellPanel(
        Sentence("one unit's state in every layer at every time step"),
        frozen(states[::-1]),
        ("D*num_layers", "L"),
        rows=("1", "0"),
        marked=marked,
    )
    x = torch.zeros(2, 5, 4)
    lstm = build(nn.LSTM, 4, 3, num_layers=2, bidirectional=True, batch_first=True)
    return Found(
        sentences=(
            Sentence(
                "output is the top layer at every time step, the framed row: {a}. h_n is every layer at the "
                "last time step, the framed column: {b}.",
                a=str(output.shape),
                b=str(h_n.shape),
            ),
            Sentence(
                "They share one corner: output[:, -1] and h_n[-1] differ by {change}.",
                change=digits(float(abs(output[:, -1] - h_n[-1]).max())),
            ),
        ),
        tried=(
            attempt(
                "nn.LSTM(4, 3, num_layers=2, bidirectional=True, batch_first=True)(torch.zeros(2, 5, 4))",
                lambda: lstm(x),
            ),
        ),
        panels=(panel,),
    )


@torch.no_grad()
def two_directions() -> Found:
    """Compare every step of a bidirectional output with what each direction knew when it had read everything."""
    output, h_n = build(nn.GRU, 4, 3, batch_first=True, bidirectional=True)(drawn(1, 6, 4))
    forward = (output[0, :, :3] - h_n[-2]).abs().amax(dim=-1)  # (L,)
    backward = (output[0, :, 3:] - h_n[-1]).abs().amax(dim=-1)
    return Found(
        sentences=(
            Sentence(
                "The forward half of output[:, -1] differs from its final state h_n[-2] by {change}.",
                change=largest(forward[-1]),
            ),
            Sentence(
                "The backward half differs from h_n[-1] by {change}: there it has read one time step of six. "
                "At t = 0 the difference is {first}.",
                change=largest(backward[-1]),
                first=largest(backward[0]),
            ),
        ),
        panels=(
            cells(
                Sentence("distance from the final state at every time step"),
                torch.stack([forward, backward]),
                ("", "L"),
                rows=("→", "←"),
            ),
        ),
    )


@torch.no_grad()
def width_and_length(length: int) -> Found:
    """Run one cell over sequences of any length: L adds columns, H_out rows, and the weights stay."""
    rnn, wider = build(nn.RNN, 4, 5, batch_first=True), build(nn.RNN, 4, 10, batch_first=True)
    output, _ = rnn(drawn(1, length, 4))
    return Found(
        sentences=(
            Sentence(
                "L = {length} gives as many columns of hidden_size = 5 numbers. The weights that were used: {count}, "
                "at every length.",
                length=length,
                count=_count(rnn),
            ),
            Sentence(
                "With hidden_size = 10 the columns are twice as high, and there are {count} weights.",
                count=_count(wider),
            ),
        ),
        panels=(cells(Sentence("the state after every time step"), output[0].T, ("H_out", "L")),),
    )


@torch.no_grad()
def count_parameters(length: int) -> Found:
    """Count the weights of three cells, and the numbers that come out, while the sequence grows."""
    lengths = range(1, 61)
    counts: dict[str, int] = {}
    for cell in (nn.RNN, nn.GRU, nn.LSTM):
        module = build(cell, 10, 20)
        module(torch.zeros(length, 1, 10))  # it takes any length as it is
        counts[cell.__name__] = _count(module)
    gru, lstm, rnn = counts["GRU"], counts["LSTM"], counts["RNN"]
    x = torch.tensor([float(n) for n in lengths]).numpy()
    names = {
        "RNN": Sentence("weights of nn.RNN"),
        "GRU": Sentence("weights of nn.GRU"),
        "LSTM": Sentence("weights of nn.LSTM"),
    }
    flat = [NamedCurve(names[name], frozen(x), frozen(x * 0 + count), at=length) for name, count in counts.items()]
    grown = build(nn.RNN, 10, 20)(torch.zeros(length, 1, 10))[0].numel()
    return Found(
        sentences=(
            Sentence(
                "At L = {length}: {rnn} weights in nn.RNN(10, 20), {gru} in nn.GRU, {lstm} in nn.LSTM, as at every "
                "other length. Only the output grows: {grown} numbers.",
                length=length,
                rnn=rnn,
                gru=gru,
                lstm=lstm,
                grown=grown,
            ),
            Sentence(
                "A textbook would count {one} for the RNN: torch keeps two biases of 20, bias_ih and bias_hh, for each "
                "gate.",
                one=rnn - 20,
            ),
        ),
        curves=(*flat, NamedCurve(Sentence("numbers in the output of nn.RNN"), frozen(x), frozen(x * 20), at=length)),
        axes=(Sentence("sequence length L"), Sentence("count")),
    )


def _count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@torch.no_grad()
def first_state() -> Found:
    """Give h_0 batch first, and go through ten samples four at a time."""
    gru, x = build(nn.GRU, 4, 3, batch_first=True), torch.zeros(2, 5, 4)
    h_0 = drawn(1, 2, 3)
    turned = h_0.transpose(0, 1)  # (2, 1, 3)
    code = "nn.GRU(4, 3, batch_first=True)({}, {})"
    return Found(
        sentences=(
            Sentence("h_0 is (D*num_layers, N, H_out), batch_first or not: here (1, 2, 3)."),
            Sentence("Ten samples in batches of 4 end with a batch of 2: an h_0 made for 4 stops there."),
            Sentence("Made from the batch itself, or left out, it fits."),
        ),
        tried=(
            attempt(code.format("torch.zeros(2, 5, 4)", "torch.zeros(2, 1, 3)"), lambda: gru(x, torch.zeros(2, 1, 3))),
            attempt(code.format("torch.zeros(2, 5, 4)", "torch.zeros(1, 4, 3)"), lambda: gru(x, torch.zeros(1, 4, 3))),
            attempt(code.format("torch.zeros(2, 5, 4)", "torch.zeros(1, 2, 3)"), lambda: gru(x, torch.zeros(1, 2, 3))),
        ),
        panels=(
            cells(Sentence("h_0 as (1, 2, 3): one layer, a row for each of 2 sequences"), h_0[0], ("N", "H_out")),
            cells(Sentence("as (2, 1, 3) torch reads layer 0 of one sequence …"), turned[0], ("N", "H_out")),
            cells(Sentence("… and layer 1 of the same one"), turned[1], ("N", "H_out")),
        ),
    )


@torch.no_grad()
def lstm_state() -> Found:
    """Give an LSTM one state, hand its result on to a Linear layer, and do both right."""
    lstm, linear, x = build(nn.LSTM, 4, 3), nn.Linear(3, 2, device="meta"), torch.zeros(5, 2, 4)
    h_0 = torch.zeros(1, 2, 3)
    h_n, c_n = lstm(drawn(5, 2, 4))[1]
    code = "nn.LSTM(4, 3)(torch.zeros(5, 2, 4), {})"
    return Found(
        sentences=(
            Sentence(
                "The state of an LSTM is the pair (h, c). Given one tensor, torch takes its first two rows for h and c."
            ),
            Sentence(
                "What an LSTM returns is (output, (h_n, c_n)), and nn.Sequential hands all of it to the next part."
            ),
        ),
        tried=(
            attempt(code.format("torch.zeros(1, 2, 3)"), lambda: lstm(x, h_0)),
            attempt(
                "nn.Sequential(nn.LSTM(4, 3), nn.Linear(3, 2))(torch.zeros(5, 2, 4))",
                lambda: nn.Sequential(lstm, linear)(x),
            ),
            attempt(code.format("(torch.zeros(1, 2, 3), torch.zeros(1, 2, 3))"), lambda: lstm(x, (h_0, h_0))),
        ),
        panels=(
            cells(Sentence("h_n, what the LSTM shows: between -1 and 1"), h_n[0], ("N", "H_out")),
            cells(Sentence("c_n, what it keeps: as many numbers, but different ones"), c_n[0], ("N", "H_out")),
        ),
    )


@torch.no_grad()
def padded_sequence(padding: int) -> Found:
    """Pad a sequence of five steps with zeros: its state goes on moving, unless it is packed."""
    gru = build(nn.GRU, 4, 6, batch_first=True)
    x = drawn(1, 5, 4)
    padded = torch.cat([x, torch.zeros(1, padding, 4)], dim=1)
    states, h_n = gru(padded)
    alone = gru(x)[1][0]  # (1, H_out)
    packed = gru(pack_padded_sequence(padded, torch.tensor([5]), batch_first=True))[1][0]
    drift = (states[0] - alone).abs().amax(dim=-1)  # (L,)
    steps = torch.arange(1, 6 + padding)
    return Found(
        sentences=(
            Sentence(
                "With zeros at the end ({padding} more in time), h_n has moved by {change} from where the sequence "
                "ended.",
                padding=padding,
                change=largest(h_n[0] - alone),
            ),
            Sentence("Packed with its length, 5, it has moved by {change}.", change=largest(packed - alone)),
        ),
        panels=(
            cells(
                Sentence("the state after every time step; framed: where the sequence ends"),
                states[0].T,
                ("H_out", "L"),
                marked=tuple((unit, 4) for unit in range(6)),
            ),
        ),
        curves=(_curve(Sentence("distance from the sequence's own last state"), steps, drift),),
        axes=(Sentence("time steps read"), Sentence("distance")),
    )


def _curve(name: Sentence, x: Tensor, y: Tensor) -> NamedCurve:
    return NamedCurve(name, frozen(x.float().numpy()), frozen(y.float().numpy()))


@torch.no_grad()
def dropout_between_layers(num_layers: int) -> Found:
    """Run the same input twice through a GRU with dropout, in training mode, and see which layers differ.

    nn.GRU takes no generator for its dropout: the global one is lent the state of our own, and put back as it was.
    """
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        gru = build(nn.GRU, 4, 6, num_layers=num_layers, dropout=0.5, batch_first=True)
    x = drawn(1, 5, 4)
    with _TURN, torch.random.fork_rng(devices=[]):
        torch.set_rng_state(torch.Generator().manual_seed(SEED).get_state())
        change = (gru(x)[1] - gru(x)[1]).abs()[:, 0]  # (num_layers, H_out)
    top = Sentence(
        "With num_layers = {count}, two runs differ by {change} in the lowest layer and by {top} in the top one.",
        count=num_layers,
        change=largest(change[0]),
        top=largest(change[-1]),
    )
    words = [str(warning.message) for warning in said if "dropout" in str(warning.message)]
    code = f"nn.GRU(4, 6, num_layers={num_layers}, dropout=0.5)"
    return Found(
        sentences=(
            top,
            Sentence("Dropout acts between layers, never above the top one: with one layer it does nothing."),
        ),
        tried=tuple(Tried(code, text, "UserWarning") for text in words),
        panels=(cells(Sentence("difference between two runs, layer by layer"), change, ("D*num_layers", "H_out")),),
    )
