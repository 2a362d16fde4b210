"""A run as a plain PyTorch script: no app, no rnn_core, the same numbers."""

from __future__ import annotations

import unicodedata
from importlib.metadata import version

from rnn_core.characters import different_characters, split_characters
from rnn_core.config import Config
from rnn_core.records.runs import Dataset
from rnn_core.records.tensors import TensorSpec
from rnn_core.shapes.specs import tensor_specs
from rnn_core.training.experiment import Experiment
from rnn_core.training.trainer import EXPLOSION, VALIDATE_EVERY

_OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD", "rmsprop": "RMSprop"}
_CLASSES = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}


def to_script(config: Config | Experiment) -> str:
    """Write the script that repeats a run of this config and prints step, loss and prediction.

    On one machine with one version of torch, and one thread, its numbers are those of `train` to the last bit; it ends
    where `train` ends. Losses are printed with every digit of Python's float, held-out losses on lines of their own.

    Raises:
        ConfigError: if the text is too short for the task or for its share of held-out windows.
    """
    experiment = Experiment.of(config)
    config, dataset = experiment.config, experiment.dataset
    many = len(dataset.input) > config.batch_size
    text = unicodedata.normalize("NFC", config.text)
    needs_regex = list(text) != split_characters(text)
    lines = [
        f"# pip install torch{' regex' if needs_regex else ''}",
        f"# With torch {_torch_version()} on the same machine it prints the numbers of the app, bit for bit.",
        *(["import regex"] if needs_regex else []),
        "import torch",
        "from torch import nn",
        "",
        "torch.set_num_threads(1)  # as the app does: another number of threads adds in another order",
        "",
        f"text = {text!r}",
        *([r'text = regex.findall(r"\X", text)  # user-perceived characters'] if needs_regex else []),
        "characters = sorted(set(text))",
        "index = {c: i for i, c in enumerate(characters)}",
        "V = len(characters)",
        "indices = torch.tensor([index[c] for c in text])",
        "",
        *_windows(config, dataset),
        *(["batches = -(-len(inputs) // N)"] if many else []),
        "",
        f"torch.manual_seed({config.seed})",
        *_network(config),
        "",
        *_forward(config),
        "",
        f"for step in range({config.steps + 1}):",
        *_measure(config, many),
        *(_validate(config) if config.val_share else []),
        *_update(config),
    ]
    return "\n".join(lines) + "\n"


def _torch_version() -> str:
    return version("torch").split("+")[0]  # what comes after + names a build for some kind of machine


def _windows(config: Config, dataset: Dataset) -> list[str]:
    lines = [
        f"L, N = {dataset.input.shape[1]}, {config.batch_size}  # sequence length, batch size",
        "",
        "",
        "def cut(indices):  # into windows (W, L), the last one ending with the text",
        f"    source, target = {'indices[:-1], indices[1:]' if config.task == 'next' else 'indices, indices'}",
        "    starts = [*range(0, len(source) - L, L), len(source) - L]",
        "    return [torch.stack([side[s : s + L] for s in starts]) for side in (source, target)]",
        "",
        "",
    ]
    held = _held_out(config, dataset)
    lines.append(f"inputs, targets = cut({_learnt(config, dataset)})")
    if held:
        lines.append(f"val_inputs, val_targets = cut(indices[-{held}:])  # held out: never trained on")
    return lines


def _held_out(config: Config, dataset: Dataset) -> int:
    """Return how many characters at the end of the text are never trained on."""
    return dataset.val_input.size + (1 if config.task == "next" else 0) if config.val_share else 0


