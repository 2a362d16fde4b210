"""Reads pasted PyTorch code statement by statement, and says of each what it makes and whether it would run.

Nothing is executed: the code is parsed, and every operator is looked up in tables of shapes. What the tables do not
know is named and claimed nothing about.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from rnn_core.reading import python
from rnn_core.reading.arithmetic import SIGNS, compute
from rnn_core.reading.calls import Call
from rnn_core.reading.containers import extend
from rnn_core.reading.errors import Edit, Fix, NotUnderstood, Raised, not_understood
from rnn_core.reading.expressions import AROUND, GLOBAL, NONLOCAL, Evaluator, Scope, TooMuch
from rnn_core.reading.library import is_module_path, lookup
from rnn_core.reading.methods import check_in_place
from rnn_core.reading.paste import Paste, Refused, parse_paste
from rnn_core.reading.results import VERDICTS, Finding, Line, NamedShape, Reading, Verdict
from rnn_core.reading.spelling import is_name_of
from rnn_core.reading.values import (
    Function,
    Instance,
    Library,
    Module,
    Named,
    Opaque,
    Packed,
    Tensor,
    Unknown,
    UserClass,
    Value,
    describe,
    is_known,
    renamed,
)
from rnn_core.sentence import Sentence

MAX_CALLS = 6  # functions of the paste within each other
MAX_EXECUTED = 4_000  # statements, loops counted as often as they go round
# Whatever a paste may stumble over in the reader itself is its own gap: it claims nothing, and goes on.
GAPS: tuple[type[Exception], ...] = (ArithmeticError, LookupError, AttributeError, MemoryError, TypeError, ValueError)
GAPS = (*GAPS, RecursionError, AssertionError)


def read_code(text: str) -> Reading:
    """Read pasted code.

    Args:
        text: as it was pasted: imports, comments, prompts and all. torch, nn, F and the packing functions are known
            without an import.

    Returns:
        What can be said; never an exception, whatever the text.
    """
    try:
        paste = parse_paste(text)
    except Refused as refused:
        return Reading(problem=refused.sentence)
    reader = _Reader(paste)
    reader.run()
    return reader.reading()


@dataclass
class _Draft:
    """A line while it is being read."""

    node: ast.stmt
    is_reached: bool
    names: dict[str, NamedShape] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    verdict: Verdict = "ok"
    printed: list[str] = field(default_factory=list)


class _Return(Exception):  # noqa: N818 - how a function of the paste ends
    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


class _Break(Exception):  # noqa: N818 - how a loop ends
    """The innermost loop ends."""


class _Continue(Exception):  # noqa: N818 - how a round of a loop ends
    """The innermost loop goes on with its next round."""


class _Reader(Evaluator):
    def __init__(self, paste: Paste) -> None:
        super().__init__()
        self.paste = paste
        self.globals = {"__name__": "__main__"}
        self.drafts: dict[int, _Draft] = {}
        self.stops_at: int | None = None
        self.executed = self.depth = 0
        self.draft: _Draft | None = None

    def run(self) -> None:
        """Read all statements; after one that raises the next ones are read for what they are worth."""
        for node in self.paste.tree.body:
            try:
                self._execute(node, self.globals)
            except Raised as raised:
                self.stops_at = self.stops_at or raised.number or node.lineno
            except (_Return, _Break, _Continue, NotUnderstood):
                continue  # not Python outside a function or a loop; nothing follows from it
            except TooMuch:
                self.draft = self.drafts.setdefault(node.lineno, _Draft(node, self.stops_at is None))
                sentence = Sentence("From here on this is too long to be followed: its loops go round too often.")
                self._note("unknown", sentence, node.lineno)
                self._forget(self.paste.tree.body, self.globals)
                return

    def reading(self) -> Reading:
        """Return what was found."""
        for number in self.paste.magics:
            sentence = Sentence("This is no Python: a command of a notebook, left out here.")
            finding = Finding("unknown", number, sentence)
            self.drafts.setdefault(number, _Draft(ast.Pass(lineno=number, end_lineno=number), True)).findings = [
                finding
            ]
            self.drafts[number].verdict = "unknown"
        lines = tuple(self._line(number, draft) for number, draft in sorted(self.drafts.items()))
        names = tuple(_named(n, v) for n, v in self.globals.items() if not _is_hidden(n, v))
        return Reading(lines, stops_at=self.stops_at, names=names)

    def _line(self, number: int, draft: _Draft) -> Line:
        end = draft.node.end_lineno or number
        if isinstance(draft.node, (ast.For, ast.If, ast.With, ast.FunctionDef, ast.ClassDef, ast.While)):
            end = max(number, draft.node.body[0].lineno - 1)
        return Line(
            number=number,
            end=end,
            source="\n".join(self.paste.lines[number - 1 : end]),
            names=tuple(draft.names.values()),
            verdict=draft.verdict,
            findings=tuple(draft.findings),
            printed=tuple(draft.printed),
            is_reached=draft.is_reached,
        )

    def doubt(self, node: ast.AST, kind: str, sentence: Sentence, fix: Fix | None) -> None:
        number = getattr(node, "lineno", 1)
        if kind == "one-direction" and isinstance(node, ast.Subscript) and self._takes_another_row(node):
            return
        self._note("doubtful", sentence, number, kind=kind, fix=fix)

    def _takes_another_row(self, taken: ast.Subscript) -> bool:
        """Whether the code takes some other row of the same tensor too."""
        name, index = ast.unparse(taken.value), ast.unparse(taken.slice)
        rows = [node for node in ast.walk(self.paste.tree) if isinstance(node, ast.Subscript)]
        return any(ast.unparse(row.value) == name and ast.unparse(row.slice) != index for row in rows)

    def _note(
        self,
        verdict: Verdict,
        sentence: Sentence,
        number: int,
        *,
        kind: str = "",
        fix: Fix | None = None,
        **more: Value,
    ) -> None:
        """Say something about the statement that is being read; the same thing once."""
        if self.draft is None:
            return
        corrected, place = self._corrected(fix.edit) if fix and fix.edit else (None, None)
        finding = Finding(
            verdict,
            number,
            sentence,
            kind=kind,
            fix=fix.sentence if fix else None,
            corrected=corrected,
            corrected_number=place,
            **more,
        )
        if finding not in self.draft.findings:
            self.draft.findings.append(finding)
        self.draft.verdict = max(self.draft.verdict, verdict, key=VERDICTS.index)

    def _corrected(self, edit: Edit) -> tuple[str | None, int | None]:
        """Apply a change to its line; a node of several lines is left to the reader."""
        node = edit.node
        number, end = node.lineno, node.end_col_offset
        if node.end_lineno != number or end is None:
            return None, None
        line = self.paste.lines[number - 1].encode()
        before, code, after = line[: node.col_offset], line[node.col_offset : end].decode(), line[end:]
        if edit.template.startswith("+"):  # one more argument of a call
            comma = "" if code.rstrip(")").rstrip().endswith(("(", ",")) else ", "
            changed = f"{code[:-1].rstrip()}{comma}{edit.template[1:]})"
        else:
            is_atom = isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant))
            changed = edit.template.replace("{}", code if is_atom else f"({code})")
        return f"{before.decode()}{changed}{after.decode()}", number

    def _execute(self, node: ast.stmt, scope: Scope) -> None:
        """Read one statement; afterwards the statement around it is the present one again."""
        self.executed += 1
        if self.executed > MAX_EXECUTED:
            raise TooMuch
        outer, outer_missing = self.draft, self.missing
        self.draft = self.drafts.setdefault(node.lineno, _Draft(node, self.stops_at is None))
        self.missing = []
        try:
            getattr(self, f"_run_{type(node).__name__.lower()}", self._run_other)(node, scope)
        except Raised as raised:
            self._tell(raised, node)
            self._forget([node], scope)
            raise
        except NotUnderstood as found:
            self._note("unknown", found.sentence, node.lineno)
            self._skip([node], scope)
        except GAPS:
            self._note("unknown", not_understood(ast.unparse(node)).sentence, node.lineno)
            self._skip([node], scope)
        finally:
            self.draft, self.missing = outer, outer_missing

    def _tell(self, raised: Raised, node: ast.stmt) -> None:
        number = raised.number or node.lineno
        raised.number = number
        if raised.is_told:  # in a function: told there, but this line ends too
            if self.draft:
                self.draft.verdict = "raises"
            return
        raised.is_told = True
        self._note(
            "raises",
            raised.sentence,
            number,
            fix=raised.fix,
            error=raised.error,
            message=raised.message,
            operator=raised.operator,
            operands=raised.operands,
        )

    def _skip(self, nodes: list[ast.stmt], scope: Scope) -> None:
        """Go on after statements that may or may not have run; a function that they may have ended is ended."""
        self._forget(nodes, scope)
        if any(isinstance(node, (ast.Break, ast.Continue)) for part in nodes for node in _in_this_loop(part)):
            raise not_understood("a loop that ends when a number says so")
        if self.depth and any(isinstance(node, ast.Return) for part in nodes for node in ast.walk(part)):
            raise _Return(Unknown())

    def _forget(self, nodes: list[ast.stmt], scope: Scope) -> None:
        """Everything that these statements would have defined is unknown."""
        for statement in nodes:
            for node in ast.walk(statement):
                name = None
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    name = node.id
                elif isinstance(node, ast.Name) and isinstance(scope.get(node.id), Instance):
                    scope[node.id].gaps.append(node.id)  # given to something that may change it
                elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                    owner = scope.get(node.value.id)
                    if isinstance(owner, (list, dict)):  # appended to, perhaps
                        name = node.value.id
                    elif isinstance(owner, Tensor) and node.attr.endswith("_") and not node.attr.endswith("__"):
                        name = node.value.id  # changed in place
                    elif isinstance(owner, Module) and node.attr == "append":
                        name = node.value.id
                    elif isinstance(owner, Instance):
                        if isinstance(node.ctx, ast.Store):
                            owner.attributes[node.attr] = Unknown()
                        owner.gaps.append(node.attr)
                elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                    root = node.value
                    if isinstance(root, ast.Name) and isinstance(scope.get(root.id), (list, dict)):
                        name = root.id
                elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                    name = node.name
                elif isinstance(node, ast.alias):
                    name = (node.asname or node.name).split(".")[0]
                if name:
                    scope[name] = Unknown()
                    self._show(name, scope)

    def _show(self, name: str, scope: Scope) -> None:
        if self.draft is not None:
            self.draft.names[name] = _named(name, scope[name])

    def _evaluated(self, node: ast.expr, scope: Scope) -> Value:
        """Return a value, and say so if it depends on something that is not understood."""
        value = self.value(node, scope)
        if not is_known(value) and self.draft is not None and not self.draft.findings:
            names = sorted(set(self.missing))
            if names:
                defined = [name for name in names if name in self.globals or name in scope]
                if defined:
                    sentence = Sentence("{names} is not known here.", names=", ".join(defined))
                else:
                    sentence = Sentence(
                        "{names} is not defined in this code: paste the line that makes it.", names=", ".join(names)
                    )
            else:
                sentence = Sentence("This depends on numbers that are not known before it runs.")
            self._note("unknown", sentence, node.lineno)
        return value

    def _run_other(self, node: ast.stmt, _: Scope) -> None:
        kind = type(node).__name__
        raise not_understood(_KEYWORDS.get(kind, ast.unparse(node).split("\n")[0]))

    def _run_pass(self, _: ast.Pass, __: Scope) -> None:
        """Nothing happens."""

    def _run_import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.split(".")[0]
            path = alias.name if alias.asname else name
            if not is_module_path(path):
                raise not_understood(f"import {alias.name}")
            scope[name] = Library(path)

    def _run_importfrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            if node.module == "__future__":
                continue
            if not is_module_path(node.module or "") or not is_name_of(node.module or "", alias.name):
                raise not_understood(ast.unparse(node))
            scope[alias.asname or alias.name] = lookup(f"{node.module}.{alias.name}")

    def _run_expr(self, node: ast.Expr, scope: Scope) -> None:
        if isinstance(node.value, ast.Constant):
            return  # a docstring, or a number on its own
        self._evaluated(node.value, scope)
        match node.value:
            case ast.Call(func=ast.Name(id="print"), args=args, keywords=[]):
                parts = [python.shown(self.value(arg, scope)) for arg in args if not isinstance(arg, ast.Starred)]
                if self.draft is not None and None not in parts and len(self.draft.printed) < 20:
                    self.draft.printed.append(" ".join(str(part) for part in parts))

    def _run_assign(self, node: ast.Assign, scope: Scope) -> None:
        value = self._evaluated(node.value, scope)
        for target in node.targets:
            self._give(target, self._with_comment(value, node), scope)

    def _run_annassign(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self._give(node.target, self._evaluated(node.value, scope), scope)

    def _run_augassign(self, node: ast.AugAssign, scope: Scope) -> None:
        current = self._evaluated(_as_load(node.target), scope)
        value = self._evaluated(node.value, scope)
        sign = SIGNS.get(type(node.op))
        if not is_known(current) or not is_known(value):
            self._give(node.target, Unknown(), scope)
        elif sign == "+" and isinstance(current, list) and isinstance(value, (list, tuple)):
            extend(current, list(value))
        elif sign is None or isinstance(current, (list, dict)):
            raise not_understood(ast.unparse(node))
        else:
            with self.at(node.value, [(_as_load(node.target), current), (node.value, value)]):
                made = compute(sign, current, value)
                if isinstance(current, Tensor):
                    check_in_place(current.shape, made.shape)
                    if made.dtype != current.dtype:
                        raise not_understood(ast.unparse(node))
            self._give(node.target, made, scope)

    def _with_comment(self, value: Value, node: ast.Assign) -> Value:
        """Take the words of a tensor's axes from a comment on its line."""
        words = self.paste.comments.get(node.end_lineno or node.lineno, ())
        if isinstance(value, Tensor) and len(words) == len(value.shape) and value.origin is None:
            return renamed(value, words)
        return value

    def _give(self, target: ast.expr, value: Value, scope: Scope) -> None:
        self.assign(target, value, scope)
        for node in ast.walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in scope:
                self._show(node.id, scope)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and self.draft is not None:
                name = f"{node.value.id}.{node.attr}"
                self.draft.names[name] = _named(name, value)

    def _run_assert(self, node: ast.Assert, scope: Scope) -> None:
        value = self._evaluated(node.test, scope)
        if not is_known(value):
            return
        if python.truth(value) is False:
            text = self.value(node.msg, scope) if node.msg else ""
            shown = python.shown(text) if is_known(text) else None
            compared = node.test.left if isinstance(node.test, ast.Compare) else node.test
            found = self.value(compared, scope)
            raised = Raised(
                "AssertionError",
                shown if shown is not None else "",
                Sentence("This does not hold: `{code}` is {found}.", code=ast.unparse(compared), found=describe(found)),
            )
            raised.operator = ast.unparse(node.test)
            raise raised

    def _run_return(self, node: ast.Return, scope: Scope) -> None:
        raise _Return(None if node.value is None else self._evaluated(node.value, scope))

    def _run_functiondef(self, node: ast.FunctionDef, scope: Scope) -> None:
        scope[node.name] = self._function(node, node.name, scope)

    def _function(self, node: ast.FunctionDef, name: str, scope: Scope) -> Function:
        known = {"staticmethod": "is_static", "property": "is_property", "torch.no_grad()": "in_no_grad"}
        words = [ast.unparse(decorator) for decorator in node.decorator_list]
        strange = next((word for word in words if word not in known), None)
        if strange is not None:
            raise not_understood(f"@{strange}")
        return Function(name, node, scope, **{known[word]: True for word in words})

    def _run_classdef(self, node: ast.ClassDef, scope: Scope) -> None:
        bases = [self.value(base, scope) for base in node.bases]
        is_module = any(isinstance(base, Library) and base.path == "torch.nn.Module" for base in bases)
        methods, constants = {}, dict[str, Value]()
        for part in node.body:
            if isinstance(part, ast.FunctionDef):
                methods[part.name] = self._function(part, f"{node.name}.{part.name}", scope)
            elif isinstance(part, ast.Assign) and len(part.targets) == 1 and isinstance(part.targets[0], ast.Name):
                constants[part.targets[0].id] = self.value(part.value, {**scope, **constants})
            elif not isinstance(part, ast.Pass) and not (
                isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)
            ):
                raise not_understood(f"class {node.name}")
        if (bases and not is_module) or node.keywords or node.decorator_list:
            raise not_understood(f"class {node.name}")
        scope[node.name] = UserClass(node.name, methods, is_module, constants)

    def _run_with(self, node: ast.With, scope: Scope) -> None:
        before = self.in_no_grad
        for item in node.items:
            context = self.value(item.context_expr, scope)
            self.in_no_grad |= isinstance(context, Opaque) and context.text in ("no_grad", "inference_mode")
            if item.optional_vars is not None:
                self._give(item.optional_vars, Unknown(), scope)
        try:
            self._body(node.body, scope)
        finally:
            self.in_no_grad = before

    def _run_while(self, node: ast.While, scope: Scope) -> None:
        has_break = any(isinstance(part, ast.Break) for part in ast.walk(node))
        if node.orelse or (isinstance(node.test, ast.Constant) and node.test.value and not has_break):
            raise not_understood("while")
        while True:
            condition = self._evaluated(node.test, scope)
            held = python.truth(condition) if is_known(condition) else None
            if held is None:
                raise not_understood("while")
            if not held:
                return
            try:
                self._body(node.body, scope)
            except _Break:
                return
            except _Continue:
                continue

    def _run_break(self, _: ast.Break, __: Scope) -> None:
        raise _Break

    def _run_continue(self, _: ast.Continue, __: Scope) -> None:
        raise _Continue

    def _run_global(self, node: ast.Global, scope: Scope) -> None:
        if scope is not self.globals:
            scope[GLOBAL] = (*scope.get(GLOBAL, ()), *node.names)

    def _run_nonlocal(self, node: ast.Nonlocal, scope: Scope) -> None:
        scope[NONLOCAL] = (*scope.get(NONLOCAL, ()), *node.names)

    def _run_delete(self, node: ast.Delete, scope: Scope) -> None:
        for target in node.targets:
            if not isinstance(target, ast.Name) or target.id not in scope:
                raise not_understood(ast.unparse(node))
            del scope[target.id]

    def _run_if(self, node: ast.If, scope: Scope) -> None:
        condition = self._evaluated(node.test, scope)
        held = python.truth(condition) if is_known(condition) else None
        if held is None:
            self._note("unknown", Sentence("Which way this goes is not known before it runs."), node.lineno)
            self._skip([*node.body, *node.orelse], scope)
        else:
            self._body(node.body if held else node.orelse, scope)

    def _run_for(self, node: ast.For, scope: Scope) -> None:
        source = self._evaluated(node.iter, scope)
        if not is_known(source) or node.orelse:
            if is_known(source):
                raise not_understood("for with else")
            self._skip([node], scope)
            return
        rounds = source if isinstance(source, range) else list(python.items(source))
        has_break = any(isinstance(part, (ast.Break, ast.Continue)) for part in ast.walk(node))
        is_followed = has_break or _has_effect(
            {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}, node.body
        )
        before: Scope | None = None
        for item in rounds:
            self._give(node.target, item, scope)
            try:
                self._body(node.body, scope)
            except _Break:
                break
            except _Continue:
                pass
            if is_followed:
                continue
            after = {name: _frozen(value) for name, value in scope.items()}
            for name in ast.walk(node.target):
                after.pop(getattr(name, "id", ""), None)
            if before == after:
                self._give(node.target, rounds[-1], scope)
                break  # another round would change nothing
            before = after

    def _body(self, nodes: list[ast.stmt], scope: Scope) -> None:
        for node in nodes:
            self._execute(node, scope)

    def run_function(self, function: Function, node: ast.Call, args: tuple[Value, ...], kwargs: Scope) -> Value:
        if self.depth >= MAX_CALLS:
            raise not_understood(f"{function.name}() within itself")
        scope = self._bind(function, node, args, kwargs)
        before = self.in_no_grad
        self.in_no_grad |= function.in_no_grad
        self.depth += 1
        try:
            if isinstance(function.node, ast.Lambda):
                return self.value(function.node.body, scope)
            self._body(function.node.body, scope)
        except _Return as returned:
            return returned.value
        finally:
            self.depth -= 1
            self.in_no_grad = before
        return None

    def _bind(self, function: Function, node: ast.Call, args: tuple[Value, ...], kwargs: Scope) -> Scope:
        """Give the parameters of a function of the paste their values."""
        spec = function.node.args
        names = [arg.arg for arg in (*spec.posonlyargs, *spec.args)]
        only = [arg.arg for arg in spec.kwonlyargs]
        rest = {name: kwargs[name] for name in kwargs if name not in (*names, *only)} if spec.kwarg else {}
        known = {name: kwargs[name] for name in kwargs if name not in (*only, *rest)}
        call = Call(function.name, node, args[: len(names)] if spec.vararg else args, known, self.doubt, self.call)
        bound = call.check_python(function.name, *names, optional=len(spec.defaults), is_method=False)
        given = dict(zip(names, bound, strict=True))
        scope: Scope = {} if function.scope is self.globals else {AROUND: function.scope}
        for name, default in zip(names[len(names) - len(spec.defaults) :], spec.defaults, strict=True):
            if name not in (*names[: len(args)], *kwargs):
                given[name] = self.value(default, function.scope)
        for name, written in zip(only, spec.kw_defaults, strict=True):
            if name not in kwargs and written is None:
                raise not_understood(ast.unparse(node))
            given[name] = kwargs[name] if written is None or name in kwargs else self.value(written, function.scope)
        if spec.vararg:
            given[spec.vararg.arg] = tuple(args[len(names) :])
        if spec.kwarg:
            given[spec.kwarg.arg] = rest
        for name, value in given.items():
            scope[name] = Named(value, name) if type(value) is int else value
        return scope


