"""A call for a class that nothing calls: sizes by the names of its arguments, an input for its first layer."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from torch import nn

from rnn_core.reading.fixes import Edit, Fix
from rnn_core.reading.paste import Refused, parse_paste
from rnn_core.sentence import Sentence

if TYPE_CHECKING:
    from rnn_core.reading.reader import Reader

_SIZES = (
    (r"vocab|num_emb", "30"),
    (r"layer|depth", "1"),
    (r"drop|rate", "0.1"),
    (r"bidir|batch_first|bias", "False"),
    (r"emb", "8"),
    (r"hid|units", "16"),
    (r"class|out|tag|label|target", "4"),
    (r"device", "'cpu'"),
)
_PLAIN = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef, ast.Expr, ast.Assign)


def propose_call(reader: Reader) -> None:
    """Say of the last class with a forward that nothing calls it, and how it could be called."""
    body = reader.paste.tree.body
    classes = [node for node in body if isinstance(node, ast.ClassDef) and _method(node, "forward")]
    is_alone = all(isinstance(node, _PLAIN) and not any(map(_is_call, _calls(node))) for node in body)
    if not classes or not is_alone or reader.stops_at is not None or classes[-1].lineno not in reader.drafts:
        return
    node = classes[-1]
    made = f"{node.name}({', '.join(_arguments(node))})"
    call = f"output = {made}({_input(reader, made)})"
    reader.draft = reader.drafts[node.lineno]
    last = ast.Name("_")
    last.lineno = last.end_lineno = max(part.end_lineno or 1 for part in body)
    last.col_offset, last.end_col_offset = 0, len(reader.paste.lines[last.lineno - 1].encode())
    edit = Edit(last, "{}" + f"\n\n{call}")
    reader.note(
        "doubtful",
        Sentence("Nothing calls {name}, so what happens in it was not followed: give it an input.", name=node.name),
        node.lineno,
        kind="not-called",
        fixes=(Fix(Sentence("Add a call, such as `{call}`.", call=call), edit),),
    )
    reader.draft = None


def _method(node: ast.ClassDef, name: str) -> ast.FunctionDef | None:
    return next((part for part in node.body if isinstance(part, ast.FunctionDef) and part.name == name), None)


def _calls(node: ast.stmt) -> list[ast.AST]:
    return [] if isinstance(node, (ast.ClassDef, ast.FunctionDef)) else list(ast.walk(node))


def _is_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call)


def _arguments(node: ast.ClassDef) -> list[str]:
    """Return a value for each argument that has to be given."""
    init = _method(node, "__init__")
    if init is None:
        return []
    names = [a.arg for a in init.args.args][1:]
    needed = names[: len(names) - len(init.args.defaults)]
    return [
        next((size for pattern, size in _SIZES if re.search(pattern, name, re.IGNORECASE)), "10") for name in needed
    ]


def _input(reader: Reader, made: str) -> str:
    """Return an input for the first layer of a module."""
    from rnn_core.reading.reader import Reader as Fresh

    try:
        tried = Fresh(
            parse_paste("\n".join([*reader.paste.lines, f"it = {made}"]), is_whole=reader.paste.is_whole), tries=False
        )
    except Refused:
        return "torch.randn(3, 5, 10)"
    tried.run()
    held = tried.globals.names.get("it")
    for layer in held.modules() if isinstance(held, nn.Module) else ():
        if isinstance(layer, nn.Embedding):
            return f"torch.randint(0, {layer.num_embeddings}, (3, 5))"
        if isinstance(layer, nn.RNNBase):
            return f"torch.randn({'3, 5' if layer.batch_first else '5, 3'}, {layer.input_size})"
        if isinstance(layer, nn.RNNCellBase):
            return f"torch.randn(3, {layer.input_size})"
        if isinstance(layer, nn.Linear):
            return f"torch.randn(3, {layer.in_features})"
        if isinstance(layer, (nn.Conv1d, nn.Conv2d)):
            sizes = "20" if isinstance(layer, nn.Conv1d) else "28, 28"
            return f"torch.randn(3, {layer.in_channels}, {sizes})"
    return "torch.randn(3, 5, 10)"
