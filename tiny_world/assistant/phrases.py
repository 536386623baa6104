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
    *("How", "much", "Hi", "hello", "fine", "can", "Ask", "people", "sums"),
    *("Thanks", "Bye", "Goodbye", "OK", "Great", "robot", "human", "course", "In"),
    *("this", "about", "And", "her", "his", "Is", "Was", "Does", "Are", "eats"),
    *("Calculate", "wrong", "right", "story", "animals", "animal", "say", "eat"),
    *("says", "live", "lives", "Which", "enjoy", "love", "come", "too"),
    *("My", "understand", "old", "nice", "meet", "all", "taught", "ask", "more"),
    *("Why", "many", "Do", "Help", "for", "that", "how", "tell", "an", "Nice"),
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

ASKED = {
    "born": (
        *("Where is {} from ?", "What city is {} from ?"),
        *("Tell me where {} was born .", "Tell me where {} is from ."),
        *("Where does {} come from ?", "What city was {} born in ?"),
        *("What is the city of {} ?", "Do you know where {} was born ?"),
        *("Please tell me where {} comes from .", "{} was born where ?"),
        "In what city was {} born ?",
    ),
    "job": (
        *("What is the job of {} ?", "What does {} work as ?"),
        *("Tell me what job {} has .", "Tell me what {} works as ."),
        *("What does {} do ?", "Who is {} ?"),
        *("What work does {} do ?", "Do you know the job of {} ?"),
        *("Please tell me what job {} has .", "{} works as what ?"),
        "What is {} ?",
    ),
    "food": (
        *("What does {} like ?", "What is the food {} likes ?"),
        *("Tell me what food {} likes .", "Tell me the food {} likes ."),
        *("What does {} eat ?", "What food does {} enjoy ?"),
        *("What does {} love ?", "Do you know what food {} likes ?"),
        *("Please tell me what {} loves .", "{} likes what food ?"),
        "What food is there for {} ?",
    ),
    "color": (
        *("What color is the hat of {} ?", "What is the color of the hat of {} ?"),
        *("Tell me what color hat {} wears .", "Tell me what color the hat of {} is ."),
        *("What hat does {} wear ?", "What color hat does {} have ?"),
        *("What color does {} wear ?", "Do you know what color hat {} has ?"),
        *("Please tell me the color of the hat {} wears .", "{} has what color hat ?"),
        "Which hat does {} have ?",
    ),
}
"""Relation -> how people ask for it, after the question that quizzes use."""
_NEVER_TAUGHT = {
    "born": (
        *("Tell me what city {} is from .", "Do you know what city {} comes from ?"),
        "Please tell me the city of {} .",
    ),
    "job": (
        *("Tell me the job of {} .", "Do you know what {} works as ?"),
        "Please tell me what {} does .",
    ),
    "food": (
        *("Tell me what {} likes .", "Do you know what {} likes ?"),
        "Please tell me the food {} loves .",
    ),
    "color": (
        *("Tell me the color of the hat of {} .", "Which color is the hat of {} ?"),
        "Please tell me what hat {} wears .",
    ),
}
AGAIN = {
    "born": ("And where was {he} born ?", "Where is {he} from ?", "And the city ?"),
    "job": ("And what is {his} job ?", "What job does {he} have ?", "And the job ?"),
    "food": ("And what does {he} like ?", "What food does {he} like ?", "And food ?"),
    "color": (
        *("And what color is {his} hat ?", "What hat does {he} wear ?"),
        "And the hat ?",
    ),
}
"""Relation -> how people ask for it when it is clear about whom."""
ALSO = ("And {} ?", "What about {} ?", "And what about {} ?")
"""How people ask the same about somebody else."""
CHECKED = {
    "born": ("Was {} born in {} ?", "Is {} from {} ?"),
    "job": ("Is {} a {} ?", "Does {} work as a {} ?"),
    "food": ("Does {} like {} ?", "Does {} enjoy {} ?"),
    "color": ("Does {} wear a {} hat ?", "Does {} have a {} hat ?"),
}
KEY_WORDS = {"born": "born", "job": "job", "food": "food", "color": "hat"}
"""Relation -> the word for it in a search."""