_KEYWORDS = {"Try": "try", "Match": "match"}


def _in_this_loop(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a statement that belong to the loop around it."""
    yield node
    if not isinstance(node, (ast.For, ast.While, ast.FunctionDef, ast.ClassDef)):
        for child in ast.iter_child_nodes(node):
            yield from _in_this_loop(child)


def _frozen(value: Value) -> Value:
    """Return what a list or a dictionary holds now, to see later whether it has changed."""
    if isinstance(value, dict):
        return tuple((name, _frozen(item)) for name, item in value.items())
    return tuple(map(_frozen, value)) if type(value) in (list, tuple) else value


def _has_effect(counter: set[str], body: list[ast.stmt]) -> bool:
    """Whether what is counted reaches a shape or an index: anything but a condition or what is printed."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Name(id=name) if name in counter:
                return True
            case ast.If():
                waiting += [*node.body, *node.orelse]
            case ast.Call(func=ast.Name(id="print")) | ast.JoinedStr():
                continue
            case _:
                waiting += ast.iter_child_nodes(node)
    return False


def _as_load(node: ast.expr) -> ast.expr:
    """Return a target as something to be read."""
    return (
        ast.parse(ast.unparse(node), mode="eval").body
        if not isinstance(node, ast.Name)
        else ast.copy_location(ast.Name(node.id, ast.Load()), node)
    )


def _is_hidden(name: str, value: Value) -> bool:
    return name.startswith("__") or isinstance(value, (Library, Function, UserClass))


def _named(name: str, value: Value) -> NamedShape:
    if isinstance(value, Tensor):
        return NamedShape(name, describe(value), value.shape, value.dtype, value.axes)
    if isinstance(value, Packed):
        return NamedShape(name, describe(value), dtype=value.dtype)
    return NamedShape(name, describe(value) if is_known(value) else "unknown")
