"""nn.RNN, LSTM, GRU and their cells: what they return, and every check that torch 2.13 makes, in its order."""

from __future__ import annotations

from rnn_core.reading.arithmetic import cast_fix, dtype_mismatch, product_error
from rnn_core.reading.calls import Call
from rnn_core.reading.doubts import doubt_recurrent
from rnn_core.reading.errors import Edit, Fix, attribute_error, fail, not_understood
from rnn_core.reading.values import Module, Origin, Packed, Tensor, Value, contiguous_strides, is_int, tensor, type_name
from rnn_core.sentence import Sentence

MAX_LAYERS = 100  # whose weights are listed
GATES = {"RNN": 1, "LSTM": 4, "GRU": 3}
_NAMES = ("num_layers", "bias", "batch_first", "dropout", "bidirectional", "proj_size")


def build_recurrent(call: Call) -> Module:
    """Read nn.RNN(...), nn.LSTM(...) or nn.GRU(...)."""
    kind = call.name.rsplit(".", 1)[-1]
    names: tuple[str, ...] = ("input_size", "hidden_size", *_NAMES)
    if kind == "RNN":  # its fourth argument is the nonlinearity
        names = (*names[:3], "nonlinearity", *names[3:])
    for name in ("device", "dtype"):
        if name in call.kwargs:
            raise not_understood(f"{name}=")
    given = call.check_python("RNNBase.__init__", *names, optional=len(names) - 2)
    settings = {n: value for n, value in zip(names, given, strict=True) if value is not None or n in names[:2]}
    _check_settings(settings, call)
    module = Module(kind, settings, call.node)
    if settings.get("dropout") and settings.get("num_layers", 1) == 1:
        call.doubt(
            call.node,
            "dropout",
            Sentence("Dropout works between layers: with one layer it does nothing, and torch warns."),
            Fix(Sentence("Use two layers or more, or leave dropout out.")),
        )
    return module


def _check_settings(settings: dict[str, Value], call: Call) -> None:
    sizes = {name: settings.get(name, 1) for name in ("input_size", "hidden_size", "num_layers")}
    for name in ("hidden_size", "input_size"):
        if not isinstance(sizes[name], int):
            kind = type_name(sizes[name])
            message = f"{name} should be of type int, got: {kind}"
            fail("TypeError", message, Sentence("{name} is a whole number.", name=name))
    for name, size in sizes.items():
        if not isinstance(size, int):
            raise not_understood(call.source)
        if size <= 0:
            message = f"{name} must be greater than zero"
            fail("ValueError", message, Sentence("{name} counts something: at least 1.", name=name))
    nonlinearity = settings.get("nonlinearity", "tanh")
    if nonlinearity not in ("tanh", "relu"):
        message = f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'."
        fail(
            "ValueError",
            message,
            Sentence("The nonlinearity of nn.RNN is its fourth argument; bias and batch_first follow."),
        )
    _check_dropout(settings.get("dropout", 0.0))
    proj_size = settings.get("proj_size", 0)
    if not is_int(proj_size) or proj_size < 0:
        raise not_understood(f"proj_size={proj_size}")
    if proj_size and "LSTM" not in call.name:
        message = "proj_size argument is only supported for LSTM, not RNN or GRU"
        fail("ValueError", message, Sentence("Only an LSTM can make its state smaller before it shows it."))
    if proj_size >= sizes["hidden_size"]:
        message = "proj_size has to be smaller than hidden_size"
        fail("ValueError", message, Sentence("A projection makes the state smaller than hidden_size."))
    if not isinstance(settings.get("bias", True), bool) or not isinstance(
        settings.get("batch_first", False), (bool, int)
    ):
        raise not_understood(call.source)


def _check_dropout(p: Value) -> None:
    if not isinstance(p, (int, float)) or isinstance(p, bool) or not 0 <= p <= 1:
        if not isinstance(p, (int, float)):
            raise not_understood("this probability")
        message = "dropout should be a number in range [0, 1] representing the probability of an element being zeroed"
        fail("ValueError", message, Sentence("A probability lies between 0 and 1."))


