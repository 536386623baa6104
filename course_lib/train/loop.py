"""The training loop of every model of the course, as a generator of records.

When a record arrives the model has had exactly `record.step` updates: stop there, look
at it, copy it, but leave its weights and gradients alone. What comes next depends only
on weights, optimizer state, random state and the step, so a run that goes on from a
checkpoint equals one that never stopped.
"""

import json
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from copy import deepcopy
from dataclasses import asdict, dataclass, field, is_dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import torch
from torch import nn

from course_lib.batches import Batch, batch_loss, fingerprint
from course_lib.device import device_of, limited_threads, threads_for
from course_lib.functional import check_targets
from course_lib.optimizers import build_optimizers
from course_lib.train.config import TrainConfig
from course_lib.train.gradients import (
    Gradients,
    Loss,
    n_targets,
    precision_of,
    unwrapped,
)
from course_lib.train.state import Checkpointer, RunState


@dataclass(frozen=True)
class Record:
    """What the loop knows after `step` updates; losses are mean nats per target."""

    step: int
    loss_nats: float
    """On the batch of this step, before it is learned from."""
    val_loss_nats: float | None
    """Held out; None between evaluations."""
    learning_rate: float
    n_tokens: int = field(default=0, repr=False)
    """Targets of the batches learned from so far, by this process, those too that
    weigh nothing (a prompt's, padding)."""
    grad_norm: float | None = field(default=None, repr=False)
    """Of this step's gradient, before it is clipped; None if it is not clipped."""
    sample: str | None = field(default=None, repr=False)
    """What the model writes now; None between evaluations."""
    measures: Mapping[str, float] = field(default_factory=dict, repr=False)
    """What the loss found out besides; see `train`."""
    tokens_per_second: float = field(default=math.nan, repr=False, compare=False)
    """Speed of this step, without evaluation, saving and what the caller does."""


def train(
    model: nn.Module,
    batch_at: Callable[[int], Any],
    config: TrainConfig,
    *,
    loss: Loss = batch_loss,
    evaluate: Callable[[nn.Module], float] | None = None,
    sample: Callable[[nn.Module], str] | None = None,
    checkpoint: Path | Checkpointer | None = None,
    metadata: Mapping[str, Any] | None = None,
    average: Callable[[float], float] | None = None,
) -> Iterator[Record]:
    """Train and yield a `Record` after 0, 1, ..., `config.steps` updates.

    A generator: nothing happens, not even a check, before the first record is asked
    for, as `for record in train(...)` does.

    Args:
        model: maps `Batch.inputs` to logits (..., V); it may be wrapped by
            DistributedDataParallel or split by fully_shard.
        batch_at: the batch of each step, see `course_lib.batches`.
        config: how to train.
        loss: the loss of a batch, a scalar; or that, and measures by name, which stand
            in the record. With a loss of your own a batch may be anything; to split it
            (`accumulate`) it must be a `Batch`.
        evaluate: gives the held-out loss in nats, see `evaluate_loss`.
        sample: gives a text that the model writes; called when `evaluate` is.
        checkpoint: where the state is kept, saved every `save_every` updates and when
            the loop ends, is left or is interrupted. If it is there already, the run
            goes on from it, exactly; with more steps it goes on for longer, at the
            learning rates of a run of that length.
        metadata: more to keep in the checkpoint, values that JSON can hold. It must be
            the same when a run goes on; "data" replaces the first batch's hash.
        average: makes one loss of the losses of several processes.

    Raises:
        ValueError: before any work, for an empty batch, targets outside the vocabulary,
            or a checkpoint that is damaged or of another model, data set or config.
        FloatingPointError: if the loss is no longer finite; the state is not saved.
        MemoryError: saying how many rows fit, if a batch does not.

    Source: AdamW, Loshchilov and Hutter 2019; Muon, Jordan et al. 2024.

    >>> from course_lib.batches import full_batch
    >>> source = full_batch(torch.eye(2), torch.tensor([0, 2]))
    >>> records = train(nn.Linear(2, 3), source, TrainConfig(steps=2))
    >>> [record.step for record in records]
    [0, 1, 2]
    """
    facts = {"config": asdict(config), **_sizes_of(model)}
    if loss is batch_loss:
        first = batch_at(0)
        _check_batch(model, first)
        facts["data"] = fingerprint(first)
    run = _Run(model, config, loss, checkpoint, facts | dict(metadata or {}))
    try:
        for step in range(run.state.step, config.steps + 1):
            is_last = step == config.steps
            with run.at_work():
                batch = batch_at(step)
                nats = run.gradients(batch, learn=not is_last)  # forward, backward
                nats = nats if average is None else average(nats)
                norm = run.clip(nats, learn=not is_last)
                record = run.record(batch, nats, norm)
                if step % config.eval_every == 0 or is_last:
                    record = run.look(record, evaluate, sample)
            if step % config.save_every == 0:
                run.save()
            yield record  # the gradient is there; the update waits until we go on
            if not is_last:
                with run.at_work():
                    run.update(batch)
    finally:
        run.save()


