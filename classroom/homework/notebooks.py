"""Small notebooks of our own making, as bytes."""

import json
from collections.abc import Sequence

from classroom.lessons import KERNELSPEC


def notebook_bytes(
    sources: Sequence[str], values: Sequence[str | None] | None = None
) -> bytes:
    """A notebook of code cells.

    Args:
        sources: the cells.
        values: the reference of each cell, for nbval to compare; None: not compared.
    """
    wanted = values or [None] * len(sources)
    cells = [
        _code_cell(number, source, value)
        for number, (source, value) in enumerate(zip(sources, wanted, strict=True))
    ]
    notebook = {
        "cells": cells,
        "metadata": {"kernelspec": KERNELSPEC},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return f"{json.dumps(notebook, indent=1)}\n".encode()


def _code_cell(number: int, source: str, value: str | None) -> dict[str, object]:
    output = {
        "data": {"text/plain": value},
        "execution_count": number + 1,
        "metadata": {},
        "output_type": "execute_result",
    }
    return {
        "cell_type": "code",
        "execution_count": number + 1,
        "id": f"cell-{number}",
        "metadata": {} if value is None else {"tags": ["nbval-check-output"]},
        "outputs": [] if value is None else [output],
        "source": source,
    }