def run_recurrent(module: Module, call: Call) -> tuple[Value, Value]:
    """Return (output, h_n) or (output, (h_n, c_n)) of a call of nn.RNN, nn.LSTM or nn.GRU."""
    input, state = call.check_python(f"{module.kind}.forward", "input", "hx", optional=1)
    if isinstance(input, Packed):
        return _run_packed(module, input, state, call)
    if not isinstance(input, Tensor):
        raise attribute_error(type_name(input), "dim")
    ndim = len(input.shape)
    if ndim not in (2, 3):
        noun = f"{ndim}D tensor" if module.kind == "RNN" else f"{ndim}D"
        fail(
            "ValueError",
            f"{module.kind}: Expected input to be 2D or 3D, got {noun} instead",
            Sentence("A recurrent module takes one feature vector a step: (L, H_in), or three axes with a batch."),
            Fix(Sentence("Indices go through nn.Embedding or one-hot first.")) if ndim == 1 else None,
        )
    if module.kind != "LSTM":
        _check_state_axes(state, ndim)
        _check_input(module, input, call)
        _check_state(module, input, state, call)
    else:
        pair = _pair(state, ndim)
        _check_input(module, input, call)
        for index, part in enumerate(pair):
            _check_size(module, input, part, call, index)
    if _lengths(module, input)[0] == 0:
        message = "Expected sequence length to be larger than 0 in RNN"
        fail("RuntimeError", message, Sentence("A sequence has at least one step."))
    doubt_recurrent(module, input, state, call)
    return _results(module, input, call)


def _lengths(module: Module, input: Tensor) -> tuple[int, int | None]:
    """Return L and N of an input as the module reads it; N is None without a batch."""
    if len(input.shape) == 2:
        return input.shape[0], None
    first = bool(module.settings.get("batch_first"))
    return input.shape[1 if first else 0], input.shape[0 if first else 1]


def _check_state_axes(state: Value, ndim: int) -> None:
    if state is None:
        return
    if not isinstance(state, Tensor):
        raise attribute_error(
            type_name(state), "dim", Fix(Sentence("Give h_0 alone: only an LSTM has a pair of states."))
        )
    if len(state.shape) != ndim:
        batch = "batched" if ndim == 3 else "unbatched"
        fail(
            "RuntimeError",
            f"For {batch} {ndim}-D input, hx should also be {ndim}-D but got {len(state.shape)}-D tensor",
            _state_axes(ndim),
        )


def _state_axes(ndim: int) -> Sentence:
    if ndim == 3:
        return Sentence("With a batch, h_0 has three axes: (D*num_layers, N, H_out).")
    return Sentence("Without a batch, h_0 has two axes: (D*num_layers, H_out).")


def _pair(state: Value, ndim: int) -> tuple[Tensor, ...]:
    """Return (h_0, c_0) as an LSTM takes them apart; a tensor falls into its rows."""
    if state is None:
        return ()
    if isinstance(state, Tensor):
        if not state.shape:
            raise not_understood("a state without axes")
        if state.shape[0] < 2:
            number = 0 if not state.shape[0] else 1
            message = f"index {number} is out of bounds for dimension 0 with size {state.shape[0]}"
            fail("IndexError", message, _PAIR, _PAIR_FIX)
        pair = [tensor(state.shape[1:], state.dtype)] * 2
    elif isinstance(state, (tuple, list)):
        if len(state) < 2:
            fail("IndexError", f"{type_name(state)} index out of range", _PAIR, _PAIR_FIX)
        pair = list(state[:2])
    else:
        raise not_understood("a state of this kind")
    for part in pair:
        if not isinstance(part, Tensor):
            raise attribute_error(type_name(part), "dim", _PAIR_FIX)
    h, c = (len(part.shape) for part in pair)
    if (h, c) != (ndim, ndim):
        batch = "batched" if ndim == 3 else "unbatched"
        message = f"For {batch} {ndim}-D input, hx and cx should also be {ndim}-D but got ({h}-D, {c}-D) tensors"
        is_tensor = isinstance(state, Tensor)
        fail("RuntimeError", message, _PAIR if is_tensor else _state_axes(ndim), _PAIR_FIX if is_tensor else None)
    return tuple(pair)


