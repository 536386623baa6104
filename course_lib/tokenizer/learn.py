"""Learning the merges of a BPE tokenizer from text, fast.

Each different pre-token is kept once, with the number of times it occurs. The counts of
neighbouring pairs are kept up to date: an index says which pre-tokens hold a pair, so a
merge touches those alone. A heap gives the next pair.
"""

import heapq
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable

from course_lib.tokenizer.bpe import (
    GPT2_PATTERN,
    N_BYTES,
    BPETokenizer,
    Pair,
    compile_pattern,
)
from course_lib.tokenizer.engine import text_blocks
from course_lib.tokenizer.interface import (
    END_OF_TEXT,
    check_special_tokens,
    check_text,
    split_at,
)


def train_bpe(
    text: str | Iterable[str],
    vocab_size: int,
    *,
    pattern: str = GPT2_PATTERN,
    special_tokens: Iterable[str] = (END_OF_TEXT,),
    at_most: bool = False,
) -> BPETokenizer:
    """Merge the most frequent pair of neighbours, again and again.

    **Ties:** of pairs that are equally frequent, the one with the smaller left id is
    merged first; if those are equal too, the one with the smaller right id. So the same
    text always gives the same merges, in whatever order its parts come.

    Args:
        text: one text, or many (documents, lines, chunks of a file that is larger than
            memory). No token crosses the border between two of them, nor a special
            token that stands in a text; nothing is learned from the special tokens.
        vocab_size: 256 bytes + merges + special tokens.
        pattern: cuts a text into pre-tokens.
        special_tokens: names whose ids come last.
        at_most: be content with a smaller vocabulary, if no pair that is left occurs
            twice; a pair that occurs once has nothing to teach.

    Raises:
        ValueError: if there is no text, the vocabulary is too small for the bytes and
            the special tokens, or the text has too few pairs for so large a one.

    >>> tokenizer = train_bpe("banana bandana", 256 + 3, special_tokens=())
    >>> [tokenizer.token_bytes(i) for i in range(256, tokenizer.vocab_size)]
    [b'an', b'ban', b'ana']
    """
    names = check_special_tokens(special_tokens)
    n_merges = vocab_size - N_BYTES - len(names)
    if n_merges < 0:
        raise ValueError(
            f"vocab_size is {vocab_size}: {N_BYTES} bytes and {len(names)} special "
            f"tokens need at least {N_BYTES + len(names)}"
        )
    counts = count_pieces(text, pattern, names)
    merges = learn_merges(counts, n_merges, least=2 if at_most else 1)
    if len(merges) < n_merges and not at_most:
        raise ValueError(
            f"vocab_size is {vocab_size}, but after {len(merges)} merges no pair is "
            f"left: use at most {vocab_size - n_merges + len(merges)}, or more text"
        )
    return BPETokenizer(merges, pattern=pattern, special_tokens=names)


def count_pieces(
    text: str | Iterable[str], pattern: str, special_tokens: Iterable[str] = ()
) -> Counter[bytes]:
    """How often each pre-token occurs; memory grows only with the different ones.

    Raises:
        ValueError: if there is no text in it.

    >>> count_pieces(["to be", "to be"], GPT2_PATTERN)
    Counter({b'to': 2, b' be': 2})
    """
    split, names = compile_pattern(pattern), frozenset(special_tokens)
    counts: Counter[str] = Counter()
    for chunk in [text] if isinstance(text, str) else text:
        check_text(chunk)
        for part in split_at(chunk, names):
            if part not in names:
                for block in text_blocks(part):
                    counts.update(split.findall(block))
    if not counts:
        raise ValueError("the text is empty: there is nothing to learn from")
    return Counter({piece.encode(): n for piece, n in counts.items()})


def learn_merges(
    counts: Counter[bytes], n_merges: int, *, least: int = 1
) -> list[Pair]:
    """The pairs to merge, in their order; fewer if none is left that occurs `least`.

    >>> learn_merges(Counter({b"aab": 2}), 9)
    [(97, 97), (256, 98)]
    """
    words = _Words(counts)
    merges: list[Pair] = []
    while len(merges) < n_merges and (pair := words.most_frequent()) is not None:
        if words.count[pair] < least:
            break
        words.merge(pair, N_BYTES + len(merges))
        merges.append(pair)
    return merges


class _Words:
    """The different pre-tokens as lists of ids, and the pairs that stand in them."""

    def __init__(self, counts: Counter[bytes]) -> None:
        self.words = [list(piece) for piece in counts]
        self.times = list(counts.values())
        self.count: defaultdict[Pair, int] = defaultdict(int)
        self.where: defaultdict[Pair, set[int]] = defaultdict(set)
        for i, word in enumerate(self.words):
            for pair in itertools.pairwise(word):
                self.count[pair] += self.times[i]
                self.where[pair].add(i)
        self.heap = [(-n, pair) for pair, n in self.count.items()]
        heapq.heapify(self.heap)

    def most_frequent(self) -> Pair | None:
        """The pair to merge next; entries of the heap that are out of date go."""
        while self.heap:
            n, pair = heapq.heappop(self.heap)
            if n and self.count.get(pair) == -n:
                return pair
        return None

    def merge(self, pair: Pair, token: int) -> None:
        """Put `token` in place of the pair, wherever it stands."""
        changed: set[Pair] = set()
        for i in self.where.pop(pair):
            self._merge_in(i, pair, token, changed)
        self.count.pop(pair, None)
        changed.discard(pair)
        for other in changed:
            if n := self.count[other]:
                heapq.heappush(self.heap, (-n, other))
            else:
                del self.count[other]

    def _merge_in(self, i: int, pair: Pair, token: int, changed: set[Pair]) -> None:
        """One pre-token, from left to right; counts change beside the pair only."""
        (a, b), word, times, count = pair, self.words[i], self.times[i], self.count
        merged: list[int] = []
        at, last = 0, len(word) - 1
        while at <= last:
            if at == last or word[at] != a or word[at + 1] != b:
                merged.append(word[at])
                at += 1
                continue
            beside = []
            if merged:
                beside.append(((merged[-1], a), (merged[-1], token)))
            if at + 2 <= last:
                beside.append(((b, word[at + 2]), (token, word[at + 2])))
            for old, new in beside:
                count[old] -= times
                count[new] += times
                self.where[new].add(i)
                changed |= {old, new}
            merged.append(token)
            at += 2
        self.words[i] = merged
