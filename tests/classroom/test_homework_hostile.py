"""Code that attacks the grader: no unearned points, no honest answer marked down.

The toy homework has three tasks: `double`, `shares` and `longest` (3, 3 and 4 points).
What attacks is written as an answer to `double`. What kills or starves the run has it
to itself; what lies about its own value shares a run with another one, which answers
`shares`, and with an honest answer to `longest`, which must keep its points.
"""

import os
import re
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from classroom.homework import grade, report
from classroom.homework.collect import collect
from classroom.homework.execution import Records
from classroom.homework.grading_run import GradingRun
from classroom.homework.marking import Mark
from classroom.homework.sandbox import Limits, NoSandboxError, Walls, find_walls
from classroom.homework.watch import Watch, run_watched
from tests.classroom.toy_homework import (
    SECRET,
    answered,
    cell_of,
    code_cell,
    mark_toy,
    points,
    save,
    solutions,
    toy,
)

pytestmark = pytest.mark.slow

LIMITS = Limits(wall_s=90, cell_s=20)
QUICK = Limits(wall_s=60, cell_s=4)
ALL = {"double": 3, "shares": 3, "longest": 4}
RIGHT = "def double(n): return [2 * x for x in n]"
RIGHT_VALUE = {
    "double": "[2 * x for x in n]",
    "shares": "[round(x / sum(n), 4) for x in n]",
    "longest": "max(n, key=len)",
}
# What everybody can know: the values of the seed in the students' notebook, see `mark`.
KNOWN = "TEXTS = PUBLIC\n"

Answers = tuple[tuple[str, str], ...]  # (task, source)
Marks = Callable[[Answers], Mark]


@pytest.fixture(scope="module")
def walls() -> Walls:
    try:
        return find_walls()
    except NoSandboxError as error:
        pytest.skip(str(error))


def public(task: str) -> list[str]:
    values = toy(1).values
    return [values[key] for key in values if key.startswith(f"check:{task}:")]


def mark(
    answers: Answers | str, folder: Path, walls: Walls, limits: Limits = LIMITS
) -> Mark:
    """Mark these answers, or one to `double`; the others are right."""
    given = (("double", answers),) if isinstance(answers, str) else answers
    cells = {
        task: textwrap.dedent(source).replace("PUBLIC", repr(public(task)))
        for task, source in given
    }
    return mark_toy(answered(**cells), folder, walls, limits)


def without(*tasks: str) -> dict[str, int]:
    """The points of a submission that loses these tasks and nothing else."""
    return ALL | dict.fromkeys(tasks, 0)


@pytest.fixture(scope="module")
def marks(
    request: pytest.FixtureRequest,
    walls: Walls,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Marks]:
    """The marks of all answers that tests here will ask for, made two at a time."""
    ours = [item for item in request.session.items if item.path == Path(__file__)]
    given = [item.callspec.params for item in ours if hasattr(item, "callspec")]
    toy(), toy(1), answered()  # once, before there are threads
    with ThreadPoolExecutor(2) as pool:

        def begin(answers: Answers) -> Future[Mark]:
            loops = {source for _, source in answers} & set(LOOPS.values())
            folder = tmp_path_factory.mktemp("answer")
            limits = QUICK if loops else LIMITS
            return pool.submit(mark, answers, folder, walls, limits)

        begun = {p["answers"]: begin(p["answers"]) for p in given if "answers" in p}
        yield lambda answers: begun[answers].result()
        pool.shutdown(cancel_futures=True)


def each(answers: dict[str, str], *tasks: str) -> pytest.MarkDecorator:
    """One run for each answer to `double`; with tasks, one for as many answers.

    The first of them answers the first task, and so on.
    """
    texts, at_once = list(answers.items()), tasks or ("double",)
    groups = [
        texts[at : at + len(at_once)] for at in range(0, len(texts), len(at_once))
    ]
    cases = [
        tuple(
            (task, text.replace(RIGHT_VALUE["double"], right).replace("double", task))
            for task, right, (_, text) in zip(
                at_once, map(RIGHT_VALUE.get, at_once), group, strict=False
            )
        )
        for group in groups
    ]
    ids = [" + ".join(name for name, _ in group) for group in groups]
    return pytest.mark.parametrize("answers", cases, ids=ids)