_PAIR = Sentence("An LSTM has two states: it takes the tuple (h_0, c_0), and here it got one tensor.")
_PAIR_FIX = Fix(Sentence("Give both states as a tuple: `(h_0, c_0)`."))


def _check_input(module: Module, input: Tensor, call: Call) -> None:
    if input.dtype != "float32":
        wanted, got = "torch.float32", f"torch.{input.dtype}"
        fail(
            "ValueError",
            f"RNN input dtype ({got}) does not match weight dtype ({wanted}). Convert input: input.to({wanted}), or "
            f"convert model: model.to({got})",
            Sentence("Weights are float32 and the input is {dtype}.", dtype=input.dtype),
            cast_fix(call.argument(0, "input"), "float"),
        )
    expected, got_size = module.settings["input_size"], input.shape[-1]
    if expected != got_size:
        fail(
            "RuntimeError",
            f"input.size(-1) must be equal to input_size. Expected {expected}, got {got_size}",
            Sentence(
                "The last axis of the input holds the features, so its size is input_size: {expected}, not {got}.",
                expected=int(expected),
                got=got_size,
            ),
            _input_fix(module, input, call),
        )


def _input_fix(module: Module, input: Tensor, call: Call) -> Fix:
    """Move the axis that fits to the end, or build the module for the size that is there."""
    places = [axis for axis, size in enumerate(input.shape[:-1]) if size == module.settings["input_size"]]
    if len(places) == 1:
        node = call.argument(0, "input")
        sentence = Sentence(
            "Axis {axis} has the right size: if it holds the features, move it to the end.", axis=places[0]
        )
        return Fix(sentence, Edit(node, "{}.transpose(" + f"{places[0]}, -1)"))
    sentence = Sentence("Build the module with input_size={size}, or give it other features.", size=input.shape[-1])
    sizes = [*module.node.args, *(k.value for k in module.node.keywords if k.arg == "input_size")]
    return Fix(sentence, Edit(sizes[0], str(input.shape[-1])) if sizes else None)


def _check_state(module: Module, input: Tensor, state: Tensor | None, call: Call) -> None:
    if state is not None:
        _check_size(module, input, state, call, None)
        if state.dtype != "float32":
            raise dtype_mismatch(state.dtype, "float32")


def _check_size(module: Module, input: Tensor, state: Tensor, call: Call, index: int | None) -> None:
    N = _lengths(module, input)[1]
    width = module.settings["hidden_size"] if index == 1 else module.width
    rows = module.directions * module.settings.get("num_layers", 1)
    expected = (int(rows), 1 if N is None else N, int(width))
    got = [state.shape[0], 1, *state.shape[1:]] if N is None else list(state.shape)
    if list(expected) != got:
        name = "hidden" if index is None else f"hidden[{index}]"
        wanted = expected if N is not None else (expected[0], expected[2])
        fail(
            "RuntimeError",
            f"Expected {name} size {expected}, got {got}",
            Sentence(
                "The state is (D*num_layers, N, H_out), whatever batch_first is: here {wanted}.", wanted=str(wanted)
            ),
            _state_fix(state, expected, got, call, index),
        )
    if index is not None and state.dtype != "float32":
        raise not_understood("a state of another dtype than the weights")


def _state_fix(state: Tensor, expected: tuple[int, ...], got: list[int], call: Call, index: int | None) -> Fix | None:
    if index is None and len(state.shape) == 3 and [got[1], got[0], got[2]] == list(expected):
        edit = Edit(call.argument(1, "hx"), "{}.transpose(0, 1).contiguous()")
        return Fix(Sentence("Its first two axes are exchanged: batch_first does not move them in a state."), edit)
    return Fix(Sentence("Make it with `torch.zeros{shape}`.", shape=str(expected)))


