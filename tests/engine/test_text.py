"""Fetching by hash, against a real server on this machine; reading your own text."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from course_lib.engine import downloads as text
from course_lib.engine.downloads import (
    CORPORA,
    Corpus,
    fetch,
    verify,
    verify_built_in,
)
from course_lib.engine.transfer import part_of

CONTENT = bytes(range(256)) * 4096  # 1 MiB


@dataclass
class Behaviour:
    """What the server does, and what it was asked."""

    content: bytes = CONTENT
    cut_after: int | None = None
    ranges: bool | None = True  # False: ignores them, None: refuses them
    status: int = 200
    starts: list[int] = field(default_factory=list)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Behaviour]:
    """A server with the corpus "tiny"; the test sets how it behaves."""
    behaviour = Behaviour()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range", "bytes=0-")
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            behaviour.starts.append(start)
            if start and behaviour.ranges is None:
                self.send_error(416)
                return
            start = start if behaviour.ranges else 0
            if behaviour.status != 200:
                self.send_error(behaviour.status)
                return
            body = behaviour.content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body)))
            if start:
                self.send_header("Content-Range", f"bytes {start}-/*")
            self.end_headers()
            self.wfile.write(body[: behaviour.cut_after])

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    add_corpus(monkeypatch, f"http://127.0.0.1:{httpd.server_port}/tiny.bin")
    yield behaviour
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def add_corpus(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    corpus = Corpus(
        name="tiny",
        about="a test",
        url=url,
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        n_bytes=len(CONTENT),
        licence="none",
        file_name="tiny.bin",
    )
    monkeypatch.setitem(CORPORA, "tiny", corpus)


def test_a_file_is_fetched_whole_with_progress(
    server: Behaviour, tmp_path: Path
) -> None:
    seen: list[tuple[int, int]] = []
    path = fetch("tiny", tmp_path, progress=lambda *bytes_: seen.append(bytes_))
    assert path == tmp_path / "tiny.bin"
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [p.name for p in tmp_path.iterdir()] == ["tiny.bin"]


def test_a_file_that_is_there_is_not_fetched_again(
    server: Behaviour, tmp_path: Path
) -> None:
    fetch("tiny", tmp_path)
    fetch("tiny", tmp_path)
    assert server.starts == [0]
    assert verify(tmp_path)["tiny"] == "ok"


def test_a_damaged_file_is_replaced_and_kept_aside(
    server: Behaviour, tmp_path: Path
) -> None:
    path = tmp_path / "tiny.bin"
    path.write_bytes(b"damaged")
    assert verify(tmp_path)["tiny"] == "damaged"
    assert fetch("tiny", tmp_path).read_bytes() == CONTENT
    (aside,) = text.set_aside_before(path)
    assert aside.read_bytes() == b"damaged"
    path.write_bytes(b"damaged again")
    stick = tmp_path / "stick"
    stick.write_bytes(CONTENT)
    assert fetch("tiny", tmp_path, source=stick).read_bytes() == CONTENT
    kept = {file.read_bytes() for file in text.set_aside_before(path)}
    assert kept == {b"damaged", b"damaged again"}


def test_a_cut_download_goes_on_where_it_stopped(
    server: Behaviour, tmp_path: Path
) -> None:
    server.cut_after = 400_000
    assert fetch("tiny", tmp_path).read_bytes() == CONTENT
    assert server.starts == [0, 400_000, 800_000]


def test_the_next_call_goes_on_after_too_many_cuts(
    server: Behaviour, tmp_path: Path
) -> None:
    server.cut_after = 100_000
    with pytest.raises(ConnectionError, match=r"gave 300,000 of 1,048,576 .* cut"):
        fetch("tiny", tmp_path)
    assert verify(tmp_path)["tiny"] == "partial"
    server.cut_after = None
    assert fetch("tiny", tmp_path).read_bytes() == CONTENT
    assert server.starts[-1] == 300_000


def test_a_server_without_ranges_starts_anew(server: Behaviour, tmp_path: Path) -> None:
    part_of(tmp_path / "tiny.bin").write_bytes(CONTENT[:1000])
    server.ranges = False
    assert fetch("tiny", tmp_path).read_bytes() == CONTENT


def test_a_range_that_the_server_refuses_starts_anew(
    server: Behaviour, tmp_path: Path
) -> None:
    part_of(tmp_path / "tiny.bin").write_bytes(CONTENT[:-1])
    server.ranges = None
    assert fetch("tiny", tmp_path).read_bytes() == CONTENT
    assert server.starts == [len(CONTENT) - 1, 0]


@pytest.mark.parametrize(
    "content",
    [b"x" * len(CONTENT), CONTENT + b"more"],
    ids=["wrong bytes", "too long"],
)
def test_a_wrong_file_is_refused_and_removed(
    server: Behaviour, tmp_path: Path, content: bytes
) -> None:
    server.content = content
    with pytest.raises(ValueError, match=r"with sha256 .* expected 1,048,576"):
        fetch("tiny", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_endless_file_is_given_up(server: Behaviour, tmp_path: Path) -> None:
    server.content = CONTENT * 20
    seen: list[int] = []
    with pytest.raises(ValueError, match="expected 1,048,576"):
        fetch("tiny", tmp_path, progress=lambda done, _: seen.append(done))
    assert seen[-1] <= len(CONTENT) + 64 * 1024


def test_an_error_of_the_server_is_one_clear_line(
    server: Behaviour, tmp_path: Path
) -> None:
    server.status = 404
    with pytest.raises(ConnectionError, match="it answers 404 Not Found") as caught:
        fetch("tiny", tmp_path)
    assert "\n" not in str(caught.value)


def test_no_network_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    add_corpus(monkeypatch, "http://127.0.0.1:9/closed")
    with pytest.raises(ConnectionError, match="check the network") as caught:
        fetch("tiny", tmp_path)
    assert "\n" not in str(caught.value)


def test_a_folder_serves_when_there_is_no_network(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    add_corpus(monkeypatch, "http://127.0.0.1:9/closed")
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "other.txt").write_bytes(b"other")
    (stick / "any name at all").write_bytes(CONTENT)
    path = fetch("tiny", tmp_path / "data", source=stick)
    assert path.read_bytes() == CONTENT
    again = fetch("tiny", tmp_path / "data2", source=stick / "any name at all")
    assert again.read_bytes() == CONTENT


def test_a_folder_with_a_wrong_file_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    add_corpus(monkeypatch, "http://127.0.0.1:9/closed")
    (tmp_path / "tiny.bin").write_bytes(b"x" * len(CONTENT))
    with pytest.raises(ValueError, match="holds no file with the 1,048,576 bytes"):
        fetch("tiny", tmp_path / "data", source=tmp_path)
    with pytest.raises(ValueError, match="is not there"):
        fetch("tiny", tmp_path / "data", source=tmp_path / "nowhere")


def test_an_unwritable_folder_is_named(server: Behaviour, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        fetch("tiny", tmp_path / "file" / "data")


def test_every_corpus_names_its_source_and_licence() -> None:
    for name, corpus in CORPORA.items():
        assert corpus.name == name
        assert corpus.url.startswith("https://")
        assert len(corpus.sha256) == 64
        assert corpus.licence
        assert Path(corpus.file_name).name == corpus.file_name
    assert len({c.file_name for c in CORPORA.values()}) == len(CORPORA)


def test_the_weights_of_gpt2_are_too_large_to_come_unasked() -> None:
    large = [name for name, c in CORPORA.items() if c.n_bytes > text.LARGE_BYTES]
    assert large == ["gpt2-small"]
    stored = CORPORA["gpt2-small"]
    assert stored.n_bytes > 4 * 124_439_808  # float32, and masks beside them
    assert "/resolve/main/" not in stored.url  # a revision: its hash cannot change


def test_rank_files_are_called_as_tiktoken_calls_them() -> None:
    names = [CORPORA[n].file_name for n in ("r50k_base", "cl100k_base", "o200k_base")]
    assert names == [
        "0ea1e91bbb3a60f729a8dc8f777fd2fc07cd8df4",
        "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
        "fb374d419588a4632f3f557e76b4b70aebbca790",
    ]


def test_what_travels_with_the_course_is_undamaged() -> None:
    states = verify_built_in()
    assert "names.txt" in states
    assert set(states.values()) == {"ok"}


def test_a_changed_built_in_file_is_noticed(tmp_path: Path) -> None:
    readme = (text.DATA / "README.md").read_text("utf-8")
    (tmp_path / "README.md").write_text(readme, "utf-8")
    (tmp_path / "names.txt").write_text("aarav\n", "utf-8")
    assert verify_built_in(tmp_path)["names.txt"] == "damaged"
