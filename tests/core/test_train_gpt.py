"""train with a GPT: parts, precision, recompute, Muon, checkpoints, what goes wrong."""

import json
import math
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from course_lib.batches import Batch, batch_loss, token_batches
from course_lib.engine.resume import FileCheckpointer
from course_lib.files import load_checkpoint
from course_lib.gpt import GPT, GPTConfig
from course_lib.optimizers import Muon
from course_lib.train import TrainConfig, train
from course_lib.train.gradients import Gradients, unwrapped
from course_lib.train.state import RunState

TOKENS = torch.randint(20, (500,), generator=torch.Generator().manual_seed(1))
SOURCE = token_batches(TOKENS, 6, 8)
SHAPE = GPTConfig(vocab_size=20, context_size=8, emb_dim=16, n_heads=2, n_layers=2)
CONFIG = TrainConfig(
    steps=12, optimizer="muon", learning_rate=5e-3, warmup_steps=3, weight_decay=0.1,
    grad_clip=0.5, eval_every=4, save_every=5, betas=(0.9, 0.95), final_fraction=0.1,
)  # fmt: skip


def make(shape: GPTConfig = SHAPE) -> GPT:
    return GPT(shape, torch.Generator().manual_seed(0))


def gradients(model: nn.Module, batch: Batch, **how: object) -> dict[str, Tensor]:
    Gradients(model, TrainConfig(**how))(batch)  # type: ignore[arg-type]
    return {n: p.grad for n, p in model.named_parameters() if p.grad is not None}


def assert_same(one: nn.Module, other: nn.Module) -> None:
    for name, weight in one.state_dict().items():
        assert weight.equal(other.state_dict()[name]), name


@pytest.mark.parametrize("n_parts", [2, 4, 6, 99])
@pytest.mark.parametrize("weighted", [False, True])
def test_parts_of_a_batch_give_the_gradient_of_the_whole(
    n_parts: int, weighted: bool
) -> None:
    batch = SOURCE(0)
    if weighted:
        weights = torch.rand(6, 8, generator=torch.Generator().manual_seed(2))
        batch = batch._replace(weights=weights)
    model = make()
    batch_loss(model, batch).backward()
    expected = {n: p.grad.clone() for n, p in model.named_parameters()}
    loss = Gradients(model, TrainConfig(accumulate=n_parts))(batch)
    assert loss == pytest.approx(batch_loss(model, batch).item(), rel=1e-6)
    for name, weight in model.named_parameters():
        torch.testing.assert_close(weight.grad, expected[name], rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_recomputed_blocks_give_the_same_gradient_and_leave_no_trace(
    dropout: float,
) -> None:
    found = []
    for recompute in (False, True):
        with torch.random.fork_rng():
            torch.manual_seed(3)
            model = make(replace(SHAPE, dropout=dropout))
            found.append(gradients(model, SOURCE(0), recompute=recompute))
    assert all(found[0][name].equal(grad) for name, grad in found[1].items())
    assert all("forward" not in vars(block) for block in model.blocks)


def test_recompute_keeps_only_what_enters_a_block() -> None:
    def saved_bytes(recompute: bool) -> int:
        sizes: dict[int, int] = {}

        def pack(tensor: Tensor) -> Tensor:
            storage = tensor.untyped_storage()
            sizes[storage.data_ptr()] = storage.nbytes()
            return tensor

        model = make(replace(SHAPE, n_layers=4))
        gradient = Gradients(model, TrainConfig(recompute=recompute))
        watching = torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t)
        with watching, gradient._recomputing:
            loss = batch_loss(model, SOURCE(0))
        del loss
        return sum(sizes.values())

    assert saved_bytes(True) < saved_bytes(False) / 3


def test_bfloat16_learns_with_weights_in_float32() -> None:
    exact, rough = make(), make()
    config = replace(CONFIG, steps=30)
    expected = [r.loss_nats for r in train(exact, SOURCE, config)]
    config = replace(config, precision="bfloat16")
    found = [r.loss_nats for r in train(rough, SOURCE, config)]
    assert found != expected
    assert found == pytest.approx(expected, rel=0.05)
    assert all(weight.dtype == torch.float32 for weight in rough.parameters())


