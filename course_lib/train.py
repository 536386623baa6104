"""The training loop of every model of the course, as a generator of records.

    for record in train(model, mini_batches(x, y, 256), TrainConfig(steps=2000)):
        ...  # print it, draw it, or break

When a record arrives the model has had exactly `record.step` updates: stop there, look
at it, copy it. What comes next depends only on weights, optimizer state, random state
and the step, so a run that goes on from a checkpoint equals one that never stopped.
"""

import math
from collections.abc import Callable, Generator, Iterable, Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from course_lib.batches import Batch, BatchSource, batch_loss, fingerprint
from course_lib.checkpoint import load_checkpoint, load_weights, save_checkpoint
from course_lib.device import device_of, limited_threads, threads_for
from course_lib.interrupts import interrupts_after_block


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How to train; the defaults train the names model on a laptop in seconds.

    >>> TrainConfig(steps=100, warmup_steps=10).learning_rate_at(4)
    0.005
    """

    steps: int = 2000
    """Number of updates."""
    learning_rate: float = 1e-2
    """The largest one, after the warm-up."""
    schedule: Literal["constant", "linear", "cosine"] = "linear"
    """How the learning rate falls after the warm-up; both falls end at 0."""
    warmup_steps: int = 0
    """Updates over which the learning rate rises from near 0."""
    weight_decay: float = 0.0
    """AdamW's decoupled decay (Loshchilov and Hutter 2019); 0 is plain Adam."""
    grad_clip: float | None = None
    """Largest gradient norm; None leaves gradients as they are."""
    eval_every: int = 100
    """Updates between two held-out evaluations."""
    save_every: int = 500
    """Updates between two checkpoints, if a path is given."""

    def __post_init__(self) -> None:
        for name in ("steps", "eval_every", "save_every"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}: use 1 or more")
        if not 0 <= self.warmup_steps <= self.steps:
            raise ValueError(
                f"warmup_steps is {self.warmup_steps}: use 0 .. {self.steps}"
            )
        if not (math.isfinite(self.learning_rate) and self.learning_rate > 0):
            raise ValueError(f"learning_rate is {self.learning_rate}: use one above 0")
        if not self.weight_decay >= 0:
            raise ValueError(f"weight_decay is {self.weight_decay}: use 0 or more")
        if self.grad_clip is not None and not self.grad_clip > 0:
            raise ValueError(f"grad_clip is {self.grad_clip}: use one above 0 or None")
        if self.schedule not in ("constant", "linear", "cosine"):
            raise ValueError(
                f"schedule is {self.schedule!r}: use constant, linear or cosine"
            )

    def learning_rate_at(self, step: int) -> float:
        """The learning rate of the update after `step` updates."""
        if step < self.warmup_steps:
            return self.learning_rate * (step + 1) / self.warmup_steps
        left = 1 - (step - self.warmup_steps) / max(1, self.steps - self.warmup_steps)
        if self.schedule == "constant":
            return self.learning_rate
        if self.schedule == "linear":
            return self.learning_rate * left
        return self.learning_rate * (1 - math.cos(math.pi * left)) / 2


@dataclass(frozen=True)
class Record:
    """What the loop knows after `step` updates; losses are mean nats per target."""

    step: int
    loss_nats: float
    """On the batch of this step, before it is learned from."""
    val_loss_nats: float | None
    """Held out; None between evaluations."""
    learning_rate: float


def train(
    model: nn.Module,
    batch_at: BatchSource,
    config: TrainConfig,
    *,
    evaluate: Callable[[nn.Module], float] | None = None,
    checkpoint: Path | None = None,
) -> Iterator[Record]:
    """Train with AdamW and yield a `Record` after 0, 1, ..., `config.steps` updates.

    Args:
        model: maps `Batch.inputs` to logits (..., V).
        batch_at: the batch of each step, see `full_batch` and `mini_batches`.
        config: how to train.
        evaluate: gives the held-out loss in nats, see `evaluate_loss`.
        checkpoint: where the state is kept, saved every `save_every` updates and when
            the loop ends, is left or is interrupted. If the file is there already, the
            run goes on from it, exactly.

    Raises:
        ValueError: before any work, for an empty batch, targets outside the vocabulary,
            or a checkpoint that is damaged or of another model, data set or config.
        FloatingPointError: if the loss is no longer finite; the state is not saved.

    Source: AdamW, Loshchilov and Hutter 2019.

    >>> from course_lib.batches import full_batch
    >>> source = full_batch(torch.eye(2), torch.tensor([0, 2]))
    >>> records = train(nn.Linear(2, 3), source, TrainConfig(steps=2))
    >>> [record.step for record in records]
    [0, 1, 2]
    """
    run = _Run(model, batch_at, config, checkpoint)
    n_parameters = sum(p.numel() for p in model.parameters())
    n_threads = threads_for(n_parameters)
    try:
        for step in range(run.step, config.steps + 1):
            with limited_threads(n_threads), interrupts_after_block():
                if run.step < step:
                    run.update()
                loss = run.forward()
                val = None
                if evaluate and (step % config.eval_every == 0 or step == config.steps):
                    val = evaluate(model)
            if step % config.save_every == 0:
                run.save()
            rate = config.learning_rate_at(step)
            yield Record(step, loss, val, rate)
    finally:
        run.save()