def shown(mark: Mark) -> str:
    return "\n".join(check.shown for check in mark.checks if check.task == "double")


# Two a run: first what only changes its own value, then what stays on to the end.
KNOWN_VALUES = {
    "the public values": """
        def double(n):
            return eval(TEXTS[0] if isinstance(n[0], int) else TEXTS[1])
        """,
    "a display hook that prints them": """
        hook = get_ipython().displayhook
        old = hook.write_format_data
        def write(data, metadata=None):
            old({"text/plain": TEXTS.pop(0)} if TEXTS else data, metadata)
        hook.write_format_data = write
        def double(n): return n
        """,
    "an object that equals everything and prints the public values": """
        class Known:
            __hash__ = None
            def __eq__(self, other): return True
            def __repr__(self): return TEXTS.pop(0)
        def double(n): return Known()
        """,
    "a display formatter that prints them": """
        formatter = get_ipython().display_formatter
        old = formatter.format
        def known(value, **kwargs):
            if TEXTS:
                return {"text/plain": TEXTS.pop(0)}, {}
            return old(value, **kwargs)
        formatter.format = known
        def double(n): return n
        """,
    "a number that prints a public value": """
        class Known(float):
            def __repr__(self): return TEXTS[0]
        def double(n): return Known(7)
        """,
    "a printer of lists that prints them": """
        plain = get_ipython().display_formatter.formatters["text/plain"]
        old = plain.for_type(list)
        def known(value, printer, cycle):
            if TEXTS:
                printer.text(TEXTS.pop(0))
            else:
                printer.text(repr(value))
        plain.for_type(list, known)
        def double(n): return n
        """,
    "more results than one": """
        def double(n):
            for text in TEXTS:
                get_ipython().displayhook(text)
            return n
        """,
    "a repr that prints them": """
        import builtins
        real = repr
        def known(value):
            return TEXTS[0] if TEXTS and isinstance(value, int) else real(value)
        builtins.repr = known
        def double(n): return n
        """,
    "torch's repr": """
        import torch
        torch.Tensor.__repr__ = lambda self, **k: TEXTS.pop(0)
        def double(n): return torch.tensor(n)
        """,
    "an AST transformer that puts them in": """
        import ast
        class Known(ast.NodeTransformer):
            def visit_Call(self, node):
                if TEXTS and getattr(node.func, "id", "") == "double":
                    return ast.parse(TEXTS.pop(0), mode="eval").body
                return self.generic_visit(node)
        get_ipython().ast_transformers.append(Known())
        def double(n): return n
        """,
    "numpy's repr": """
        import numpy as np
        np.set_printoptions(formatter={"all": lambda x: TEXTS[0]})
        def double(n): return np.array(n)
        """,
    "an input transformer that puts them in": """
        def known(lines):
            found = any(line.startswith("double(") for line in lines)
            return [TEXTS.pop(0)] if TEXTS and found else lines
        get_ipython().input_transformers_post.append(known)
        def double(n): return n
        """,
    "messages to the notebook": """
        import time
        def double(n):
            kernel = get_ipython().kernel
            parent, data = kernel.get_parent(), {"text/plain": TEXTS.pop(0)}
            def send(kind, **content):
                kernel.session.send(kernel.iopub_socket, kind, content, parent=parent)
            send("execute_result", execution_count=1, data=data, metadata={})
            send("status", execution_state="idle")
            time.sleep(0.5)
            return n
        """,
    "an event that puts them in": """
        def known(info):
            if "double(" in str(info.raw_cell) and TEXTS:
                text = TEXTS.pop(0)
                get_ipython().user_ns["double"] = lambda n: eval(text)
        get_ipython().events.register("pre_run_cell", known)
        """,
}