@pytest.mark.parametrize(
    ("optimizer", "how", "dropout"),
    [
        ("adamw", {"accumulate": 4}, 0.0),
        ("muon", {"accumulate": 4}, 0.3),
        ("muon", {"recompute": True}, 0.3),
    ],
)
def test_a_gpt_that_goes_on_equals_one_that_never_stopped(
    tmp_path: Path, optimizer: str, how: dict[str, object], dropout: float
) -> None:
    config = replace(CONFIG, optimizer=optimizer, **how)
    shape = replace(SHAPE, dropout=dropout)
    with torch.random.fork_rng():
        torch.manual_seed(5)
        whole = make(shape)
        expected = list(train(whole, SOURCE, config, checkpoint=tmp_path / "whole"))
        torch.manual_seed(5)
        records = {}
        for stop in (3, 7, 12):
            model = make(shape)
            for record in train(model, SOURCE, config, checkpoint=tmp_path / "parts"):
                records[record.step] = record
                if record.step == stop:
                    break
            torch.rand(9)
    assert list(records.values()) == expected
    assert_same(model, whole)
    assert (tmp_path / "parts").read_bytes() == (tmp_path / "whole").read_bytes()


def test_both_optimizers_follow_the_schedule() -> None:
    seen = []

    class Watching(FileCheckpointer):
        def exists(self) -> bool:
            return False

        def save(self, state: RunState) -> None:
            seen.append([g["lr"] for o in state.optimizers for g in o.param_groups])

    config = replace(CONFIG, save_every=1, muon_learning_rate=0.04)
    list(train(make(), SOURCE, config, checkpoint=Watching(Path("unused"))))
    for step, rates in enumerate(seen[1:]):
        share = config.learning_rate_at(step) / config.learning_rate
        assert rates == pytest.approx([0.04 * share, 0.04 * share, 5e-3 * share])
    assert config.learning_rate_at(12) == pytest.approx(0.1 * 5e-3)


def test_muon_is_given_the_matrices_of_blocks_only() -> None:
    kept: list[RunState] = []

    class Watching(FileCheckpointer):
        def save(self, state: RunState) -> None:
            kept.append(state)

    list(train(make(), SOURCE, CONFIG, checkpoint=Watching(Path("unused"))))
    [muon] = [o for o in kept[0].optimizers if isinstance(o, Muon)]
    theirs = {id(p) for group in muon.param_groups for p in group["params"]}
    for name, weight in kept[0].model.named_parameters():
        assert (id(weight) in theirs) == ("blocks." in name and weight.ndim == 2)


def test_settings_that_do_not_change_the_result_may_change_on_the_way(
    tmp_path: Path,
) -> None:
    path, model = tmp_path / "c", make()
    for record in train(make(), SOURCE, CONFIG, checkpoint=path):
        if record.step == 6:
            break
    other = replace(CONFIG, accumulate=3, recompute=True, save_every=1, eval_every=2)
    *_, last = train(model, SOURCE, other, checkpoint=path)
    assert last.step == 12
    for change in ({"betas": (0.9, 0.99)}, {"precision": "bfloat16"}):
        with pytest.raises(ValueError, match="was trained with config"):
            next(train(make(), SOURCE, replace(CONFIG, **change), checkpoint=path))


def test_facts_of_the_caller_are_kept_and_must_stay_the_same(tmp_path: Path) -> None:
    path = tmp_path / "c"
    facts = {"kind": "gpt", "tokenizer": {"alphabet": ("a", "b")}, "data": "mine"}
    list(train(make(), SOURCE, CONFIG, checkpoint=path, metadata=facts))
    stored = load_checkpoint(path).metadata
    assert stored["tokenizer"] == {"alphabet": ["a", "b"]}
    assert stored["model"] == asdict(SHAPE)
    assert stored["data"] == "mine"
    assert stored["n_tokens"] == 12 * 6 * 8
    json.dumps(stored)
    other = {**facts, "tokenizer": {"alphabet": ("a", "c")}}
    with pytest.raises(ValueError, match=r"trained with tokenizer .*'b'.* not .*'c'"):
        next(train(make(), SOURCE, CONFIG, checkpoint=path, metadata=other))


