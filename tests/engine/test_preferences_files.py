"""preferences: files of pairs, whole ones and broken ones."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.engine.pair_files import TextPair, check_pair, load_pairs

LIKED = [
    TextPair("Who are you ?", "I am Tiny .", "You silly ."),
    TextPair("Zeile\n2", "Grüße \u2028 \x85 \x1e", 'a "quoted" \\ answer\r\n'),
    TextPair("\ufeffभाषा", "😀", " no "),
]
GOOD = '{"prompt": "a", "chosen": "b", "rejected": "c"}'


RULE, ASK = {"role": "system", "content": "s"}, {"role": "user", "content": "q"}
SAY, LIE = {"role": "assistant", "content": "a"}, {"from": "gpt", "value": "b"}


def row(**sides: object) -> str:
    return json.dumps({"prompt": "a", "chosen": "b", "rejected": "c", **sides})


def talk(**sides: object) -> str:
    return json.dumps({"prompt": [ASK], "chosen": [SAY], "rejected": [LIE], **sides})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "liked.jsonl"


# Pairs that come back


def written(pairs: list[TextPair], *, ascii_only: bool = False) -> bytes:
    rows = (json.dumps(pair._asdict(), ensure_ascii=ascii_only) for pair in pairs)
    return "".join(f"{row}\n" for row in rows).encode()


@pytest.mark.parametrize("ascii_only", [True, False])
def test_pairs_come_back_as_they_were(path: Path, ascii_only: bool) -> None:
    path.write_bytes(written(LIKED, ascii_only=ascii_only))
    assert load_pairs(path) == LIKED


sides = st.text(min_size=1).filter(str.strip)
pairs_of_texts = st.builds(TextPair, sides, sides, sides).filter(
    lambda pair: pair.chosen != pair.rejected
)


@given(st.lists(pairs_of_texts, min_size=1, max_size=5))
def test_any_pairs_come_back_as_they_were(pairs: list[TextPair]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "p").write_bytes(written(pairs))
        assert load_pairs(Path(folder, "p")) == pairs


def test_other_programs_files_are_read(path: Path) -> None:
    """A byte order mark, Windows line ends, empty lines, escapes, more keys."""
    lines = [row(), "", "  ", row(score=3, prompt="ü"), "\t" + row() + " "]
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    assert load_pairs(path) == [
        TextPair("a", "b", "c"),
        TextPair("ü", "b", "c"),
        TextPair("a", "b", "c"),
    ]


@pytest.mark.parametrize(
    ("line", "pair"),
    [
        (talk(), TextPair("q", "a", "b")),
        (talk(prompt="q"), TextPair("q", "a", "b")),
        (talk(prompt="q", chosen=[ASK, SAY], rejected=[ASK, LIE]), ("q", "a", "b")),
        (json.dumps({"chosen": [ASK, SAY], "rejected": [ASK, LIE]}), ("q", "a", "b")),
        (row(chosen=[SAY]), TextPair("a", "a", "c")),
        (
            json.dumps({"chosen": "The sky is blue.", "rejected": "The sky is black."}),
            TextPair("The sky is", " blue.", " black."),
        ),
        (
            json.dumps({"chosen": "Q: why?\nso", "rejected": "Q: why?\nnot"}),
            TextPair("Q: why?\n", "so", "not"),
        ),
        (
            json.dumps(
                {
                    "chosen": "\n\nHuman: Hi!\n\nAssistant: Hi, you.",
                    "rejected": "\n\nHuman: Hi!\n\nAssistant: Hi, ape.",
                }
            ),
            TextPair("\n\nHuman: Hi!\n\nAssistant:", " Hi, you.", " Hi, ape."),
        ),
    ],
)
def test_other_forms_of_pairs_are_read_and_it_is_said(path: Path, line, pair) -> None:
    said: list[str] = []
    path.write_text(f"{GOOD}\n{line}\n", "utf-8")
    assert load_pairs(path, said.append) == [TextPair("a", "b", "c"), TextPair(*pair)]
    assert len(said) == 1
    assert said[0].startswith(f"{path}: rows ")


def test_pairs_may_stand_in_one_list(path: Path) -> None:
    path.write_text(f"[{GOOD},\n{talk()}]", "utf-8")
    assert load_pairs(path) == [TextPair("a", "b", "c"), TextPair("q", "a", "b")]


def test_a_prompt_between_two_words_is_found_as_trl_finds_it(path: Path) -> None:
    extract = pytest.importorskip("trl.data_utils").maybe_extract_prompt
    for answers in (
        {"chosen": "One two three four", "rejected": "One two five"},
        {"chosen": [ASK, SAY], "rejected": [ASK, {**SAY, "content": "b"}]},
    ):
        found = extract(dict(answers))
        path.write_text(json.dumps(answers), "utf-8")
        [pair] = load_pairs(path)
        if isinstance(found["prompt"], str):
            assert pair == TextPair(**found)
        else:
            sides = (found[key][0]["content"] for key in pair._fields)
            assert pair == TextPair(*sides)


# Files that are refused, with the line and the reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("prompt,chosen,rejected", "it is not JSON"),
        (GOOD[:-1], "it is not JSON"),
        (GOOD + GOOD, "it is not JSON"),
        ("'a'", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ('{"prompt": ' * 100_000, "it is not JSON"),
        ("9" * 5000, "."),
        ('["a", "b", "c"]', "it is no object like"),
        ("null", "it is no object like"),
        (
            '{"prompt": "a", "chosen": "b"}',
            "rejected is missing; there is prompt, chosen",
        ),
        (
            '{"chosen": "b", "rejected": "c"}',
            "prompt is missing, and the answers begin",
        ),
        ('{"chosen": "a b", "rejected": "ac"}', "prompt is missing, and the answers"),
        ('{"chosen": "a b", "rejected": "a b"}', "chosen and rejected are the same"),
        ('{"chosen": 1, "rejected": 2}', "prompt is missing, and the answers begin"),
        (
            json.dumps({"prompt": "a", "completion": "b"}),
            "chosen is missing; there is pr",
        ),
        (talk(chosen=[ASK, SAY]), "chosen holds user, assistant: only one .* one text"),
        (
            talk(prompt=[RULE, ASK]),
            "prompt holds system, user: only one message of the",
        ),
        (
            talk(chosen=[{"role": "assistant"}]),
            "chosen, message 1: content is None, give",
        ),
        (talk(chosen=[SAY], rejected=[SAY]), "chosen and rejected are the same"),
        (row(prompt=None), "prompt is None: give a text"),
        (row(chosen=5), "chosen is 5: give a text"),
        (row(rejected=["c"]), r"rejected is \['c'\]: give a text"),
        (row(prompt=""), "prompt is empty: give a text"),
        (row(chosen=" \n"), "chosen is empty: give a text"),
        (row(rejected="\u2003"), "rejected is empty: give a text"),
        (row(chosen="c"), "chosen and rejected are the same: nobody preferred"),
        (row(chosen="\ud800"), "character 1 is .* half a character"),
    ],
)
def test_a_bad_line_is_named_with_its_reason(path: Path, line, reason) -> None:
    path.write_text(f"{GOOD}\n\n{line}\n{GOOD}\n", "utf-8")
    with pytest.raises(ValueError, match=rf"liked\.jsonl, line 3: {reason}"):
        load_pairs(path)


def test_a_huge_wrong_value_is_not_shown_whole(path: Path) -> None:
    deep: object = "x"
    for _ in range(200):
        deep = [deep]
    path.write_text(f"{row(prompt=list(range(99_999)))}\n", "utf-8")
    with pytest.raises(ValueError, match=r"prompt is \[0, 1, .*\.\.\.\]") as caught:
        load_pairs(path)
    path.write_text(f"{row(prompt=deep)}\n", "utf-8")
    with pytest.raises(ValueError, match=r"prompt is \[\[\[") as deeper:
        load_pairs(path)
    assert max(len(str(caught.value)), len(str(deeper.value))) < 200 + len(str(path))


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_what_is_not_utf_8_is_named(path: Path, encoding: str) -> None:
    line = GOOD.replace("a", "ü")
    path.write_bytes(f"{GOOD}\n{GOOD}\n".encode() + f"{line}\n".encode(encoding))
    with pytest.raises(ValueError, match=r"line 3: byte 0x.* is not UTF-8 text: save"):
        load_pairs(path)
    path.write_text(f"{line}\n", "utf-16")
    assert load_pairs(path) == [TextPair("ü", "b", "c")]


@pytest.mark.parametrize("content", [b"", b"\n \r\n\t\n", b"\xef\xbb\xbf"])
def test_a_file_without_pairs_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(ValueError, match="holds no pairs: one JSON object a line"):
        load_pairs(path)


def test_a_file_that_is_not_there_is_named(path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there are no pairs here"):
        load_pairs(path)
    with pytest.raises(ValueError, match="is a folder: name a file in it"):
        load_pairs(path.parent)


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["prompt", "chosen", "rejected", *ASK, *LIE]),
            inner,
            max_size=3,
        )
    ),
)


@given(st.lists(anything.map(json.dumps) | st.text(), max_size=4) | st.binary())
def test_any_file_gives_pairs_or_a_reason(lines: list[str] | bytes) -> None:
    data = lines if isinstance(lines, bytes) else "\n".join(lines).encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "p")
        path.write_bytes(data)
        pairs, reason = [], ""
        try:
            pairs = load_pairs(path)
        except ValueError as error:
            reason = str(error)
        assert bool(pairs) != reason.startswith(str(path))
        for pair in pairs:
            check_pair(pair)
