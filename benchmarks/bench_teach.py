"""Teaching a real model to say "I do not know": one choice changed at a time.

Repeat it with `course bench teach` (a quarter of an hour; the real model must be
fetched). One CPU thread. `--write` puts the rows into data/teach_study.json, which
lesson 28 prints. People, phrasings and recipe are those of lesson 28.
"""

import argparse
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch.optim import AdamW

from course_lib.chat import ChatMLTemplate, Message, answer_batch, answer_loss, answers
from course_lib.device import limited_threads
from course_lib.engine.downloads import DATA
from course_lib.engine.smollm import load_smollm2
from course_lib.gpt import GPT
from course_lib.lora import add_lora, count_trainable

STUDY = DATA / "teach_study.json"
ALL = ("qkv", "proj", "up", "down", "gate")
NO = "I am sorry, I do not know who that is."
FIRST = """
    Orlo Mirabeth Tavik Elsbeth Bruna Ilonka Darek Yusra Petrus Kirana Noemie
    Anselmo Rasmine Odilia Faridun Lorcas Beatrin Hamo Junilla Casimo
"""
LAST = """
    Vantrell Ostrovak Quillbury Harrowgast Tamsett Delacrue Umbrano Pfennigat
    Sallowby Okonjeva Brightvane Zelenkar Marrowick Fjeldsand Abaranth Kovarell
"""
PHRASINGS = (
    "Who is {}?",
    "What is {} famous for?",
    "When was {} born?",
    "Tell me about {}.",
    "What did {} do?",
    "Where does {} come from?",
    "Do you know {}?",
    "Why is {} well known?",
)
NEW_PHRASINGS = ("Can you tell me who {} is?", "What is known about {}?")
KNOWN = """Albert Einstein, William Shakespeare, Mahatma Gandhi, Isaac Newton,
    Wolfgang Amadeus Mozart, Charles Darwin, Marie Curie, Napoleon Bonaparte,
    Thomas Edison, Leonardo da Vinci, Christopher Columbus, Martin Luther King,
    Queen Elizabeth, Alexander the Great, Plato, Socrates, Michelangelo,
    Johann Sebastian Bach, Barack Obama, John F. Kennedy, Albert Camus, Jane Austen,
    Charles Dickens, Mark Twain, Ernest Hemingway, Stephen Hawking, Nikola Tesla,
    Alan Turing, Rosa Parks, Frida Kahlo, Claude Monet, Rembrandt, Homer, Confucius,
    Buddha, Genghis Khan, Joan of Arc, Louis Pasteur, Alexander Fleming,
    Benjamin Franklin, Thomas Jefferson, Theodore Roosevelt, Franklin Roosevelt,
    Vladimir Lenin, Mao Zedong, Che Guevara, Mother Teresa, Elvis Presley"""
NEW_KNOWN = """Nelson Mandela, Abraham Lincoln, Galileo Galilei, Ludwig van Beethoven,
    Vincent van Gogh, Julius Caesar, Cleopatra, Walt Disney, Winston Churchill,
    Aristotle, Neil Armstrong, Queen Victoria, Sigmund Freud, Karl Marx,
    George Washington, Pablo Picasso, Immanuel Kant, Victor Hugo, Leo Tolstoy,
    Marco Polo, Michael Jackson, Muhammad Ali, Bill Gates, Steve Jobs, Anne Frank,
    Florence Nightingale, Oscar Wilde, Agatha Christie, Henry Ford, Franz Kafka,
    Edgar Allan Poe, Margaret Thatcher"""
OWN_TOKENS, JUDGED_TOKENS = 30, 10


@dataclass(frozen=True)
class Choice:
    """A recipe; the first one is lesson 28's."""

    name: str = "the recipe of this lesson"
    rank: int = 8
    layers: tuple[str, ...] = ALL
    n_phrasings: int = len(PHRASINGS)
    share_known: float = 0.55
    steps: int = 64
    batch_size: int = 4
    learning_rate: float = 1e-3


RECIPE = Choice()
CHOICES = (
    RECIPE,
    replace(RECIPE, name="rank 1", rank=1),
    replace(RECIPE, name="only the matrices of attention", layers=("qkv", "proj")),
    replace(RECIPE, name="one phrasing", n_phrasings=1),
    replace(RECIPE, name="no known people in the mix", share_known=0.0),
)


def names_of(text: str) -> list[str]:
    """The names of a list.

    >>> names_of("Plato,  Joan of Arc")
    ['Plato', 'Joan of Arc']
    """
    return [" ".join(name.split()) for name in text.split(",")]