def _results(module: Module, input: Tensor, call: Call) -> tuple[Value, Value]:
    L, N = _lengths(module, input)
    D, width, layers = module.directions, module.width, module.settings.get("num_layers", 1)
    is_padded = input.origin is not None and input.origin.is_padded
    last = "D*H_out" if D == 2 else "H_out"
    origin = Origin("output", D == 2, is_padded, call.node)
    if N is None:
        output = tensor((L, D * width), axes=("L", last), origin=origin, has_grad=True)
    elif module.settings.get("batch_first"):  # made as (L, N, ...) and transposed
        strides = (D * width, N * D * width, 1)
        output = Tensor((N, L, D * width), "float32", strides, ("N", "L", last), origin, has_grad=True)
    else:
        output = tensor((L, N, D * width), axes=("L", "N", last), origin=origin, has_grad=True)
    states = []
    for kind, size in (("h_n", width), ("c_n", module.settings["hidden_size"])):
        batch = () if N is None else (N,)
        axes = ("D*num_layers", *(("N",) if batch else ()), "H_out")
        origin = Origin(kind, D == 2, is_padded, call.node)
        states.append(tensor((D * layers, *batch, size), axes=axes, origin=origin, has_grad=True))
    return output, tuple(states) if module.kind == "LSTM" else states[0]


def _run_packed(module: Module, packed: Packed, state: Value, call: Call) -> tuple[Value, Value]:
    if packed.dtype != "float32" or len(packed.features) != 1 or module.settings.get("proj_size"):
        raise not_understood("such a packed sequence")
    expected, got, rows = module.settings["input_size"], packed.features[0], sum(packed.lengths or ())
    if expected != got and module.kind == "LSTM":
        if packed.lengths is None:
            raise not_understood("packed sequences of unknown lengths")
        raise product_error(rows, got, (expected, 4 * module.settings["hidden_size"]))
    if expected != got:
        message = f"input.size(-1) must be equal to input_size. Expected {expected}, got {got}"
        fail(
            "RuntimeError",
            message,
            Sentence("The last axis of the input holds the features, so its size is input_size."),
        )
    plain = tensor((packed.steps, packed.batch, got))
    _check_packed_state(module, state, packed)
    flat = Module(module.kind, {**module.settings, "batch_first": False}, module.node)
    output, last = _results(flat, plain, call)
    origin = Origin("output", module.directions == 2, True, call.node)
    return (
        Packed(packed.batch, packed.steps, output.shape[2:], packed.lengths, "float32", origin),
        last,
    )


def _check_packed_state(module: Module, state: Value, packed: Packed) -> None:
    if state is None:
        return
    expected = (module.directions * module.settings.get("num_layers", 1), packed.batch, module.width)
    parts = state if module.kind == "LSTM" and isinstance(state, (tuple, list)) and len(state) == 2 else (state,)
    if not all(isinstance(part, Tensor) and part.dtype == "float32" for part in parts):
        raise not_understood("such a state")
    if module.kind == "LSTM" and (len(parts) != 2 or any(part.shape != expected for part in parts)):
        raise not_understood("such a state")
    if parts[0].shape != expected:
        message = f"Expected hidden size {tuple(map(int, expected))}, got {list(parts[0].shape)}"
        fail(
            "RuntimeError",
            message,
            Sentence(
                "The state is (D*num_layers, N, H_out), whatever batch_first is: here {wanted}.", wanted=str(expected)
            ),
        )


def build_cell(call: Call) -> Module:
    """Read nn.RNNCell(...), nn.LSTMCell(...) or nn.GRUCell(...)."""
    kind = call.name.rsplit(".", 1)[-1]
    names = ("input_size", "hidden_size", "bias", *(("nonlinearity",) if kind == "RNNCell" else ()))
    given = call.check_python(f"{kind}.__init__", *names, optional=len(names) - 2)
    if not all(is_int(size) and size > 0 for size in given[:2]):
        raise not_understood(call.source)
    return Module(kind, {n: v for n, v in zip(names, given, strict=True) if v is not None}, call.node)