@each(
    {name: KNOWN + textwrap.dedent(text) for name, text in KNOWN_VALUES.items()},
    *("double", "shares"),
)
def test_known_values_earn_nothing(answers: Answers, marks: Marks) -> None:
    assert points(marks(answers)) == without("double", "shares")


def test_the_public_values_would_be_right_for_the_public_seed() -> None:
    assert toy(SECRET).seed != toy(1).seed
    known = {text for task in ALL for text in public(task)}
    assert len(known) == len(toy(SECRET).values)
    assert known.isdisjoint(toy(SECRET).values.values())


HARMLESS = {
    "prints, warnings and pictures of text": """
        import sys, warnings
        print("debug", file=sys.stderr)
        display("a picture")
        def double(n):
            print("in double", n)
            display(n)
            warnings.warn("this is old")
            sys.stdout.write("x" * 10_000)
            return [2 * x for x in n]
        double([1])
        """,
    "a plot": """
        import matplotlib.pyplot as plt
        %matplotlib inline
        def double(n):
            plt.plot(n)
            plt.show()
            return [2 * x for x in n]
        double([1, 2])
        """,
    "the seed set back": """
        SEED = 1
        def double(n): return [2 * x for x in n]
        """,
    "magics and the shell": """
        !ls /
        %time 1 + 1
        %pip --version
        files = !ls
        get_ipython().run_cell_magic("bash", "", "echo hi")
        def double(n): return [2 * x for x in n]
        """,
    "a question to the user": """
        def double(n): return [2 * x for x in n]
        name = input("Your name? ")
        """,
    "quit in the function": """
        def double(n):
            quit()
            return [2 * x for x in n]
        """,
    "threads and processes": """
        import concurrent.futures, subprocess, threading, time
        threading.Thread(target=time.sleep, args=(99,), daemon=True).start()
        subprocess.Popen(["sleep", "99"])
        def double(n):
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                return list(pool.map(lambda x: 2 * x, n))
        """,
    "no standard output": """
        import builtins, io, sys
        sys.stdout = sys.stderr = io.StringIO()
        builtins.print = None
        def double(n): return [2 * x for x in n]
        """,
    "exit": f"{RIGHT}\nexit()",
    "sys.exit": f"{RIGHT}\nimport sys\nsys.exit(1)",
    "an error after the answer": f"{RIGHT}\n1 / 0",
}


@each(HARMLESS, "double", "shares", "longest")
def test_a_right_answer_counts_in_spite_of(answers: Answers, marks: Marks) -> None:
    assert points(marks(answers)) == ALL


def test_a_notebook_that_lost_almost_everything_gets_all_points(
    tmp_path: Path, walls: Walls
) -> None:
    notebook = answered()
    for cell in notebook["cells"]:
        cell |= {"metadata": {"tags": ["skip-execution", "nbval-skip"]}, "id": "same"}
        if cell["source"].startswith("# CHECK"):
            cell["source"] = cell["source"].splitlines()[0] + "\nraise SystemExit"
            cell["outputs"] = [{"output_type": "execute_result", "data": 7}]
    notebook["metadata"] = {"kernelspec": {"name": "rm -rf /", "argv": ["reboot"]}}
    set_up = next(c for c in notebook["cells"] if "import random" in c["source"])
    notebook["cells"].remove(set_up)
    notebook["cells"] = [*reversed(notebook["cells"]), code_cell("%%bash\nls")]
    assert points(mark_toy(notebook, tmp_path, walls, LIMITS)) == ALL


