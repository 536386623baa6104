"""logs: rows of a run, whole after a kill and after going on."""

import csv
import json
import math
import os
from pathlib import Path

import pytest

from course_lib.engine.logs import FileLog, TensorBoardLog, logged, open_log
from course_lib.train import Record


def records(first: int, last: int, sample: str | None = None) -> list[Record]:
    return [
        Record(step, 3.0 - step / 10, 2.5 if step % 2 == 0 else None, 0.1,
               n_tokens=step * 8, sample=sample)
        for step in range(first, last)
    ]  # fmt: skip


def read(path: Path) -> list[dict[str, object]]:
    with path.open(encoding="utf-8", newline="") as file:
        if path.suffix == ".csv":
            return list(csv.DictReader(file))
        return [json.loads(line) for line in file]


@pytest.mark.parametrize("name", ["run.csv", "run.jsonl"])
def test_a_log_holds_a_row_for_each_record_at_once(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for n, record in enumerate(logged(records(0, 4), open_log(path)), start=1):
        rows = read(path)
        assert len(rows) == n
        assert int(rows[-1]["step"]) == record.step
        assert float(rows[-1]["loss_nats"]) == record.loss_nats
    assert rows[1]["val_loss_nats"] in (None, "")
    assert float(rows[2]["val_loss_nats"]) == 2.5
    assert rows[3]["tokens_per_second"] in (None, "")  # nan is not JSON


@pytest.mark.parametrize("name", ["run.csv", "run.jsonl"])
@pytest.mark.parametrize("sample", [None, 'He said "moo",\nthen, "hay".'])
def test_a_run_that_goes_on_takes_back_what_came_after_its_checkpoint(
    tmp_path: Path, name: str, sample: str | None
) -> None:
    whole, parts = tmp_path / "whole" / name, tmp_path / "parts" / name
    list(logged(records(0, 9, sample), FileLog(whole)))
    list(logged(records(0, 7, sample), FileLog(parts)))
    with parts.open("a", encoding="utf-8") as file:
        file.write('{"step": 7, "los' if name == "run.jsonl" else "7,2.3")  # a kill
    list(logged(records(5, 9, sample), FileLog(parts)))
    assert parts.read_bytes() == whole.read_bytes()
    list(logged(records(0, 2), FileLog(parts)))
    assert len(read(parts)) == 2


def test_leaving_the_loop_closes_the_run_and_the_log(tmp_path: Path) -> None:
    ended = []

    def run():
        try:
            yield from records(0, 9)
        finally:
            ended.append(True)

    log = FileLog(tmp_path / "run.csv")
    passing = logged(run(), log)
    assert next(passing).step == 0
    passing.close()
    assert ended == [True]
    assert log._file is not None
    assert log._file.closed


def test_tensorboard_reads_what_was_written(tmp_path: Path) -> None:
    accumulator = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator"
    )
    list(logged(records(0, 6, "moo"), open_log(tmp_path / "board")))
    list(logged(records(4, 8, "moo"), open_log(tmp_path / "board")))
    board = accumulator.EventAccumulator(str(tmp_path / "board")).Reload()
    curve = board.Scalars("loss_nats")
    assert [point.step for point in curve] == list(range(8))
    assert curve[7].value == pytest.approx(2.3)
    assert [point.step for point in board.Scalars("val_loss_nats")] == [0, 2, 4, 6]
    assert not math.isnan(sum(point.value for point in curve))


def test_without_tensorboard_the_user_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard.writer", None)
    with pytest.raises(ValueError, match=r"not installed: use a \.csv or \.jsonl"):
        TensorBoardLog(Path("board"))


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine", "utf-8")
    for path in (tmp_path / "run.xlsx", tmp_path / "taken", Path(os.devnull)):
        with pytest.raises(ValueError, match=r"use a \.csv or \.jsonl file"):
            open_log(path)


def test_each_measure_of_a_record_has_a_column_of_its_own(tmp_path: Path) -> None:
    record = Record(0, 0.69, None, 1e-4, measures={"margin": 0.5, "right": 1.0})
    list(logged([record], open_log(tmp_path / "run.csv")))
    (row,) = csv.DictReader((tmp_path / "run.csv").read_text("utf-8").splitlines())
    assert (row["margin"], row["right"]) == ("0.5", "1.0")
    assert "measures" not in row
