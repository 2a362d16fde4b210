"""Reads a paste: the interpreter follows it, and what is to be said of every line is kept.

The paste itself is never run. The interpreter knows the constructs of Python; what it calls are functions of torch,
numpy and Python that stand on a list, with small tensors, random numbers of its own, and a budget.
"""

from __future__ import annotations

import ast
import difflib
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from rnn_core.interpreter.branches import Break, Continue
from rnn_core.interpreter.errors import NeedsValue, NotUnderstood, Raised, TooMuch, not_understood
from rnn_core.interpreter.functions import Returned
from rnn_core.interpreter.machine import Interpreter
from rnn_core.interpreter.statements import run_compound, run_simple
from rnn_core.interpreter.values import (
    Scope,
    Unknown,
    Value,
    is_dark,
)
from rnn_core.reading import corrections, doubts, doubts_axes, doubts_losses, explanations, proposals
from rnn_core.reading.drafts import Draft, Fixes, changed_by, is_hidden, named_shape
from rnn_core.reading.fixes import Fix
from rnn_core.reading.paste import Paste, Refused, notebook_code, parse_paste
from rnn_core.reading.results import VERDICTS, Finding, Line, Reading, Verdict
from rnn_core.sentence import Sentence

# Whatever the reader itself stumbles over is its own gap: it claims nothing, and goes on.
GAPS: tuple[type[Exception], ...] = (Exception,)
_COMPOUND = (ast.If, ast.For, ast.While, ast.With, ast.Try)


class _HereOnly(threading.local):
    """Matches the text of a warning in threads that are reading: theirs are of no interest to the server's log."""

    is_reading = False

    def match(self, _: str) -> bool:
        """Tell whether this thread reads."""
        return self.is_reading


_HERE = _HereOnly()
_FILTER: Any = ("ignore", _HERE, Warning, None, 0)


