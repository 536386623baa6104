"""checkpoint: what went in comes out, and nothing else is ever accepted."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from course_lib.files import Checkpoint, load_checkpoint, load_weights
from course_lib.files import save_checkpoint as save
from course_lib.mlp import NameMLP, NameMLPConfig

TENSORS = {"model.w": torch.tensor([[1.5, -2.0]]), "bytes": torch.arange(3).byte()}
FACTS = {"step": 12, "config": {"learning_rate": 0.1, "grad_clip": None}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save(tmp_path / "c.safetensors", TENSORS, FACTS)
    return tmp_path / "c.safetensors"


def small_model(**sizes: int) -> NameMLP:
    return NameMLP(NameMLPConfig(**sizes), torch.Generator().manual_seed(0))


def weights_of(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {f"model.{k}": v.clone() for k, v in model.state_dict().items()}


def test_tensors_and_facts_come_back_as_they_were(path: Path) -> None:
    stored = load_checkpoint(path)
    assert stored.metadata == FACTS
    assert stored.tensors.keys() == TENSORS.keys()
    for name, tensor in TENSORS.items():
        assert stored.tensors[name].dtype == tensor.dtype
        assert stored.tensors[name].equal(tensor)


def test_same_content_gives_the_same_bytes(path: Path) -> None:
    before = path.read_bytes()
    save(path, dict(reversed(TENSORS.items())), dict(reversed(FACTS.items())))
    assert path.read_bytes() == before


def test_tensors_of_any_layout_and_no_elements_are_kept(tmp_path: Path) -> None:
    odd = {"t": torch.arange(6).view(2, 3).T, "none": torch.empty(0, 4)}
    odd["scalar"] = torch.tensor(3.0, dtype=torch.bfloat16)
    save(tmp_path / "c", odd, {})
    stored = load_checkpoint(tmp_path / "c").tensors
    assert all(stored[name].equal(tensor) for name, tensor in odd.items())


def test_a_file_cut_anywhere_is_refused(path: Path) -> None:
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"c\.safetensors is .*(cut|damaged)"):
            load_checkpoint(path)


@pytest.mark.parametrize("bit", [0, 5])
def test_a_file_with_one_bit_flipped_in_any_byte_is_refused(
    path: Path, bit: int
) -> None:
    whole = path.read_bytes()
    for position in range(len(whole)):
        flipped = bytearray(whole)
        flipped[position] ^= 1 << bit
        path.write_bytes(flipped)
        with pytest.raises(ValueError, match=r"c\.safetensors is "):
            load_checkpoint(path)


def test_a_file_with_more_at_the_end_is_refused(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(ValueError, match="damaged"):
        load_checkpoint(path)


@pytest.mark.parametrize("metadata", [None, {"format": "pt"}])
def test_a_foreign_safetensors_file_is_refused(
    tmp_path: Path, metadata: dict[str, str] | None
) -> None:
    save_file(TENSORS, tmp_path / "c", metadata=metadata)
    with pytest.raises(ValueError, match="safetensors file but not a course check"):
        load_checkpoint(tmp_path / "c")


def test_a_pickle_is_refused_and_never_run(tmp_path: Path) -> None:
    torch.save(TENSORS, tmp_path / "c.pt")
    with pytest.raises(ValueError, match="not a checkpoint"):
        load_checkpoint(tmp_path / "c.pt")


def test_no_file_and_a_folder_are_told_apart_from_damage(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(FileNotFoundError, match="there is no checkpoint here"):
            load_checkpoint(path)


def test_facts_that_are_not_plain_are_refused_before_writing(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(TypeError, match="not JSON serializable"):
        save(path, TENSORS, {"model": object()})
    assert path.read_bytes() == before


def test_weights_return_to_a_model_of_the_same_sizes() -> None:
    model, other = small_model(), small_model()
    other.head.bias.data.add_(1)
    load_weights(model, Checkpoint(weights_of(other), {}))
    assert model.head.bias.equal(other.head.bias)


def test_weights_of_another_model_are_refused_and_nothing_changes() -> None:
    model = small_model()
    before = weights_of(model)
    wider = weights_of(small_model(hidden_dim=65))
    missing = {k: v for k, v in before.items() if k != "model.head.bias"}
    extra = {**before, "model.norm.weight": torch.ones(3)}
    for tensors, message in (
        (wider, r"'hidden.weight' is \(65, 30\) in the checkpoint and \(64, 30\)"),
        (missing, "only in the checkpoint: nothing; only in the model: 'head.bias'"),
        (extra, "only in the checkpoint: 'norm.weight'; only in the model: nothing"),
    ):
        with pytest.raises(ValueError, match=message):
            load_weights(model, Checkpoint(tensors, {}))
    assert all(v.equal(before[k]) for k, v in weights_of(model).items())


def test_a_file_that_is_replaced_while_it_is_read_is_read_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from course_lib.engine import checkpoint_file

    whole, reads = path.read_bytes(), []

    def replaced_meanwhile(given: Path) -> tuple[dict[str, torch.Tensor], object]:
        reads.append(given)
        if len(reads) == 1:
            path.unlink()
            path.write_bytes(whole)
            raise ValueError("half of one and half of the other")
        return {}, FACTS

    monkeypatch.setattr(checkpoint_file, "_read", replaced_meanwhile)
    assert load_checkpoint(path).metadata == FACTS
    assert len(reads) == 2