class _Run:
    """The state of one training run between two records."""

    def __init__(
        self,
        model: nn.Module,
        batch_at: BatchSource,
        config: TrainConfig,
        path: Path | None,
    ) -> None:
        self.model, self.batch_at = model, batch_at
        self.config, self.path = config, path
        self.step, self.saved_step = 0, -1
        self.loss: Tensor | None = None
        decay = config.weight_decay
        self.optimizer = torch.optim.AdamW(
            model.parameters(), lr=config.learning_rate, weight_decay=decay, fused=True
        )
        first = batch_at(0)
        _check_batch(model, first)
        self.facts: dict[str, Any] = {
            "config": asdict(config),
            "data": fingerprint(first),
        }
        model_config: Any = getattr(model, "config", None)
        if is_dataclass(model_config) and not isinstance(model_config, type):
            self.facts["model"] = asdict(model_config)
        self.rng = torch.get_rng_state()
        if path is not None and Path(path).exists():
            self.restore(Path(path))
        model.train()

    def forward(self) -> float:
        self.rng = torch.get_rng_state()
        self.loss = batch_loss(self.model, self.batch_at(self.step))
        loss = self.loss.item()
        if not math.isfinite(loss):
            self.path = None  # keep the last good checkpoint
            raise FloatingPointError(
                f"the loss is {loss} after {self.step} updates: "
                "lower learning_rate or set grad_clip"
            )
        return loss

    def update(self) -> None:
        assert self.loss is not None
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.learning_rate_at(self.step)
        self.optimizer.zero_grad()
        self.loss.backward()  # type: ignore[no-untyped-call]
        if self.config.grad_clip is not None:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.config.grad_clip)
        self.optimizer.step()
        self.step += 1

    def save(self) -> None:
        """Write the state, unless this very state is written already."""
        if self.path is None or self.saved_step == self.step:
            return
        tensors = {f"model.{k}": v for k, v in self.model.state_dict().items()}
        for name, parameter in self.model.named_parameters():
            for key, value in self.optimizer.state.get(parameter, {}).items():
                tensors[f"optimizer.{name}.{key}"] = value
        tensors["random_state"] = self.rng
        save_checkpoint(self.path, tensors, {**self.facts, "step": self.step})
        self.saved_step = self.step

    def restore(self, path: Path) -> None:
        """Take up the state in `path`, or refuse it and leave the model as it was."""
        stored = load_checkpoint(path)
        for fact, ours in self.facts.items():
            if stored.facts.get(fact) != ours:
                raise ValueError(
                    f"{path} was trained with {fact} {stored.facts.get(fact)}, not "
                    f"{ours}: use the same, or another checkpoint path"
                )
        load_weights(self.model, stored)
        for name, parameter in self.model.named_parameters():
            prefix = f"optimizer.{name}."
            self.optimizer.state[parameter] = {
                key.removeprefix(prefix): value.to(parameter.device)
                for key, value in stored.tensors.items()
                if key.startswith(prefix)
            }
        self.step = self.saved_step = int(stored.facts["step"])
        torch.set_rng_state(stored.tensors["random_state"])


def _check_batch(model: nn.Module, batch: Batch) -> None:
    """Raise ValueError for what would fail, or mislead, in the middle of a run."""
    if batch.targets.numel() == 0:
        raise ValueError("the first batch is empty: there is nothing to learn from")
    with torch.no_grad():
        V = model(batch.inputs[:1].to(device_of(model))).shape[-1]
    lowest, highest = int(batch.targets.min()), int(batch.targets.max())
    if lowest < 0 or highest >= V:
        bad = lowest if lowest < 0 else highest
        raise ValueError(f"target {bad} is outside the vocabulary 0 .. {V - 1}")


def keep_best(
    records: Iterable[Record], model: nn.Module, patience: int | None = None
) -> Iterator[Record]:
    """Pass records on; at the end, give `model` back the weights of the best one.

    Args:
        records: from `train` of the same model, with an `evaluate`.
        model: the one in training.
        patience: stop early after this many evaluations without a new best.

    Raises:
        ValueError: if `patience` is below 1, or no record holds a held-out loss.

    Source: early stopping, Prechelt 1998.

    >>> records = [Record(step, 1.0, val, 0.1) for step, val in enumerate([2, 3, 1])]
    >>> [r.step for r in keep_best(records, nn.Linear(1, 1), patience=1)]
    [0, 1]
    """
    if patience is not None and patience < 1:
        raise ValueError(f"patience is {patience}: use 1 or more, or None")
    best, weights, worse = math.inf, None, 0
    for record in records:
        if record.val_loss_nats is not None:
            worse += 1
            if record.val_loss_nats < best:
                best, worse = record.val_loss_nats, 0
                weights = deepcopy(model.state_dict())
        yield record
        if patience is not None and worse >= patience:
            break
    if isinstance(records, Generator):
        records.close()  # so that its checkpoint holds its last state, not the best
    if weights is None:
        raise ValueError("no record holds a held-out loss: give train an `evaluate`")
    model.load_state_dict(weights)