def test_the_last_checkpoints_are_kept_and_each_goes_on(tmp_path: Path) -> None:
    path, config = tmp_path / "run.safetensors", replace(CONFIG, save_every=2)
    (tmp_path / "run-x.safetensors").write_text("mine", "utf-8")
    (tmp_path / "run-99.safetensors").write_text("of another run", "utf-8")
    config = replace(config, keep_last=3)
    whole = make()
    expected = list(train(whole, SOURCE, config, checkpoint=path))
    names = sorted(p.name for p in tmp_path.iterdir())
    assert names == [
        *("run-10.safetensors", "run-8.safetensors", "run-99.safetensors"),
        *("run-x.safetensors", "run.safetensors"),
    ]
    assert load_checkpoint(tmp_path / "run-8.safetensors").metadata["step"] == 8
    model = make()
    older = tmp_path / "run-8.safetensors"
    assert list(train(model, SOURCE, config, checkpoint=older)) == expected[8:]
    assert_same(model, whole)


def test_a_damaged_checkpoint_is_kept_and_older_ones_are_named(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    config = replace(CONFIG, save_every=4, keep_last=2)
    list(train(make(), SOURCE, config, checkpoint=path))
    half = path.read_bytes()[:1000]
    path.write_bytes(half)
    with pytest.raises(ValueError, match=r"cut short.*: run-8\.safetensors"):
        next(train(make(), SOURCE, config, checkpoint=path))
    assert path.read_bytes() == half


def test_samples_and_losses_come_when_asked_and_disturb_nothing() -> None:
    def sample(model: nn.Module) -> str:
        torch.rand(5)
        return "training" if model.training else "moo"

    def evaluate(model: nn.Module) -> float:
        torch.rand(3)
        return 2.0

    shape = replace(SHAPE, dropout=0.2)
    with torch.random.fork_rng():
        torch.manual_seed(7)
        found = list(
            train(make(shape), SOURCE, CONFIG, evaluate=evaluate, sample=sample)
        )
    assert [r.step for r in found if r.sample == "moo"] == [0, 4, 8, 12]
    assert [r.step for r in found if r.val_loss_nats == 2.0] == [0, 4, 8, 12]
    assert [r.n_tokens for r in found] == [48 * step for step in range(13)]
    assert all(r.tokens_per_second > 0 for r in found)
    norms = [r.grad_norm for r in found]
    assert norms[-1] is None
    assert all(norm is not None and norm > 0 for norm in norms[:-1])


def test_a_loss_is_averaged_by_the_hook() -> None:
    plain = list(train(make(), SOURCE, CONFIG))
    found = list(train(make(), SOURCE, CONFIG, average=lambda loss: loss / 2))
    assert [r.loss_nats for r in found] == [r.loss_nats / 2 for r in plain]


class Crowded(nn.Module):
    """A model whose memory ends at `room` rows."""

    def __init__(self, room: int, error: type[Exception] = torch.OutOfMemoryError):
        super().__init__()
        self.inner, self.room, self.error = make(), room, error

    def forward(self, tokens: Tensor) -> Tensor:
        if len(tokens) > self.room:
            raise self.error("can't allocate memory: you tried 3 GiB\nand a trace")
        return self.inner(tokens)


@pytest.mark.parametrize("error", [torch.OutOfMemoryError, RuntimeError])
@pytest.mark.parametrize(
    ("room", "advice"), [(3, "3 do, so set accumulate=2"), (1, "accumulate=6")]
)
def test_out_of_memory_says_what_would_fit_and_that_does_fit(
    tmp_path: Path, room: int, advice: str, error: type[Exception]
) -> None:
    model, path = Crowded(room, error), tmp_path / "c"
    config = replace(CONFIG, optimizer="adamw")
    with pytest.raises(MemoryError, match=rf"6 rows of \(8,\) .*3 GiB\): .*{advice}"):
        list(train(model, SOURCE, config, checkpoint=path))
    parts = int(advice.rpartition("=")[2])
    config = replace(config, accumulate=parts)
    records = list(train(Crowded(room, error), SOURCE, config, checkpoint=path))
    assert records[-1].step == 12


def test_out_of_memory_with_a_single_row_and_other_errors() -> None:
    config = TrainConfig(steps=2)
    model = Crowded(1)
    train_it = train(model, SOURCE, config)
    model.room = 0
    with pytest.raises(torch.OutOfMemoryError):  # of the check before any work
        next(train_it)
    gradient = Gradients(model, config)
    with pytest.raises(MemoryError, match="not even 1 does: set recompute=True"):
        gradient(SOURCE(0))

    class Broken(Crowded):
        def forward(self, tokens: Tensor) -> Tensor:
            raise RuntimeError("shapes do not fit")

    with pytest.raises(RuntimeError, match="shapes do not fit"):
        Gradients(Broken(1), config)(SOURCE(0))


def test_a_gradient_that_is_not_finite_stops_before_it_is_used(tmp_path: Path) -> None:
    class Cliff(torch.autograd.Function):
        @staticmethod
        def forward(ctx: object, x: Tensor) -> Tensor:
            return x.clone()

        @staticmethod
        def backward(ctx: object, grad: Tensor) -> Tensor:
            return grad * math.nan

    class Falling(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner, self.calls = make(), 0

        def forward(self, tokens: Tensor) -> Tensor:
            self.calls += 1
            logits = self.inner(tokens)
            return Cliff.apply(logits) if self.calls == 9 else logits

    model, path = Falling(), tmp_path / "c"
    config = replace(CONFIG, optimizer="adamw")
    with pytest.raises(FloatingPointError) as caught:
        list(train(model, SOURCE, config, checkpoint=path))
    said = str(caught.value)
    assert "the gradient's norm is nan after 7 updates: lower learning_rate" in said
    assert f"the state after 5 is kept in {path}" in said
    assert load_checkpoint(path).metadata["step"] == 5
    assert all(weight.isfinite().all() for weight in model.parameters())


def test_a_wrapped_model_keeps_its_own_names(tmp_path: Path) -> None:
    class Wrapper(nn.Module):  # as DistributedDataParallel holds a model
        def __init__(self, module: nn.Module) -> None:
            super().__init__()
            self.module, self.quiet = module, 0

        def forward(self, tokens: Tensor) -> Tensor:
            return self.module(tokens)

        def no_sync(self) -> torch.no_grad:
            self.quiet += 1
            return torch.enable_grad()

    plain, wrapped = make(), Wrapper(make())
    assert unwrapped(wrapped) is wrapped.module
    config = replace(CONFIG, accumulate=3)
    expected = list(train(plain, SOURCE, config, checkpoint=tmp_path / "plain"))
    found = list(train(wrapped, SOURCE, config, checkpoint=tmp_path / "wrapped"))
    assert found == expected
    assert wrapped.quiet == 2 * 13  # all parts but the last
    files = [(tmp_path / name).read_bytes() for name in ("plain", "wrapped")]
    assert files[0] == files[1]


@pytest.mark.slow
def test_the_step_can_be_compiled_in_one_piece() -> None:
    model = make()
    fast: Callable[..., Tensor] = torch.compile(
        batch_loss, backend="eager", fullgraph=True
    )
    torch.testing.assert_close(fast(model, SOURCE(0)), batch_loss(model, SOURCE(0)))


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"accumulate": 0}, "accumulate is 0: use an integer >= 1"),
        ({"keep_last": 0}, "keep_last is 0"),
        ({"final_fraction": 1.5}, r"final_fraction is 1\.5: use 0 \.\. 1"),
        ({"betas": (0.9, 1.0)}, r"betas are \(0\.9, 1\.0\)"),
        ({"betas": (0.9,)}, "betas are"),
        ({"muon_learning_rate": -1.0}, r"muon_learning_rate is -1\.0"),
        ({"muon_momentum": 1.0}, r"muon_momentum is 1\.0: use 0 or more"),
        ({"precision": "float8"}, "precision is 'float8': use float32 or bfloat16"),
        ({"optimizer": "sgd"}, "optimizer is 'sgd': use adamw or muon"),
    ],
)
def test_config_names_a_bad_setting(setting: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TrainConfig(**setting)


def test_recompute_and_muon_need_blocks() -> None:
    model = nn.Sequential(nn.Embedding(20, 20))
    for setting in ({"recompute": True}, {"optimizer": "muon"}):
        with pytest.raises(ValueError, match="this model has no blocks"):
            next(train(model, SOURCE, TrainConfig(**setting)))