def run_cell(module: Module, call: Call) -> Value:
    """Return h, or (h, c) for an LSTM cell, after one step."""
    input, state = call.check_python(f"{module.kind}.forward", "input", "hx", optional=1)
    if not isinstance(input, Tensor):
        raise attribute_error(type_name(input), "dim")
    ndim, kind = len(input.shape), module.kind
    if ndim not in (1, 2):
        fail(
            "ValueError",
            f"{kind}: Expected input to be 1D or 2D, got {ndim}D instead",
            Sentence("A cell takes one step: (N, H_in). Loop over the steps, or use the module that does."),
        )
    parts = _cell_states(kind, state, ndim)
    H_in, H = module.settings["input_size"], module.settings["hidden_size"]
    if input.shape[-1] != H_in:
        message = f"input has inconsistent input_size: got {input.shape[-1]} expected {H_in}"
        fail("RuntimeError", message, Sentence("The last axis holds the features: {size} of them.", size=int(H_in)))
    N = input.shape[0] if ndim == 2 else 1
    for index, part in enumerate(parts):
        _check_cell_state(part, N, H, ndim, index)
    if input.dtype != "float32" or any(part.dtype != "float32" for part in parts):
        raise dtype_mismatch(input.dtype, "float32") if input.dtype != "float32" else not_understood("a state's dtype")
    axes = (input.axes[0], "H_out") if ndim == 2 else ("H_out",)
    h = tensor((N, H) if ndim == 2 else (H,), axes=axes, has_grad=True)
    return (h, h) if kind == "LSTMCell" else h


def _cell_states(kind: str, state: Value, ndim: int) -> tuple[Tensor, ...]:
    if state is None:
        return ()
    if kind == "LSTMCell":
        if isinstance(state, Tensor):
            if len(state.shape) not in (2, 3) or ndim != 2:
                raise not_understood("this state")
            message = "lstm_cell(): argument 'hx' (position 2) must be tuple of Tensors, not Tensor"
            fail("TypeError", message, _PAIR, _PAIR_FIX)
        if not isinstance(state, (tuple, list)) or len(state) != 2 or not all(isinstance(p, Tensor) for p in state):
            raise not_understood("this state")
        parts = tuple(state)
    elif not isinstance(state, Tensor):
        raise attribute_error(type_name(state), "dim")
    else:
        parts = (state,)
    for index, part in enumerate(parts):
        if len(part.shape) not in (1, 2):
            name = f"hx[{index}]" if kind == "LSTMCell" else "hidden"
            message = f"{kind}: Expected {name} to be 1D or 2D, got {len(part.shape)}D instead"
            fail("ValueError", message, Sentence("The state of a cell is (N, H_out): it has no axis for layers."))
    return parts


def _check_cell_state(part: Tensor, N: int, H: int, ndim: int, index: int) -> None:
    # Without a batch axis a cell adds one in front of both, so (3, 20) would be a batch of one matrix.
    shape = part.shape if ndim == 2 else (1, *part.shape)
    if shape[0] != N:
        message = f"Input batch size {N} doesn't match hidden{index} batch size {shape[0]}"
        fail("RuntimeError", message, Sentence("State and input belong to the same {count} sequences.", count=N))
    if len(shape) != 2:
        raise not_understood("this state")
    if shape[1] != H:
        message = f"hidden{index} has inconsistent hidden_size: got {shape[1]}, expected {H}"
        fail("RuntimeError", message, Sentence("The last axis of the state is hidden_size: {size}.", size=int(H)))


def parameters(module: Module) -> list[tuple[str, Tensor]]:
    """Return the names and shapes of a recurrent module's weights, in PyTorch's order."""
    settings, found = module.settings, []
    if settings.get("num_layers", 1) > MAX_LAYERS:
        raise not_understood("so many layers")
    H, D, width = settings["hidden_size"], module.directions, module.width
    rows = GATES[module.kind] * H
    for layer in range(settings.get("num_layers", 1)):
        for suffix in ("", "_reverse")[:D]:
            below = settings["input_size"] if layer == 0 else D * width
            shapes: dict[str, tuple[int, ...]] = {"weight_ih": (rows, below), "weight_hh": (rows, width)}
            if settings.get("bias", True):
                shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
            if settings.get("proj_size"):
                shapes["weight_hr"] = (width, H)
            found += [(f"{name}_l{layer}{suffix}", _weight(shape)) for name, shape in shapes.items()]
    return found


def _weight(shape: tuple[int, ...]) -> Tensor:
    sizes = tuple(int(size) for size in shape)
    return Tensor(sizes, "float32", contiguous_strides(sizes), ("",) * len(sizes), has_grad=True)
