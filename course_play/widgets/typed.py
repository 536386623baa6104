"""Text that somebody types into a widget."""


def with_capitals(words: object, text: str) -> str:
    """The text as a tokenizer writes it, where it can tell (capitals of Tiny World).

    >>> from tiny_world import WorldTokenizer
    >>> with_capitals(WorldTokenizer(), "what does the cow like ?")
    'What does the cow like ?'
    >>> with_capitals(None, "as it is")
    'as it is'
    """
    spell = getattr(words, "spell", None)
    return str(spell(text)) if spell else text