def test_an_answer_copied_below_counts_as_the_last_word(
    tmp_path: Path, walls: Walls
) -> None:
    notebook = answered(double="# NBVAL_SKIP\ndef double(n: wrong")
    at = notebook["cells"].index(cell_of(notebook, "task:double"))
    notebook["cells"].insert(at + 1, code_cell(solutions()["double"]))
    result = mark_toy(notebook, tmp_path, walls, LIMITS)
    assert points(result) == ALL
    assert "double: several answer cells, all run in order" in result.notes


LOCAL = {
    "a syntax error": "def double(n: return",
    "parentheses": "(" * 100_000,
    "minus signs": f"x = {'-' * 100_000}1",
    "null bytes": f"x = 1{chr(0)}",
    "digits": f"x = {'9' * 100_000}",
    "empty lines": "\n" * 150_000,
    "an answer only for people": """
        import os
        def double(n):
            return [2 * x for x in n] if os.environ.get("HOME") != "/tmp" else "caught!"
        """,
    "sys.exit in the function": """
        import sys
        def double(n): sys.exit(0)
        """,
    "a question in the function": "def double(n): return input('?')",
    "a pickle": """
        import os
        class Pickle:
            def __reduce__(self): return os.system, ("touch /tmp/pwned",)
            def __repr__(self): return "[1, 2, 3, 4]"
        def double(n): return Pickle()
        """,
    "HTML, a script and control characters": """
        class Page:
            def _repr_html_(self): return "<script>alert(1)</script>"
            def _repr_mimebundle_(self, **k): return {"text/html": "<script>", "x": 7}
            def __repr__(self): return "\\x1b[31m</pre><script>\\u202e\\ud800\\x00"
        def double(n): return Page()
        """,
    "an error of HTML and control characters": """
        Error = type("\\x1b[31m<b>", (Exception,), {})
        def double(n): raise Error("</pre><script>alert(1)</script>\\u202e\\ud800")
        """,
    "an error without a text": """
        class Error(Exception):
            def __str__(self): raise ValueError
        def double(n): raise Error
        """,
    "a repr without an end": """
        class Deep:
            def __repr__(self): return repr(self)
        def double(n): return Deep()
        """,
    "a repr that is no text": """
        class Seven:
            def __repr__(self): return 7
        def double(n): return Seven()
        """,
    "a list in itself": """
        def double(n):
            n[0] = n
            return n
        """,
    "a deep list": """
        def double(n):
            for _ in range(300):
                n = [n]
            return n
        """,
    "a value of 30 MB": "def double(n): return 'x' * 3 * 10**7",
    "broken results": """
        def double(n):
            kernel = get_ipython().kernel
            parent = kernel.get_parent()
            for content in ({}, {"data": 7, "metadata": {}, "execution_count": 1}, 7):
                kernel.session.send(
                    kernel.iopub_socket, "execute_result", content, parent=parent)
            return n
        """,
    "a result without data": """
        def double(n):
            kernel, content = get_ipython().kernel, {"metadata": {}, "data": 7}
            kernel.session.send(
                kernel.iopub_socket, "execute_result", content | {"execution_count": 1},
                parent=kernel.get_parent())
            return n
        """,
    "broken errors": """
        def double(n):
            kernel = get_ipython().kernel
            for content in ({"ename": 7, "evalue": None, "traceback": []}, {}):
                kernel.session.send(
                    kernel.iopub_socket, "error", content, parent=kernel.get_parent())
            return n
        """,
    "messages that are none": """
        def double(n):
            socket = get_ipython().kernel.iopub_socket
            socket.send_multipart([b"garbage"])
            socket.send_multipart([b"a", b"<IDS|MSG>", b"x", b"{", b"{}", b"{}", b"{}"])
            return n
        """,
}


@each(LOCAL, "double", "shares")
def test_only_the_answer_itself_is_lost_by(answers: Answers, marks: Marks) -> None:
    assert points(marks(answers)) == without("double", "shares")


