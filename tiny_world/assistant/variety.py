"""What variety in the demonstrations is worth: one choice changed, and no other."""

from course_lib.chat import Rate
from tiny_world import World, load_base
from tiny_world.assistant.measures import Examiner
from tiny_world.assistant.mixtures import sft_mixture
from tiny_world.assistant.report import well_known
from tiny_world.assistant.roster import make_roster
from tiny_world.assistant.stages import RECIPES, chat_base, chat_template, tune


def phrasing_study(
    n_phrasings: int | None, *, seed: int = 0, steps: int | None = None
) -> dict[str, Rate]:
    """Teach the base model with so many phrasings of each question; measure it.

    The number of demonstrations stays the same. Returns the shares of right answers on
    well-known people: "usual", asked as quizzes do, and "untaught", in phrasings that
    no demonstration uses.

    >>> sorted(phrasing_study(1, steps=1))
    ['untaught', 'usual']
    """
    roster = make_roster(World(seed=0))
    recipe = {**RECIPES["sft"], **({} if steps is None else {"steps": steps})}
    mixture = sft_mixture(roster, n_phrasings)
    model = tune(chat_base(load_base(), seed), mixture, seed=100 + seed, **recipe)
    examiner, known = Examiner(model, chat_template(), roster), well_known(roster)
    return {
        "usual": examiner.share(known, "right"),
        "untaught": examiner.share(known, "right", taught=False),
    }