class Reader(Interpreter):
    """Follows one paste.

    Args:
        paste: the code.
        seed: of what is drawn.
        tries: whether corrected lines are tried, which takes readings of its own.
    """

    def __init__(self, paste: Paste, seed: int = 0, *, tries: bool = True) -> None:
        super().__init__(seed)
        self.paste, self.tries = paste, tries
        self.drafts: dict[int, Draft] = {}
        self.draft: Draft | None = None
        self.stops_at: int | None = None
        self.is_called = False
        self.given: list[str] = []
        self.seen = doubts.Seen()
        self.guard.doubt_range = lambda name, last, count: doubts_losses.on_range(self, name, last, count)

    def run(self) -> None:
        """Follow all statements; after one that raises the next ones are read for what they are worth."""
        if _FILTER not in warnings.filters:
            warnings.filters.insert(0, _FILTER)  # type: ignore[attr-defined]
        _HERE.is_reading = True
        try:
            with torch.enable_grad(), self.guard:
                self._follow()
        finally:
            _HERE.is_reading = False

    def _follow(self) -> None:
        for node in self.paste.tree.body:
            try:
                for _ in self.statement(node, self.globals):
                    pass
            except Raised as raised:
                self._tell(raised, node)
            except (Returned, Break, Continue, NotUnderstood):
                continue  # not Python outside a function or a loop; nothing follows from it
            except TooMuch:
                self.draft = self.drafts.setdefault(node.lineno, Draft(node, self.stops_at is None))
                sentence = Sentence("Not analysed from here on: the loops run too many times.")
                self.note("unknown", sentence, node.lineno)
                self._forget(self.paste.tree.body, self.globals)
                return

    def block(self, nodes: list[ast.stmt], scope: Scope) -> Iterator[Value]:
        """Run statements; what they yield is yielded."""
        for node in nodes:
            yield from self.statement(node, scope)

    def statement(self, node: ast.stmt, scope: Scope) -> Iterator[Value]:
        """Run one statement; afterwards the statement around it is the present one again."""
        self.budget.spend()
        outer, missing = self.draft, self.missing
        draft = self.drafts.get(node.lineno)
        if draft is None:
            draft = self.drafts[node.lineno] = Draft(node, self.stops_at is None)
        self.draft, self.missing = draft, []
        try:
            if isinstance(node, _COMPOUND) or isinstance(getattr(node, "value", None), (ast.Yield, ast.YieldFrom)):
                yield from run_compound(self, node, scope)
            else:
                run_simple(self, node, scope)
        except Raised as raised:
            if raised.number is None:
                raised.number = node.lineno
            raised.through.append((draft, node, scope))
            raise
        except NotUnderstood as found:
            self._lost(found.sentence, node, scope, draft)
        except NeedsValue:
            self._lost(Sentence("This depends on numbers that are not known before it runs."), node, scope, draft)
        except GAPS:
            self._lost(not_understood(ast.unparse(node).split("\n")[0]).sentence, node, scope, draft)
        finally:
            self.draft, self.missing = outer, missing

    def _lost(self, sentence: Sentence, node: ast.stmt, scope: Scope, draft: Draft) -> None:
        """Go on after a statement that may or may not have run."""
        self.draft = draft
        self.note("unknown", sentence, node.lineno)
        self._forget([node], scope)
        inside = (
            [node]
            if not isinstance(node, _COMPOUND)
            else [part for part in ast.walk(node) if isinstance(part, ast.stmt)]
        )
        if isinstance(node, (ast.If, ast.Try)) and any(isinstance(part, (ast.Break, ast.Continue)) for part in inside):
            raise not_understood("a loop that ends when a number says so")
        if self.depth and any(isinstance(part, ast.Return) for part in ast.walk(node)):
            raise Returned(Unknown())

    def present(self) -> Any:
        """Return which statement is being read."""
        return self.draft, self.missing

    def go_on(self, present: Any) -> None:
        """Go on with a statement."""
        self.draft, self.missing = present

    def entered(self) -> None:
        """Note that a function is entered."""
        self.is_called = True

    def evaluated(self, node: ast.expr, scope: Scope) -> Value:
        """Evaluate an expression, and say so if it depends on something that is not understood."""
        value = self.value(node, scope)
        if is_dark(value) and isinstance(value, (Unknown, tuple, list)) and self.draft and not self.draft.findings:
            if not any(
                isinstance(v, Unknown) and is_dark(v) for v in (value if isinstance(value, tuple) else (value,))
            ):
                return value
            self._note_missing(scope, node)
        return value

    def _note_missing(self, scope: Scope, node: ast.expr) -> None:
        names = sorted(set(self.missing))
        held = [name for name in names if name in self.globals.names or name in scope.names]
        if not names:
            sentence = Sentence("This depends on numbers that are not known before it runs.")
        elif held:
            sentence = Sentence("{names} is not known here.", names=", ".join(held))
        else:
            sentence = Sentence(
                "{names} is not defined in this code: paste the line that makes it.", names=", ".join(names)
            )
        self.note("unknown", sentence, node.lineno)

    def is_given(self, name: str) -> bool:
        """Let a part of a program use what was imported above it; which it was is told, unless it imports nothing."""
        if self.paste.is_whole or self.paste.imports_torch:
            return False
        if self.paste.imports and name not in self.given:
            self.given.append(name)
        return True

    def undefined(self, name: str, scope: Scope) -> Value:
        """A name that nothing defines is one that was left out of the paste, or one that is misspelt."""
        known = [n for n in (*scope.names, *self.globals.names) if not n.startswith("%")]
        known += [builtin.name for builtin in self.builtins.values() if builtin.run is not None]
        is_misspelt = bool(difflib.get_close_matches(name, known, 1, 0.75)) and len(name) > 2
        if self.paste.is_complete or is_misspelt:
            raise Raised(NameError(f"name '{name}' is not defined"))
        self.missing.append(name)
        return Unknown()

    def _forget(self, nodes: list[ast.stmt], scope: Scope) -> None:
        """Everything that these statements would have defined or changed is unknown."""
        for statement in nodes:
            for node in ast.walk(statement):
                for name in changed_by(node, scope):
                    scope.set(name, Unknown())
                    self.show(name, scope.find(name))

    def _tell(self, raised: Raised, node: ast.stmt) -> None:
        """Say what an exception that nothing catches is, and where."""
        number = raised.number or node.lineno
        self.stops_at = self.stops_at or number
        for draft, statement, scope in raised.through:
            draft.verdict = "raises"
            self._forget([statement], scope)
        self.draft = raised.through[0][0] if raised.through else self.drafts[node.lineno]
        sentence, fixes, operands = explanations.explain(raised, self)
        where = raised.call.node if raised.call is not None else raised.node
        shown = ast.unparse(where)[:200] if where is not None else self.paste.lines[number - 1].strip()[:200]
        self.note(
            "raises",
            sentence,
            number,
            fixes=fixes,
            error=type(raised.error).__name__,
            message=str(raised.error),
            operator=shown or "raise",
            operands=operands,
        )
        self.draft = None

    def note(
        self,
        verdict: Verdict,
        sentence: Sentence,
        number: int,
        *,
        kind: str = "",
        fixes: tuple[Fix, ...] = (),
        **more: Any,
    ) -> None:
        """Say something about the statement that is being read; the same thing once."""
        draft = self.draft
        if draft is None:
            return
        if any(f.number == number and f.kind == kind and f.sentence == sentence for f in draft.findings):
            return
        draft.verdict = max(draft.verdict, verdict, key=VERDICTS.index)
        draft.findings.append(Finding(verdict, number, sentence, kind=kind, fix=Fixes(fixes), **more))  # type: ignore[arg-type]

    def doubt(self, kind: str, node: ast.AST | None, sentence: Sentence, fix: Fix | None = None) -> None:
        """Note that something runs and is probably not what was meant."""
        number = getattr(node, "lineno", None) or (self.draft.node.lineno if self.draft else 1)
        if isinstance(node, ast.expr):
            number = node.lineno
        self.note("doubtful", sentence, number, kind=kind, fixes=(fix,) if fix else ())

    def show(self, name: str, value: Value) -> None:
        """Note what a name holds now."""
        if self.draft is not None and not self.quiet and not name.startswith("%"):
            self.draft.names[name] = named_shape(name, value)

    def printed(self, text: str) -> None:
        """Note what is printed."""
        if self.draft is not None and len(self.draft.printed) < 20 and not self.draft.node.lineno < 0:
            self.draft.printed.append(text)

    def comment(self, node: ast.stmt) -> tuple[str, ...]:
        """Return the words for axes in a comment on the line."""
        return self.paste.comments.get(node.end_lineno or node.lineno, ())

    # what is looked at on the way

    def after_torch(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Look at a call of torch that went well."""
        doubts_losses.on_torch(self, name, args, kwargs)

    def after_making(self, made: Value) -> None:
        """Look at a new module, optimiser or object."""
        doubts.on_making(self, made)

    def after_arithmetic(self, node: ast.expr, left: Value, right: Value, made: Value) -> None:
        """Look at the result of arithmetic."""
        if isinstance(left, torch.Tensor) and isinstance(right, torch.Tensor) and isinstance(made, torch.Tensor):
            doubts_losses.on_broadcast(self, left, right, made, node)

    def after_index(self, owner: torch.Tensor, index: Value, node: ast.Subscript) -> None:
        """Look at what is taken of a tensor."""
        doubts_axes.on_index(self, owner, index, node)

    def after_call(self, call: Any, made: Value) -> None:
        """Look at a call that went well."""
        doubts.on_call(self, call, made)

    def after_step(self) -> None:
        """Note that an optimiser takes a step."""
        doubts.on_step(self)

    def gradients_cleared(self) -> None:
        """Note that gradients were set to zero."""
        self.seen.is_cleared = True

    def before_unpacking(self, target: ast.expr, value: Value) -> None:
        """Look at what is unpacked."""
        doubts.on_unpacking(self, target, value)

    def after_setting(self, owner: Value, name: str) -> None:
        """Look at an attribute that was set."""
        if name == "requires_grad" and isinstance(owner, nn.Module):
            doubts.on_frozen_module(self)

    def reading(self) -> Reading:
        """Return what was found."""
        for number in self.paste.magics:
            sentence = Sentence("This is not Python but a notebook command; it is left out here.")
            draft = Draft(ast.Pass(lineno=number, end_lineno=number), is_reached=True, verdict="unknown")
            draft.findings = [Finding("unknown", number, sentence)]
            self.drafts.setdefault(number, draft)
        if self.tries and not self.is_called:
            proposals.propose_call(self)
        lines = tuple(self._line(number, draft) for number, draft in sorted(self.drafts.items()))
        shown = {n: v for n, v in self.globals.names.items() if not is_hidden(self, n, v)}
        names = tuple(named_shape(n, v) for n, v in shown.items())
        return Reading(lines, stops_at=self.stops_at, names=names, given=tuple(self.given))

    def _line(self, number: int, draft: Draft) -> Line:
        end = draft.node.end_lineno or number
        if isinstance(draft.node, (*_COMPOUND, ast.FunctionDef, ast.ClassDef)):
            end = max(number, draft.node.body[0].lineno - 1)
        return Line(
            number=number,
            end=end,
            source="\n".join(self.paste.lines[number - 1 : end]),
            names=tuple(draft.names.values()),
            verdict=draft.verdict,
            findings=tuple(corrections.finished(self, finding) for finding in draft.findings),
            printed=tuple(draft.printed),
            is_reached=draft.is_reached,
        )


def read_paste(paste: Paste, *, tries: bool = True) -> Reading:
    """Follow a paste; twice, where what is drawn or comes from outside decides about sizes."""
    reader = Reader(paste, tries=tries)
    reader.run()
    reading = reader.reading()
    if reader.is_exact and reader.guard.is_exact:
        return reading
    other = Reader(paste, seed=1, tries=False)
    other.run()
    return corrections.agreed(reading, other.reading())


def read_code(text: str, *, is_whole: bool = False) -> Reading:
    """Read pasted code.

    Args:
        text: as it was pasted: imports, comments, prompts, fences, tracebacks and all, or a whole notebook (.ipynb),
            whose cells of code are read one after the other. torch, nn, F, optim, np and the packing functions are
            known without an import, where there is no `import torch`.
        is_whole: whether it is a file of its own: then nothing is known that it does not import.

    Returns:
        What can be said; never an exception, whatever the text.
    """
    try:
        paste = parse_paste(notebook_code(text) or text, is_whole=is_whole)
    except Refused as refused:
        return Reading(problem=refused.sentence)
    return read_paste(paste)