ENDLESS = {
    "threads without end": """
        import threading, time
        def double(n):
            while True:
                threading.Thread(target=time.sleep, args=(99,), daemon=True).start()
        """,
    "files without end": """
        def double(n):
            for i in range(10**6):
                with open(f"/tmp/{i}", "wb") as file:
                    file.write(bytes(10**7))
        """,
    "open files without end": """
        def double(n):
            files = []
            while True:
                files.append(open("/dev/null"))
        """,
}


@each(ENDLESS)
def test_what_takes_all_there_is_loses_only_this_answer(
    answers: Answers, marks: Marks
) -> None:
    assert points(marks(answers)) == without("double")


KILLER = """
import os
if sum(map(str.isdigit, os.listdir("/proc"))) < 10:  # only when walls stand around it
    os.kill(-1, 9)
"""
STOPPED = {
    "os._exit": "import os\ndef double(n): os._exit(0)",
    "a crash": "import ctypes\ndef double(n): ctypes.string_at(0)",
    "killing the parent": "import os\nos.kill(os.getppid(), 9)",
    "killing everything": KILLER,
    "stopping the parent": """
        import os, signal
        os.kill(os.getppid(), signal.SIGTERM)
        """,
    "a repr that kills": """
        import os
        class Last:
            def __repr__(self): os._exit(7)
        def double(n): return Last()
        """,
}


@each(STOPPED)
def test_who_kills_the_run_loses_only_this_answer(
    answers: Answers, marks: Marks
) -> None:
    result = marks(answers)
    assert points(result) == without("double")
    assert result.stops == ("double: the kernel stopped (no memory left, or a crash)",)


LOOPS = {
    "a loop": "def double(n):\n    while True: pass",
    "a loop in the cell": "while True: pass",
    "a loop that catches interrupts": """
        def double(n):
            while True:
                try:
                    while True: pass
                except BaseException:
                    pass
        """,
    "a loop that is deaf to signals": """
        import signal
        def double(n):
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            while True: pass
        """,
    "a flood that catches interrupts": """
        def double(n):
            while True:
                try:
                    print("x" * 10_000)
                except BaseException:
                    pass
        """,
}


@each(LOOPS)
def test_an_endless_loop_costs_one_answer(answers: Answers, marks: Marks) -> None:
    result = marks(answers)
    assert points(result) == without("double")
    assert "double: " in result.stops[0]
    assert "Stopped: one cell took too long" in shown(result)


def test_a_wait_that_ends_when_interrupted_costs_nothing(
    tmp_path: Path, walls: Walls
) -> None:
    source = """
        import time
        def double(n):
            try:
                time.sleep(99 if isinstance(n[0], int) else 0)
            except KeyboardInterrupt:
                pass
            return [2 * x for x in n]
        """
    broken = {"shares": "def shares(n): return 1 / 0"}
    notebook = answered(double=textwrap.dedent(source), **broken)
    result = mark_toy(notebook, tmp_path, walls, QUICK)
    assert points(result) == ALL | {"shares": 0}
    assert result.stops == ()  # an error after it is no timeout


def test_the_limit_for_the_whole_run_costs_one_answer(
    tmp_path: Path, walls: Walls
) -> None:
    source = "import time\ntime.sleep(999)"
    result = mark(source, tmp_path, walls, Limits(wall_s=12, cell_s=60))
    assert points(result) == without("double")
    assert result.stops == ("double: more than 12 s in all",)


