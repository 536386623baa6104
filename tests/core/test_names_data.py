"""The committed list of names is what data/README.md says it is."""

import hashlib
import re
import string
from collections import Counter
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "data"
RAW = (DATA / "names.txt").read_bytes()
NAMES = RAW.decode("ascii").splitlines()
README = (DATA / "README.md").read_text(encoding="utf-8")

SURNAMES = """
acharya agarwal ahluwalia ansari bajaj banerjee bansal basu bhatia bhatt biswas bose
chakraborty chatterjee chaudhary chauhan chopra das deshmukh deshpande dixit dutta
fernandes gandhi garg ghosh gill goel goyal gupta iyengar iyer jadhav jain jha joshi
kapoor kashyap kaur khan khanna kulkarni malhotra mehta menon mishra mukherjee nair
nayak negi pandey patel patil pillai qureshi rao rathore reddy roy saxena sen sethi
shah sharma shetty shinde shukla siddiqui singh sinha tiwari tripathi trivedi varma
verma vyas yadav
"""
TITLES = """
acharya bahadur begum chhatrapati kumari kunwar maharaja maulana mirza mullah nawab
nizam pandit sadhvi sahib sardar shaikh sheikh shri shrimati sri swami syed sayyed
thakur ustad
"""


def readme_table_after(heading: str) -> dict[str, int]:
    """The two-row tables under a heading, as label -> count."""
    section = README.split(heading, 1)[1].split("**", 1)[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("|") and "---" not in line
    ]
    return {
        label: int(count)
        for labels, counts in zip(rows[::2], rows[1::2], strict=True)
        for label, count in zip(labels, counts, strict=True)
    }


def test_the_hash_is_the_one_in_the_readme() -> None:
    pinned = re.findall(r"sha256 of `names\.txt`: `([0-9a-f]{64})`", README)
    assert pinned == [hashlib.sha256(RAW).hexdigest()]


def test_every_line_is_a_name_of_2_to_15_small_letters() -> None:
    odd = [name for name in NAMES if not re.fullmatch("[a-z]{2,15}", name)]
    assert odd == []


def test_lines_end_in_a_newline_and_nothing_else() -> None:
    assert ("\n".join(NAMES) + "\n").encode("ascii") == RAW


def test_names_are_sorted_and_distinct() -> None:
    assert sorted(set(NAMES)) == NAMES


def test_the_list_has_the_agreed_size() -> None:
    assert 2500 <= len(NAMES) <= 4000


def test_every_letter_occurs() -> None:
    assert set("".join(NAMES)) == set(string.ascii_lowercase)


@pytest.mark.parametrize("kind", [SURNAMES, TITLES], ids=["surnames", "titles"])
def test_what_the_rule_leaves_out_is_not_in(kind: str) -> None:
    assert set(kind.split()) & set(NAMES) == set()


def test_the_readme_counts_are_the_true_ones() -> None:
    assert f"{len(NAMES):,} romanised given names" in README
    first = Counter(name[0] for name in NAMES)
    assert readme_table_after("**Counts by first letter.**") == first
    lengths = Counter(str(len(name)) for name in NAMES)
    assert readme_table_after("**Counts by length.**") == lengths
