"""device: what this machine has, and how many threads to use."""

import pytest
import torch

from course_lib.batches import Batch, batch_loss
from course_lib.device import device_of, limited_threads, pick_device, threads_for
from course_lib.generate import sample_names
from course_lib.mlp import NameMLP, NameMLPConfig
from course_lib.names import windows
from course_lib.ngram import NGram


def test_pick_device_takes_cuda_then_mps_then_cpu() -> None:
    if torch.cuda.is_available():
        expected = "cuda"
    else:
        expected = "mps" if torch.backends.mps.is_available() else "cpu"
    assert pick_device().type == expected


def test_pick_device_obeys_a_preference() -> None:
    assert pick_device("cpu") == torch.device("cpu")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_pick_device_finds_the_first_cuda_device() -> None:
    assert pick_device("cuda:0").index == 0


@pytest.mark.parametrize("prefer", ["abacus", "", "cpu:x"])
def test_pick_device_names_an_unknown_device(prefer: str) -> None:
    with pytest.raises(ValueError, match=f"device {prefer!r} is unknown"):
        pick_device(prefer)


@pytest.mark.parametrize("prefer", ["cuda:99", "meta"])
def test_pick_device_names_a_device_that_is_not_here(prefer: str) -> None:
    with pytest.raises(ValueError, match=f"device {prefer!r} is not on this machine"):
        pick_device(prefer)


def test_small_models_get_one_thread_and_large_ones_all() -> None:
    assert threads_for(0) == threads_for(3_023) == 1
    assert threads_for(124_000_000) == torch.get_num_threads()
    with pytest.raises(ValueError, match="n_parameters is -1"):
        threads_for(-1)


def test_limited_threads_puts_the_old_number_back() -> None:
    before = torch.get_num_threads()
    with limited_threads(before + 1):
        assert torch.get_num_threads() == before + 1
    with pytest.raises(KeyError), limited_threads(before + 1):
        raise KeyError
    assert torch.get_num_threads() == before
    with pytest.raises(ValueError, match="n_threads is 0"), limited_threads(0):
        pass


def test_device_of_asks_weights_then_buffers() -> None:
    assert device_of(NameMLP(NameMLPConfig()).to("meta")).type == "meta"
    assert device_of(NGram.fit(["asha"], 1).to("meta")).type == "meta"
    assert device_of(torch.nn.Flatten()).type == "cpu"


def test_batches_go_where_the_model_is() -> None:
    model = NameMLP(NameMLPConfig(context_size=2)).to("meta")  # shapes, no numbers
    x, y = windows(["asha"], 2)
    assert batch_loss(model, Batch(x, y)).device.type == "meta"
    assert batch_loss(model, Batch(x, y, torch.ones(len(y)))).device.type == "meta"


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_model_on_cuda_writes_the_names_it_writes_on_the_cpu() -> None:
    model = NGram.fit(["asha", "ravi"], 2)
    dice = [torch.Generator().manual_seed(0) for _ in range(2)]
    expected = sample_names(model, 20, generator=dice[0])
    assert sample_names(model.to("cuda"), 20, generator=dice[1]) == expected