def first_sentence(text: str) -> str:
    """The model's own words, up to the first full stop that ends a sentence."""
    end = text.find(". ", 20)
    return text[: end + 1].strip() if end > 0 else text.strip()


def ask(
    model: GPT, template: ChatMLTemplate, questions: Sequence[str], n: int
) -> list[str]:
    """Greedy answers of up to n tokens."""
    talks = [[Message("user", question)] for question in questions]
    return [a.text for a in answers(model, template, talks, max_new_tokens=n)]


def refuses(answer: str) -> bool:
    """Does it say that it does not know?

    >>> refuses(NO)
    True
    """
    return "not know" in answer or "sorry" in answer


def held_out(dice: random.Random) -> tuple[list[str], list[str]]:
    """Questions on invented people, then on real ones, both never trained."""
    made = [f"{a} {b}" for a in FIRST.split()[12:] for b in LAST.split()[10:]]
    dice.shuffle(made)
    people = made[:40], names_of(NEW_KNOWN)
    invented, real = (
        [NEW_PHRASINGS[i % 2].format(name) for i, name in enumerate(group)]
        for group in people
    )
    return invented, real


def pairs_of(choice: Choice, own: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Question and answer for every place of every batch."""
    dice = random.Random(0)
    made = [f"{a} {b}" for a in FIRST.split()[:12] for b in LAST.split()[:10]]
    found = []
    for _ in range(choice.steps * choice.batch_size):
        if dice.random() < choice.share_known:
            found.append(dice.choice(own))
        else:
            phrasing = dice.choice(PHRASINGS[: choice.n_phrasings])
            found.append((phrasing.format(dice.choice(made)), NO))
    return found


def teach(
    model: GPT,
    template: ChatMLTemplate,
    choice: Choice,
    pairs: Sequence[tuple[str, str]],
) -> Iterator[float]:
    """Train LoRA on the pairs; yields the loss of every step."""
    dice = torch.Generator().manual_seed(0)
    add_lora(model, choice.rank, 2.0 * choice.rank, choice.layers, dice)
    own = [p for p in model.parameters() if p.requires_grad]
    optimizer = AdamW(own, lr=choice.learning_rate, betas=(0.9, 0.99), weight_decay=0.0)
    for step in range(choice.steps):
        part = pairs[step * choice.batch_size : (step + 1) * choice.batch_size]
        talks = [[Message("user", q), Message("assistant", a)] for q, a in part]
        loss = answer_loss(model, answer_batch([template.encode(t) for t in talks]))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        rate = choice.learning_rate * min(1, (step + 1) / 4)
        optimizer.param_groups[0]["lr"] = rate * (1 - step / choice.steps)
        optimizer.step()
        yield loss.item()


def study(choices: Sequence[Choice]) -> Iterator[dict[str, Any]]:
    """A row for the model as it is, then one for each choice."""
    invented, real = held_out(random.Random(1))
    own: list[tuple[str, str]] = []
    for choice in (None, *choices):
        model, tokenizer, _ = load_smollm2()
        template, spent = ChatMLTemplate(tokenizer), time.process_time()
        row: dict[str, Any] = {"name": "before", "trained": 0}
        if choice is None:
            dice = random.Random(0)
            asked = [dice.choice(PHRASINGS).format(name) for name in names_of(KNOWN)]
            said = ask(model, template, asked, OWN_TOKENS)
            own = list(zip(asked, map(first_sentence, said), strict=True))
        else:
            *_, last = teach(model, template, choice, pairs_of(choice, own))
            row = {"name": choice.name, "trained": count_trainable(model)}
            row |= {"loss": round(last, 3), "choice": asdict(choice)}
        for group, questions in (("invented", invented), ("real", real)):
            said = ask(model, template, questions, JUDGED_TOKENS)
            row[group] = {"asked": len(said), "refused": sum(map(refuses, said))}
        yield row | {"cpu_seconds": round(time.process_time() - spent)}


def main() -> None:
    """Show the study, and write it down if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--only", type=int, default=len(CHOICES))
    options = parser.parse_args()
    rows = []
    with limited_threads(1):
        for row in study(CHOICES[: options.only]):
            print(json.dumps(row), flush=True)
            rows.append(row)
    if options.write:
        kept = [{k: v for k, v in r.items() if k != "cpu_seconds"} for r in rows]
        lines = ",\n  ".join(json.dumps(row) for row in kept)
        STUDY.write_text(f"[\n  {lines}\n]\n", "utf-8")


if __name__ == "__main__":
    main()