class _Run:
    """The state of one training run between two records."""

    def __init__(
        self,
        model: nn.Module,
        config: TrainConfig,
        loss: Loss,
        keeper: Path | Checkpointer | None,
        metadata: Mapping[str, Any],
    ) -> None:
        if isinstance(keeper, str | Path):
            from course_lib.engine.resume import FileCheckpointer

            keeper = FileCheckpointer(Path(keeper), config.keep_last)
        self.model, self.config = model, config
        self.keeper, self.saved_step = keeper, -1
        inner = unwrapped(model)
        optimizers = build_optimizers(
            inner,
            config.optimizer,
            learning_rate=config.learning_rate,
            weight_decay=config.weight_decay,
            betas=(config.betas[0], config.betas[1]),
            muon_learning_rate=config.muon_learning_rate,
            muon_momentum=config.muon_momentum,
        )
        self.state = RunState(
            model=inner,
            optimizers=optimizers,
            metadata=json.loads(json.dumps(metadata)),  # tuples are lists, as in a file
        )
        self.state.note_random()
        for group in self._groups():
            group["largest_lr"] = group["lr"]  # "lr" will follow the schedule
        self.gradients = Gradients(model, config, loss)
        self.n_threads = threads_for(sum(p.numel() for p in model.parameters()))
        if keeper is not None and keeper.exists():
            keeper.restore(self.state)
            self.saved_step = self.state.step
            self.state.set_random()
        model.train()
        self.started = time.perf_counter()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """As many threads as pay for this model; no update is cut in half."""
        whole = nullcontext() if self.keeper is None else self.keeper.undisturbed()
        with limited_threads(self.n_threads), whole:
            yield

    def _groups(self) -> list[dict[str, Any]]:
        return [g for o in self.state.optimizers for g in o.param_groups]

    def clip(self, loss: float, *, learn: bool) -> float | None:
        """Shorten the gradient if it is too long; returns how long it was."""
        if not math.isfinite(loss):
            self.stop("loss", loss)
        if self.config.grad_clip is None or not learn:
            return None
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.config.grad_clip)
        if hasattr(norm, "full_tensor"):  # each process holds a part of the weights
            norm = norm.full_tensor()
        length = norm.item()
        if not math.isfinite(length):
            self.stop("gradient's norm", length)
        return length

    def record(self, batch: Any, loss: float, norm: float | None) -> Record:
        """What is known before this batch is learned from."""
        spent = time.perf_counter() - self.started
        return Record(
            step=self.state.step,
            loss_nats=loss,
            val_loss_nats=None,
            learning_rate=self.config.learning_rate_at(self.state.step),
            n_tokens=self.state.n_tokens,
            grad_norm=norm,
            measures=self.gradients.measures,
            tokens_per_second=n_targets(batch) / spent,
        )

    def stop(self, what: str, value: float) -> NoReturn:
        """End a run that has left the numbers, and keep the last good state."""
        keeper, self.keeper = self.keeper, None
        advice = "lower learning_rate, set grad_clip or warmup_steps"
        if keeper is not None and self.saved_step >= 0:
            advice += f"; the state after {self.saved_step} is kept in {keeper}"
        raise FloatingPointError(
            f"the {what} is {value} after {self.state.step} updates: {advice}"
        )

    def update(self, batch: Any) -> None:
        """Give each optimizer its learning rate, and let it change the weights."""
        self.started, state = time.perf_counter(), self.state
        for group in self._groups():
            group["lr"] = self.config.rate_at(state.step, group["largest_lr"])
        for optimizer in state.optimizers:
            optimizer.step()
        state.step += 1
        state.n_tokens += n_targets(batch)
        state.note_random()

    def look(
        self,
        record: Record,
        evaluate: Callable[[nn.Module], float] | None,
        sample: Callable[[nn.Module], str] | None,
    ) -> Record:
        """Add the held-out loss and a sample to a record."""
        model = self.state.model
        with precision_of(model, self.config):
            val = None if evaluate is None else evaluate(model)
        model.eval()
        text = None if sample is None else sample(model)
        model.train()
        return replace(record, val_loss_nats=val, sample=text)

    def save(self) -> None:
        """Keep the state, unless this very state is kept already."""
        if self.keeper is None or self.saved_step == self.state.step:
            return
        self.keeper.save(self.state)
        self.saved_step = self.state.step


def _sizes_of(model: nn.Module) -> dict[str, Any]:
    config: Any = getattr(unwrapped(model), "config", None)
    is_config = is_dataclass(config) and not isinstance(config, type)
    return {"model": asdict(config)} if is_config else {}


def _check_batch(model: nn.Module, batch: Batch) -> None:
    """Raise ValueError for what would fail, or mislead, in the middle of a run."""
    if batch.targets.numel() == 0:
        raise ValueError("the first batch is empty: there is nothing to learn from")
    with torch.no_grad():
        V = model(batch.inputs[:1].to(device_of(model))).shape[-1]
    check_targets(batch.targets, V)


def keep_best(records: Iterable[Record], model: nn.Module) -> Iterator[Record]:
    """Pass records on; at the end, give `model` back the weights of the best one.

    Args:
        records: from `train` of the same model, with an `evaluate`.
        model: the one in training.

    Raises:
        ValueError: if no record holds a held-out loss.

    Source: early stopping, Prechelt 1998.

    >>> records = [Record(step, 1.0, val, 0.1) for step, val in enumerate([2, 1, 3])]
    >>> [r.step for r in keep_best(records, nn.Linear(1, 1))]
    [0, 1, 2]
    """
    best, weights = math.inf, None
    for record in records:
        if record.val_loss_nats is not None and record.val_loss_nats < best:
            best, weights = record.val_loss_nats, deepcopy(model.state_dict())
        yield record
    if weights is None:
        raise ValueError("no record holds a held-out loss: give train an `evaluate`")
    model.load_state_dict(weights)
