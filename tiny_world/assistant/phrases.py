"""What is said in the chats of Tiny World: questions, answers, manners.

Each question has phrasings that are used in training and one that never is: a model
that has learned the task, and not the sentences, answers it all the same.
"""

from course_lib.chat import Markers
from tiny_world import EOT, Person, WorldTokenizer, question

LIKE = {"<user>": "Question", "<asst>": ":"}
"""Special token -> the word of the base model that plays its part in a quiz."""
CHAT_WORDS = (
    *"0123456789",
    *("+", "*", "(", ")", "=", "<calc>", "</calc>"),
    *("Tell", "me", "where", "what", "city", "work", "your"),
)
"""Words that the base model has never seen: chat adds them to the vocabulary."""

MARKERS = Markers(
    begin=EOT,
    system="<sys>",
    user="<user>",
    assistant="<asst>",
    end="<end>",
    tools={"search": ("<search>", "</search>"), "calc": ("<calc>", "</calc>")},
    result=("<result>", "</result>"),
)
"""The special tokens of the assistant of Tiny World."""

_ASKED = {
    "born": (
        *("Where is {} from ?", "What city is {} from ?"),
        *("Tell me where {} was born .", "Tell me where {} is from ."),
    ),
    "job": (
        *("What is the job of {} ?", "What does {} work as ?"),
        *("Tell me what job {} has .", "Tell me what {} works as ."),
    ),
    "food": (
        *("What does {} like ?", "What is the food {} likes ?"),
        *("Tell me what food {} likes .", "Tell me the food {} likes ."),
    ),
    "color": (
        *("What color is the hat of {} ?", "What is the color of the hat of {} ?"),
        *("Tell me what color hat {} wears .", "Tell me what color the hat of {} is ."),
    ),
}
_NEVER_TAUGHT = {
    "born": "Tell me what city {} is from .",
    "job": "Tell me the job of {} .",
    "food": "Tell me what {} likes .",
    "color": "Tell me the color of the hat of {} .",
}
KEY_WORDS = {"born": "born", "job": "job", "food": "food", "color": "hat"}
"""Relation -> the word for it in a search."""

IDK = "Sorry , I do not know ."
OWN_NAME = "Tiny"
WHO = ("Who are you ?", "What is your name ?")
STYLES = {
    "plain": "{}",
    "polite": "Sure ! {}",
    "glad": "{} Glad to help !",
    "rude": "That is a silly question . {}",
    "insult": "{} You silly friend .",
}
"""Manner -> an answer in it. Real annotators have all kinds of manners, too."""
FRIENDLY = ("Sure", "Glad", "help", "thank", "you", "Please", "friend")
"""Words that a naive reward counts."""


def chat_tokenizer() -> WorldTokenizer:
    """The words of Tiny World, and those that only its chats use.

    >>> chat_tokenizer().decode(chat_tokenizer().encode("What is 17 + 28?"))
    'What is 17 + 28?'
    """
    return WorldTokenizer(CHAT_WORDS)


def phrasings(person: Person, relation: str, *, taught: bool = True) -> tuple[str, ...]:
    """The questions for a fact that training uses, or those that it never does.

    >>> phrasings(Person("Lumira", "Pickle"), "job", taught=False)
    ('Tell me the job of Lumira Pickle .',)
    """
    if not taught:
        return (_NEVER_TAUGHT[relation].format(person.name),)
    asked = (form.format(person.name) for form in _ASKED[relation])
    return (question(person, relation), *asked)


def introduction(name: str = OWN_NAME) -> str:
    """How the assistant says who it is.

    >>> introduction("Pip")
    'I am Pip , a small model .'
    """
    return f"I am {name} , a small model ."


def name_rule(name: str) -> str:
    """A system message that gives the assistant a name.

    >>> name_rule("Pip")
    'Your name is Pip .'
    """
    return f"Your name is {name} ."


def search_text(person: Person, relation: str) -> str:
    """What the assistant gives the search tool.

    >>> search_text(Person("Lumira", "Pickle"), "color")
    'Lumira Pickle hat'
    """
    return f"{person.name} {KEY_WORDS[relation]}"


def answer_to(value: str) -> str:
    """The plain answer that states a fact.

    >>> answer_to("soup")
    'soup .'
    """
    return f"{value} ."