IDK = "Sorry , I do not know ."
UNCLEAR = "Sorry , I do not understand ."
OWN_NAME = "Tiny"
WHO = ("Who are you ?", "What is your name ?")
SMALL_TALK = [
    (("Hello !", "Hi !", "Good day !", "hello"), "Hello ! I am {} , a small model ."),
    (
        ("How are you ?", "And how are you ?", "Are you fine ?"),
        "I am fine , thank you !",
    ),
    (("Who made you ?", "Who taught you ?"), "The people of this course made me ."),
    (
        ("What can you do ?", "Help !", "What do you know ?", "What can I ask ?"),
        "Ask me about people , animals and sums !",
    ),
    (("Are you a robot ?", "Are you human ?"), "I am a small model ."),
    (("Thank you !", "Thanks !", "OK , thank you !"), "Glad to help !"),
    (("Good !", "OK .", "Great !", "Yes .", "That is right !"), "Glad to help !"),
    (("You are wrong !", "That is wrong .", "No !"), "Sorry ! I am a small model ."),
    (("You are silly !", "I do not like you !"), "Sorry ! Please ask me more ."),
    (("I like you !", "You are clever !", "You are nice !"), "Thank you , friend !"),
    (("Good night !",), "Good night !"),
    (("Bye !", "Goodbye !"), "Goodbye !"),
]
"""What people say, and the answer; "{}" is the assistant's name."""
HAS_NOT = (
    *("Do you like {} ?", "Do you love {} ?", "Do you enjoy {} ?", "Do you eat ?"),
    *("Are you a {job} ?", "Do you have a job ?", "Do you have a hat ?"),
    *("Where do you live ?", "Where are you from ?", "How old are you ?"),
    "Are you old ?",
)
"""What people ask a model as if it were one of them."""
NOT_ME = "No , I am a small model ."
UNKNOWABLE = (
    *("How old is {} ?", "What animal does {} have ?", "Why does {} wear a hat ?"),
    *("How many animals does {} have ?", "Does {} know me ?", "What does {} say ?"),
    *("Where does {} live ?", "Tell me more about {} .", "Who taught {} ?"),
)
"""Questions about people that nothing in the world answers."""
SUM = ("What is {} ?", "How much is {} ?", "{}", "{} = ?", "{} ?", "Calculate {} .")
"""How people ask for a sum."""
ANIMAL_ASKED = {
    "sound": (
        *("What does a {} say ?", "What does the {} say ?"),
        "How does a {} say it ?",
    ),
    "food": (
        *("What does a {} eat ?", "What does the {} like ?"),
        "What do you know of a {} ?",
    ),
    "home": ("Where does a {} live ?", "Where does the {} live ?", "Where is the {} ?"),
}
ANIMAL_TOLD = {
    "sound": "The {} says {} !",
    "food": "The {} eats {} .",
    "home": "The {} lives in a {} .",
}
STORY = ("Tell me a story !", "Please tell me a story .", "Do you know a story ?")
MET = ("My name is {} .", "I am {} .", "Hello , I am {} !")
STYLES = {
    "plain": "{}",
    "polite": "{} Please ask me more !",
    "glad": "{} Glad to help !",
    "curt": "{} That is all .",
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


def phrasings(
    person: Person, relation: str, *, taught: bool = True, n: int | None = None
) -> tuple[str, ...]:
    """The questions for a fact that training uses, or those that it never does.

    Args:
        person: who is asked about.
        relation: what is asked.
        taught: those that training uses.
        n: only so many of these; all if not given.

    >>> phrasings(Person("Lumira", "Pickle"), "job", taught=False)[0]
    'Tell me the job of Lumira Pickle .'
    >>> phrasings(Person("Lumira", "Pickle"), "job", n=2)[1]
    'What is the job of Lumira Pickle ?'
    """
    first = question(person, relation)
    forms = (first, *ASKED[relation]) if taught else _NEVER_TAUGHT[relation]
    return tuple(form.format(person.name) for form in forms[:n])


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
