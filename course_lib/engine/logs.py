"""What a training run said, kept in a file: CSV, JSON lines or TensorBoard.

A run that goes on from a checkpoint takes back the rows after it, so that the log reads
as if the run had never stopped.
"""

import csv
import io
import json
import math
from collections.abc import Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

from course_lib.engine.writing import write_atomically


class HasStep(Protocol):
    """A dataclass with numbers of one step, such as `course_lib.train.Record`."""

    __dataclass_fields__: dict[str, Any]

    @property
    def step(self) -> int:
        """Updates so far."""


RecordT = TypeVar("RecordT", bound=HasStep)


class Log(Protocol):
    """Takes rows in the order of their steps."""

    def begin(self, step: int) -> None:
        """Forget what was written for `step` and later."""

    def write(self, row: dict[str, Any]) -> None:
        """Keep a row."""

    def close(self) -> None:
        """Nothing more will come."""


def open_log(path: Path) -> Log:
    """A log at `path`: a .csv or .jsonl file, or a folder for TensorBoard.

    Raises:
        ValueError: for another kind of file, or if TensorBoard is not installed.

    >>> open_log(Path("run.xlsx"))
    Traceback (most recent call last):
    ...
    ValueError: run.xlsx: use a .csv or .jsonl file, or a folder for TensorBoard
    """
    path = Path(path)
    if path.suffix in (".csv", ".jsonl"):
        return FileLog(path)
    if path.suffix or (path.exists() and not path.is_dir()):
        raise ValueError(
            f"{path}: use a .csv or .jsonl file, or a folder for TensorBoard"
        )
    return TensorBoardLog(path)


def logged(records: Iterable[RecordT], *logs: Log) -> Iterator[RecordT]:
    """Pass records on and write a row for each; the logs are closed at the end.

    >>> from course_lib.train.loop import Record
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "run.jsonl")
    ...     _ = list(logged([Record(0, 3.2, None, 0.1)], FileLog(path)))
    ...     json.loads(path.read_text())["loss_nats"]
    3.2
    """
    begun = False
    try:
        for record in records:
            if not begun:
                for log in logs:
                    log.begin(record.step)
                begun = True
            row: dict[str, Any] = {}
            for name in record.__dataclass_fields__:
                value = getattr(record, name)
                row |= value if isinstance(value, Mapping) else {name: value}
            row = {name: _plain(value) for name, value in row.items()}
            for log in logs:
                log.write(row)
            yield record
    finally:
        if isinstance(records, Generator):
            records.close()
        for log in logs:
            log.close()


def _plain(value: Any) -> Any:
    """Numbers that JSON does not know are left out."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


class FileLog:
    """Rows in a .csv file (a column per field) or a .jsonl file (an object per line).

    Each row is on its way to the disk when `write` returns; a kill loses at most the
    row that was being written.

    >>> FileLog(Path("run.csv")).path.name
    'run.csv'
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self._columns: list[str] = []
        self._file: io.TextIOWrapper | None = None

    def begin(self, step: int) -> None:
        """Take back the rows from `step` on, and a last row that was cut."""
        kept = [line for line in self._lines() if self._step_of(line) < step]
        if self.path.suffix == ".csv" and kept:
            kept.insert(0, self._lines()[0])
            self._columns = next(csv.reader(kept))
        write_atomically(self.path, "".join(kept).encode())
        self._file = self.path.open("a", encoding="utf-8", newline="")

    def write(self, row: dict[str, Any]) -> None:
        """Add a row."""
        assert self._file is not None, "begin comes first"
        if self.path.suffix == ".jsonl":
            self._file.write(json.dumps(row) + "\n")
        else:
            writer = csv.writer(self._file, lineterminator="\n")
            if not self._columns:
                self._columns = list(row)
                writer.writerow(self._columns)
            cells = [row.get(name) for name in self._columns]
            writer.writerow(  # one line for each row, also with a sample of several
                [c.replace("\n", "\\n") if isinstance(c, str) else c for c in cells]
            )
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _lines(self) -> list[str]:
        """Whole lines; in a .csv file a quoted sample may span several."""
        if not self.path.exists():
            return []
        lines = self.path.read_text("utf-8").splitlines(keepends=True)
        return [line for line in lines if line.endswith("\n")]

    def _step_of(self, line: str) -> float:
        """The step of a row; infinite for what is none."""
        try:
            if self.path.suffix == ".jsonl":
                return int(json.loads(line)["step"])
            return int(next(csv.reader([line]))[0])
        except (ValueError, KeyError, TypeError, IndexError, StopIteration):
            return math.inf


class TensorBoardLog:
    """Curves for TensorBoard in a folder; see them with `tensorboard --logdir FOLDER`.

    Raises:
        ValueError: if TensorBoard is not installed.

    >>> TensorBoardLog(Path("runs")).folder.name
    'runs'
    """

    def __init__(self, folder: Path) -> None:
        try:
            from torch.utils.tensorboard.writer import SummaryWriter
        except ImportError:
            raise ValueError(
                "TensorBoard is not installed: use a .csv or .jsonl file, or run: "
                "pip install tensorboard"
            ) from None
        self.folder = Path(folder)
        self._open = SummaryWriter
        self._writer: Any = None

    def begin(self, step: int) -> None:
        """Let TensorBoard hide what an earlier part of the run wrote from `step` on."""
        self._writer = self._open(str(self.folder), purge_step=step)

    def write(self, row: dict[str, Any]) -> None:
        """Add a point to each curve, and a text for a sample."""
        for name, value in row.items():
            if isinstance(value, str):
                self._writer.add_text(name, value, row["step"])
            elif value is not None and name != "step":
                self._writer.add_scalar(name, value, row["step"])

    def close(self) -> None:
        """Write what is left."""
        if self._writer is not None:
            self._writer.close()
