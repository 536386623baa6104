"""Every check runs under the homework's seed and the settings of a fresh kernel.

One answer may print two digits, compute in float64 or set another SEED: that is no
business of the next task. So each cell of the homework's own puts back what matters,
in the notebook, in `course check`, in `course grade` and where references are made.
"""

import ast
import inspect
from collections.abc import Sequence

from classroom.homework.assignment import Step, with_seed

SETTERS = (
    *("set_printoptions", "set_default_dtype", "set_default_device", "seterr"),
    *("set_grad_enabled", "filterwarnings", "simplefilter", "set_num_threads"),
)


def put_back(marked: bool) -> None:
    """What torch, numpy, IPython and Python have at the start of a kernel.

    It travels as text into kernels without this library. What a student took apart
    stays so, and nothing is raised.

    Args:
        marked: is it marked (without the course's packages, in its first folder)?
    """
    import os
    import sys
    import warnings
    from contextlib import suppress

    calls = (
        ("torch", "set_printoptions", {"profile": "default"}),
        ("torch", "set_default_device", {"device": None}),
        ("torch", "set_grad_enabled", {"mode": True}),
        ("torch", "set_float32_matmul_precision", {"precision": "highest"}),
        ("numpy", "seterr", dict.fromkeys(("divide", "over", "invalid"), "warn")),
        ("numpy", "seterr", {"under": "ignore"}),
    )
    numbers = {"precision": 8, "threshold": 1000, "edgeitems": 3, "linewidth": 75}
    letters = {"floatmode": "maxprec", "sign": "-", "nanstr": "nan", "infstr": "inf"}
    whole = {"suppress": False, "formatter": None, "legacy": False}
    with suppress(Exception):
        sys.setrecursionlimit(max(sys.getrecursionlimit(), 3000))
        for strict in [line for line in warnings.filters if line[0] == "error"]:
            warnings.filters.remove(strict)  # type: ignore[attr-defined]
    with suppress(Exception):
        shell = sys.modules["IPython"].get_ipython()
        text = shell.display_formatter.formatters["text/plain"]
        text.float_precision, text.pprint = "", True
        if marked:
            for name in ("course_lib", "tiny_world", "course_play", "classroom"):
                sys.modules[name] = None  # type: ignore[assignment]
            os.chdir(shell.starting_dir)
    for library, function, words in calls:
        with suppress(Exception):
            getattr(sys.modules[library], function)(**words)
    with suppress(Exception):
        torch = sys.modules["torch"]
        torch.set_default_dtype(torch.float32)
    with suppress(Exception):
        sys.modules["numpy"].set_printoptions(**numbers, **letters, **whole)


def settings_code(steps: Sequence[Step], *, marked: bool = False) -> str:
    r"""The text that puts them back: those of a kernel, then the homework's own.

    Args:
        steps: the homework; what its set-up sets is kept.
        marked: see `put_back`.

    >>> step = Step("given:0", "import numpy as np\nnp.seterr('raise')")
    >>> code = settings_code([step])
    >>> code.endswith("import numpy as np\n    np.seterr('raise')\n")
    True
    """
    own = [line for step in steps if step.kind == "given" for line in _own(step.source)]
    lines = "".join(f"    {line}\n" for line in own)
    body = f"with contextlib.suppress(Exception):\n{lines}" if own else ""
    call = f"put_back({marked})\nimport contextlib\n{body}"
    return f"{inspect.getsource(put_back)}\n{call}"


def _own(source: str) -> list[str]:
    """The lines of a set-up cell that set something for good, and the imports."""
    body = ast.parse(source).body
    calls = [
        ast.unparse(node)
        for node in body
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
        and node.value.func.attr in SETTERS
    ]
    imports = [ast.unparse(node) for node in body if isinstance(node, ast.Import)]
    return [*imports, *calls] if calls else []


def prepared(source: str, seed: int, code: str) -> str:
    r"""A cell of the homework's own, with its seed and settings put back before it.

    No line of it moves when it begins with a comment, as checks do.

    >>> prepared("# CHECK f 1 point\nf(SEED)", 7, "pass")
    "SEED = 7; __import__('builtins').exec('pass', {})  # CHECK f 1 point\nf(SEED)"
    """
    before = f"SEED = {seed}; __import__('builtins').exec({code!r}, {{}})"
    gap = "  " if source.startswith("#") else "\n"
    return f"{before}{gap}{with_seed(source, seed)}"
