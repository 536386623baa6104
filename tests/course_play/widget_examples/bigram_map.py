from course_lib.names import ALPHABET, load_names
from course_lib.ngram import bigram_counts
from course_play.widgets import BigramMap

from . import Example

EXAMPLE = Example(
    make=lambda: BigramMap(bigram_counts(load_names()), list(ALPHABET)),
    keys=("[role=gridcell][tabindex='0']", "ArrowDown", "Enter"),
    mouse=("[data-cell='5 3']", 0.5, 0.5),
)