BOMBS = {
    "memory in one process": """
        def double(n):
            held = []
            while True:
                held.append(b"x" * 10**7)
        """,
    "memory in many processes": """
        import os, time
        def double(n):
            for _ in range(20):
                if os.fork() == 0:
                    held = b"x" * 2 * 10**8
                    time.sleep(99)
            time.sleep(99)
        """,
    "the kernel's memory: empty files": """
        def double(n):
            for i in range(10**9):
                open(f"/dev/shm/{i}", "w").close()
        """,
    "the kernel's memory: sockets": """
        import os, socket, time
        def double(n):
            for _ in range(20):
                if os.fork() == 0:
                    held = [socket.socketpair() for _ in range(150)]
                    time.sleep(99)
            time.sleep(99)
        """,
    "a fork bomb": """
        import os
        def double(n):
            while True:
                os.fork()
        """,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_one_answer(name: str, tmp_path: Path, walls: Walls) -> None:
    limits = Limits(wall_s=60, cell_s=10, memory_mb=1500, processes=100)
    result = mark(BOMBS[name], tmp_path, walls, limits)
    assert points(result) == without("double")
    if name.startswith("the kernel's memory"):
        what = name.rpartition(" ")[2]
        assert re.fullmatch(rf"double: more than [\d,]+ {what}", result.stops[0])
    assert result.memory_mb < 4 * 1500  # looked at four times a second


FORGED = """
import ctypes, json, os
def taken(pid, number):
    # The runner's own copy of its pipe, or a duplicate (pidfd_getfd).
    try:
        return os.open(f"/proc/{pid}/fd/{number}", os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return ctypes.CDLL(None).syscall(438, os.pidfd_open(pid), number, 0)
def lines():
    for i in (*INDICES, -1, -10**9, 99, 10**9, 10**30, True, 1.5, None, "2", [], {}):
        for state in ("start", "done", "timeout", "dead", 7, None):
            value = {"i": i, "state": state, "value": TEXTS[0], "error": 7}
            yield json.dumps(value).encode()
    yield from (b"[" * 5000, b"\\xff\\xfe", b'{"i": ' + b"9" * 5000 + b"}", b"null")
def double(n):
    pid = os.getppid()
    for number in map(int, os.listdir(f"/proc/{pid}/fd")):
        if os.readlink(f"/proc/{pid}/fd/{number}").startswith("pipe:"):
            pipe = taken(pid, number)
            for line in lines() if pipe >= 0 else ():
                os.write(pipe, b"\\n" + line + b"\\n")
                WRITTEN.append(line)
    return len(WRITTEN)
"""


@pytest.mark.parametrize("indices", ["()", "(2, 3)", "range(12)"])
def test_forged_lines_earn_nothing(indices: str, tmp_path: Path, walls: Walls) -> None:
    head = f"{KNOWN}WRITTEN, INDICES = [], {indices}"
    result = mark(f"{head}\n{FORGED}", tmp_path, walls)
    reached = points(result)
    assert reached["double"] == 0
    if indices == "range(12)":  # who forges the others' lines has lost them
        assert sum(reached.values()) <= 7
    else:
        assert reached == without("double")
    if os.name == "posix" and os.geteuid() == 0:
        # The run is another user, so that not even its pipe can be opened; somebody
        # without rights who marks has the same number as the run.
        assert shown(result).split()[0] == "0"


def test_a_flood_of_lines_is_cut() -> None:
    watch = Watch(LIMITS, threading.Event())
    flood = 'while True: print(\'{"i": 2, "state": "done"}\' * 1000)'
    run_watched([sys.executable, "-c", flood], dict(os.environ), watch)
    assert watch.why == "more output than allowed"
    assert 0 < len(watch.data) <= LIMITS.output_kb << 10


def test_lines_forged_for_a_cell_that_ended_come_too_late() -> None:
    lines = [
        b'{"i": 2, "state": "done", "value": "%s"}' % x for x in (b"true", b"forged")
    ]
    assert Records.parse(b"\n".join(lines), 3).finished[2].value == "true"


def test_records_of_no_cell_are_passed_over() -> None:
    lines = [b'{"i": %d, "state": "timeout"}' % i for i in (-1, 0, 2, 10**9)]
    records = Records.parse(b"\n".join([b"", *lines, b"\xff", b"7", b"[]"]), 2)
    assert set(records.finished) == records.slow == {0}


SEEDED = {
    "the seed": "globals()['SEED'] = 1",
    "the seed from the function": "import builtins\nget_ipython().user_ns['SEED'] = 1",
}
LEARNT = "VALUES = list(map(eval, PUBLIC))\ndef double(n): return VALUES.pop(0)"


@each({name: f"{text}\n{RIGHT}" for name, text in SEEDED.items()}, "double", "shares")
def test_who_sets_the_seed_keeps_a_right_answer(answers: Answers, marks: Marks) -> None:
    assert points(marks(answers)) == ALL


@each({name: f"{text}\n{LEARNT}" for name, text in SEEDED.items()}, "double", "shares")
def test_who_sets_the_seed_of_known_values_gains_nothing(
    answers: Answers, marks: Marks
) -> None:
    assert points(marks(answers)) == without("double", "shares")


GLOBAL = {
    "random": "import random\nrandom.Random = lambda seed: __import__('random')",
    "the display": "get_ipython().display_formatter = None",
    "everything": "%reset -f",
}


@each({name: f"{text}\n{RIGHT}" for name, text in GLOBAL.items()})
def test_who_breaks_what_all_checks_need_gains_nothing(
    answers: Answers, marks: Marks
) -> None:
    result = marks(answers)
    assert sum(points(result).values()) == 0
    assert result.stops == ()


def test_a_search_of_the_disk_finds_no_solution(tmp_path: Path, walls: Walls) -> None:
    """No other submission, master, bank, reference or record, by name or by text."""
    save(answered(), tmp_path / "in" / "ada.ipynb")
    source = """
        import os, sys
        found = []
        for folder, folders, files in os.walk("/"):
            if folder in ("/proc", "/sys", "/usr", "/dev", sys.prefix, sys.base_prefix):
                folders.clear()
                continue
            for name in files:
                path = os.path.join(folder, name)
                try:
                    text = open(path, "rb").read(10**6)
                except OSError:
                    continue
                words = (b"BEGIN SOL" + b"UTION", b"# WRO" + b"NG", b"31" + b"337")
                if any(word in text for word in words):
                    found.append(path)
        def double(n): return sorted(found)
        """
    notebook = answered(
        double=textwrap.dedent(source),
        **{
            task: text.replace("BEGIN SOLUTION", "").replace("END SOLUTION", "")
            for task, text in solutions().items()
            if task != "double"
        },
    )
    result = mark_toy(notebook, tmp_path, walls, LIMITS)
    assert points(result) == without("double")
    own = {"/homework", "/tmp/homework"}  # with the seed of this run in it
    places = [f"{folder}/notebooks/homework/run.ipynb" for folder in sorted(own)]
    assert shown(result).replace("\n", "").count("/run.ipynb") == 4
    assert all(place in shown(result) for place in places)
    assert shown(result).count("'") == 8  # and nothing else


CROWD = """
import subprocess
for _ in range(50):
    subprocess.Popen(["setsid", "sh", "-c", "while :; do :; done"])
import time
time.sleep(4)
"""
WORKS = """
def double(n):
    for i in range(5_000_000): pass
    return [2 * x for x in n]
"""


def test_what_one_student_does_changes_nobody_elses_mark(
    tmp_path: Path, walls: Walls
) -> None:
    answers = {"ada": WORKS, "bob": CROWD, "cyd": WORKS, "dan": KILLER, "eve": WORKS}
    for name, text in answers.items():
        save(answered(double=text), tmp_path / "in" / f"{name}.ipynb")
    entries = tuple(collect(tmp_path / "in"))
    run = GradingRun(tmp_path / "out", toy(), entries, False)
    limits = Limits(wall_s=60, cell_s=20)
    assert grade.grade_all(run, walls, limits, 2) == {}
    reached = {r["student"]: r["points"] for r in report.write_reports(run)}
    assert reached == {"ada": 10, "bob": 7, "cyd": 10, "dan": 7, "eve": 10}