def _learnt(config: Config, dataset: Dataset) -> str:
    """Write the indices that are learnt from: without those that are held out, and going round where the text does."""
    held = _held_out(config, dataset)
    learnt = f"indices[:-{held}]" if held else "indices"
    if not config.repeat:
        return learnt
    size = dataset.starts[-1] + dataset.input.shape[1] + (1 if config.task == "next" else 0)
    times = -(-size // (len(split_characters(config.text)) - held))
    return learnt if times == 1 else f"{learnt}.repeat({times})[:{size}]"


def to_module(config: Config, input_size: int | str, *, proj_size: int = 0, bias: bool = True) -> str:
    """Write how the recurrent module is built, such as `nn.LSTM(10, 20, num_layers=2)`; defaults are left out."""
    arguments = [str(input_size), str(config.hidden_size)]
    if config.num_layers > 1:
        arguments.append(f"num_layers={config.num_layers}")
    if config.cell == "rnn" and config.nonlinearity != "tanh":
        arguments.append(f'nonlinearity="{config.nonlinearity}"')
    if not bias:
        arguments.append("bias=False")
    if config.batch_first:
        arguments.append("batch_first=True")
    if config.bidirectional:
        arguments.append("bidirectional=True")
    if proj_size:
        arguments.append(f"proj_size={proj_size}")
    return f"nn.{_CLASSES[config.cell]}({', '.join(arguments)})"


def _network(config: Config) -> list[str]:
    modules = ["rnn"]
    lines = [f"rnn = {to_module(config, 'V' if _is_square(config) else config.input_size)}"]
    if config.encoding == "embedding":
        lines.insert(0, f"embedding = nn.Embedding(V, {config.input_size})")
        modules.insert(0, "embedding")
    if config.head == "linear":
        lines.append(f"head = nn.Linear({config.num_directions * config.hidden_size}, V)")
        modules.append("head")
    lines.append(f"parameters = [{', '.join(f'*{module}.parameters()' for module in modules)}]")
    rate = config.value_at("learning_rate", 0)
    fused = "" if config.optimizer == "rmsprop" else ", fused=True"  # torch has no fused RMSprop
    lines.append(f"optimizer = torch.optim.{_OPTIMIZERS[config.optimizer]}(parameters, lr={rate!r}{fused})")
    return lines


def _forward(config: Config) -> list[str]:
    features = "embedding(x)" if config.encoding == "embedding" else f"{_identity(config)}[x]"
    scores = "head(output)" if config.head == "linear" else "output"
    return [
        "",
        "def forward(x):  # indices -> one score per character",
        f"    output, state = rnn({features})",
        f"    return {scores}.reshape(-1, V)",
        "",
    ]


def _is_square(config: Config) -> bool:
    """Whether rows of the identity matrix go in, with no room to spare."""
    return config.encoding == "onehot" and config.input_size == len(different_characters(config.text))


def _identity(config: Config) -> str:
    """Write the matrix whose rows are one-hot."""
    return "torch.eye(V)" if _is_square(config) else f"torch.eye(V, {config.input_size})"


def _pair(config: Config, rows: str, prefix: str = "") -> str:
    """Write how inputs x and targets y are taken from windows, arranged as the network reads them."""
    axes, note = ("[0]", "(L,): no batch axis") if not config.batched else ("", "(N, L)")
    if config.is_time_first:
        axes, note = ".T", "(L, N): batch_first is False"
    return f"x, y = {prefix}inputs{rows}{axes}, {prefix}targets{rows}{axes}  # {note}"


def _measure(config: Config, many: bool) -> list[str]:
    lines = ["    if step % batches == 0:", "        order = torch.randperm(len(inputs))"] if many else []
    if many:
        lines.append("    chosen = order[step % batches * N : (step % batches + 1) * N]")
    best = "scores.argmax(1)" + (".reshape(x.shape).T.reshape(-1)" if config.is_time_first else "")
    return [
        *lines,
        f"    {_pair(config, '[chosen]' if many else '')}",
        "    scores = forward(x)",
        "    loss = nn.functional.cross_entropy(scores, y.reshape(-1))",
        f'    prediction = "".join(characters[i] for i in {best}.tolist())',
        "    print(step, loss.item(), prediction)",
    ]


def _validate(config: Config) -> list[str]:
    return [
        f"    if step % {VALIDATE_EVERY} == 0:",
        "        total = 0.0",
        "        for start in range(0, len(val_inputs), N):",
        f"            {_pair(config, '[start : start + N]', 'val_')}",
        "            with torch.no_grad():",
        '                total += nn.functional.cross_entropy(forward(x), y.reshape(-1), reduction="sum").item()',
        '        print("held out:", total / val_targets.numel())',
    ]


def _update(config: Config) -> list[str]:
    changes = {c.field for c in config.earlier}
    lines = [
        "    optimizer.zero_grad()",
        "    loss.backward()",
        "    norm = nn.utils.get_total_norm([p.grad for p in parameters])",
        "    if step == 0:",
        f"        most = {EXPLOSION:g} * max(loss.item(), 1.0)",
        "    if not (loss.isfinite() and norm.isfinite()) or loss.item() > most:",
        "        break  # exploded",
    ]
    if "grad_clip" in changes:
        lines.extend(_scheduled(config, "grad_clip", "clip"))
        lines.append("    if clip > 0:")
        lines.append("        nn.utils.clip_grads_with_norm_(parameters, clip, norm)")
    elif config.grad_clip > 0:
        lines.append(f"    nn.utils.clip_grads_with_norm_(parameters, {config.grad_clip!r}, norm)")
    if "learning_rate" in changes:
        lines.extend(_scheduled(config, "learning_rate", 'optimizer.param_groups[0]["lr"]'))
    lines.append("    optimizer.step()")
    return lines


def _scheduled(config: Config, field: str, target: str) -> list[str]:
    changes = [c for c in config.earlier if c.field == field]
    words = "".join(f"{c.value!r} if step < {c.step} else " for c in changes)
    return [f"    {target} = {words}{getattr(config, field)!r}"]


def to_encoding_steps(config: Config | Experiment) -> dict[str, str]:
    """Write the way from the text to the network's output as named pieces of one script.

    The names are characters, vocabulary, indices, one_hot, tensor and network; run one after the other they define
    `characters`, `V`, `indices`, `rows`, `input`, `output` and `h_n`.
    """
    experiment = Experiment.of(config)
    config, dataset = experiment.config, experiment.dataset
    N, L = min(config.batch_size, len(dataset.input)), dataset.input.shape[1]
    windows = "source.unfold(0, L, L)[:N]" if len(dataset.starts) > 1 else "source[None, :L]"
    if dataset.starts[N - 1] != (N - 1) * L:  # the last window ends with the text and overlaps the one before
        windows = f"torch.stack([source[s : s + L] for s in {list(dataset.starts[:N])}])"
    source = _learnt(config, dataset)
    if config.task == "next":
        source += "[:-1]  # the last character has no successor"
    arranged = "rows" if config.batched else "rows[0]"
    note = "(N, L, H_in)" if config.batched else "(L, H_in)"
    if config.batched and not config.batch_first:
        swapped = config.layout == "batch_major"
        arranged = "rows" if swapped else "rows.transpose(0, 1)"
        note = "laid out (N, L, H_in), read as (L, N, H_in)" if swapped else "(L, N, H_in)"
    seed = f"torch.manual_seed({config.seed})"
    wide = "V" if _is_square(config) else "H_in"
    drawn = [seed]
    vectors = [f"{_identity(config)}[indices]  # index i becomes row i of the identity matrix"]
    rows = f"rows = {_identity(config)}[windows]  # (N, L, {wide})"
    if config.encoding == "embedding":
        drawn, rows = [], "rows = embedding(windows)  # (N, L, H_in)"
        vectors = [seed, f"embedding = nn.Embedding(V, {config.input_size})"]
        vectors += ["embedding(indices)  # index i picks row i of a learnt matrix (V, H_in)"]
    state = "(h_n, c_n)" if config.cell == "lstm" else "h_n"
    network = next(line for line in _network(config) if line.startswith("rnn = "))
    return {
        "characters": "\n".join(
            [
                "# pip install torch regex",
                "import unicodedata",
                "import regex",
                "import torch",
                "from torch import nn",
                "",
                f"text = {_short(config.text)}",
                r'characters = regex.findall(r"\X", unicodedata.normalize("NFC", text))',
            ]
        ),
        "vocabulary": "vocabulary = sorted(set(characters))\n"
        "index = {c: i for i, c in enumerate(vocabulary)}\n"
        "V = len(vocabulary)",
        "indices": "indices = torch.tensor([index[c] for c in characters])",
        "one_hot": "\n".join(vectors),
        "tensor": "\n".join(
            [
                *drawn,
                f"source = {source}",
                f"L, N = {L}, {N}",
                f"windows = {windows}  # (N, L)",
                rows,
                f"input = {arranged}  # {note}",
                "print(input.shape)",
            ]
        ),
        "network": f"{network}\nwith torch.no_grad():  # nothing is learnt yet\n"
        f"    output, {state} = rnn(input)\nprint(output.shape, h_n.shape)",
    }


def _short(text: str, most: int = 200) -> str:
    """Write a text as a literal; a long one is cut, and the code says so."""
    return repr(text) if len(text) <= most else f"{text[:most]!r}  # … and {len(text) - most} more characters"


def to_shapes_script(config: Config, vocab_size: int | None = None, *, proj_size: int = 0, bias: bool = True) -> str:
    """Write the script that calls the module of a config once, on random input, and prints the shape of every tensor.

    It prints one line a tensor, its name and its shape, in the order of `tensor_specs`.

    Args:
        config: takes input_size, seq_len and batch_size as given; needs no text.
        vocab_size: number of scores that a linear head gives; input_size if not given.
        proj_size: size that an LSTM's hidden state is projected to; 0 for none.
        bias: whether the recurrent layers have biases.

    Raises:
        ConfigError: if proj_size does not go with the cell or the hidden size.
    """
    specs = {spec.name: spec for spec in tensor_specs(config, vocab_size, proj_size=proj_size, bias=bias)}
    states = [name for name in ("h_0", "c_0") if name in specs]
    lasts = [name for name in ("h_n", "c_n") if name in specs]
    given, last = (f"({', '.join(names)})" if len(names) > 1 else names[0] for names in (states, lasts))
    lines = [
        "# pip install torch",
        "import torch",
        "from torch import nn",
        "",
        f"torch.manual_seed({config.seed})",
        f"rnn = {to_module(config, config.input_size, proj_size=proj_size, bias=bias)}",
        *([f"head = nn.Linear{specs['head.weight'].shape[::-1]}"] if config.head == "linear" else []),
        f"input = torch.randn{specs['input'].shape}  # {_axes(config, specs['input'])}",
        *(f"{name} = torch.randn{specs[name].shape}  # {_axes(config, specs[name])}" for name in states),
        f"target = torch.randint({specs['scores'].shape[-1]}, {specs['target'].shape})",
        "",
        f"output, {last} = rnn(input, {given})",
        *(["logits = head(output)"] if config.head == "linear" else []),
        f"scores = {'logits' if config.head == 'linear' else 'output'}.reshape(-1, {specs['scores'].shape[-1]})",
        "loss = nn.functional.cross_entropy(scores, target)",
        "",
        f"tensors = {_dict(['input', *states])}",
        "tensors |= dict(rnn.named_parameters())",
        f"tensors |= {_dict(['output', *lasts])}",
    ]
    if config.head == "linear":
        lines.append('tensors |= {"head.weight": head.weight, "head.bias": head.bias, "logits": logits}')
    lines += [
        f"tensors |= {_dict(['scores', 'target', 'loss'])}",
        "for name, tensor in tensors.items():",
        "    print(name, tuple(tensor.shape))",
    ]
    return "\n".join(lines) + "\n"


def _dict(names: list[str]) -> str:
    return "{" + ", ".join(f'"{name}": {name}' for name in names) + "}"


def _axes(config: Config, spec: TensorSpec) -> str:
    """Say how the axes of an input are read; and how they were meant where they are swapped."""
    swapped = spec.name == "input" and config.has_swapped_axes
    read = f"({', '.join(spec.axes)})"
    return f"laid out (N, L, H_in), read as {read}" if swapped else read
