"""Pictures you can touch: one widget per idea, and here the list of what each shows.

>>> for name, info in TABLE.items():
...     print(name, info.lesson)
GuessGame 00
SoftmaxBars 01
SurprisalCurve 02
GradientSteps 03
BigramMap 04
TrainingCurve 05
SamplingLab 06
EmbeddingMap 05 and 07
TokenizerExplorer 08
AttentionExplorer 09 and 10
ScoreMatrix 09
DepthProfile 11
LogitLens 12
TrainingDashboard 13
ContextCost 14
KVCacheStepper 14
PromptBox 15
LossMask 16
StageSwitcher 16 and 18
ProbeTable 17
RefusalThreshold 17
ToolTrace 17
PreferenceButtons 18
RewardFrontier 18
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from course_lib.widgets.attention_explorer import AttentionExplorer
    from course_lib.widgets.bigram_map import BigramMap
    from course_lib.widgets.context_cost import ContextCost
    from course_lib.widgets.depth_profile import DepthProfile
    from course_lib.widgets.embedding_map import EmbeddingMap
    from course_lib.widgets.gradient_steps import GradientSteps
    from course_lib.widgets.guess_game import GuessGame
    from course_lib.widgets.kv_cache_stepper import KVCacheStepper
    from course_lib.widgets.logit_lens import LogitLens
    from course_lib.widgets.loss_mask import LossMask
    from course_lib.widgets.preference_buttons import PreferenceButtons
    from course_lib.widgets.probe_table import ProbeTable
    from course_lib.widgets.prompt_box import PromptBox
    from course_lib.widgets.refusal_threshold import RefusalThreshold
    from course_lib.widgets.reward_frontier import RewardFrontier
    from course_lib.widgets.sampling_lab import SamplingLab
    from course_lib.widgets.score_matrix import ScoreMatrix
    from course_lib.widgets.softmax_bars import SoftmaxBars
    from course_lib.widgets.stage_switcher import StageSwitcher
    from course_lib.widgets.surprisal_curve import SurprisalCurve
    from course_lib.widgets.tokenizer_explorer import TokenizerExplorer
    from course_lib.widgets.tool_trace import ToolTrace
    from course_lib.widgets.training_curve import TrainingCurve
    from course_lib.widgets.training_dashboard import TrainingDashboard


class WidgetInfo(NamedTuple):
    """Where a widget is used, in which module it lives, what it shows."""

    lesson: str
    module: str
    shows: str


TABLE = {
    "GuessGame": WidgetInfo(
        "00",
        "guess_game",
        "a hidden name, letter by letter: you guess the next letter, so does a table "
        "of letter pairs, and both are scored",
    ),
    "SoftmaxBars": WidgetInfo(
        "01",
        "softmax_bars",
        "logits you drag and the probabilities softmax makes of them; adding the same "
        "number to all logits moves nothing",
    ),
    "SurprisalCurve": WidgetInfo(
        "02",
        "surprisal_curve",
        "the loss -ln p of one prediction as a curve with a point you drag, in nats "
        "and bits, beside a table of well-known values",
    ),
    "GradientSteps": WidgetInfo(
        "03",
        "gradient_steps",
        "logits, probabilities and the gradient p - onehot as arrows; each press of "
        "the button takes one step downhill",
    ),
    "BigramMap": WidgetInfo(
        "04",
        "bigram_map",
        "which letter follows which, as a 27 x 27 heat map; choose a row to see its "
        "bars, sample to walk from letter to letter",
    ),
    "TrainingCurve": WidgetInfo(
        "05",
        "training_curve",
        "the loss while a model trains, against labelled reference lines such as ln 27",
    ),
    "SamplingLab": WidgetInfo(
        "06",
        "sampling_lab",
        "the name generator live: temperature, top-k and top-p, the bars of the next "
        "letter, and names marked new or memorised, all from the same dice",
    ),
    "EmbeddingMap": WidgetInfo(
        "05 and 07",
        "embedding_map",
        "letters as points in the plane while training goes on, vowels marked by "
        "shape and colour",
    ),
    "TokenizerExplorer": WidgetInfo(
        "08",
        "tokenizer_explorer",
        "any text as coloured tokens, and a slider from its bytes to the tokens, merge "
        "by merge",
    ),
    "AttentionExplorer": WidgetInfo(
        "09 and 10",
        "attention_explorer",
        "where each word looks: pick layer, head and word; the whole matrix, and what "
        "switching the head off does to the next word",
    ),
    "ScoreMatrix": WidgetInfo(
        "09",
        "score_matrix",
        "a small matrix of scores you edit, the causal mask on or off; softmax makes "
        "each row shares of 1",
    ),
    "DepthProfile": WidgetInfo(
        "11",
        "depth_profile",
        "size of stream and gradient by depth, and how alike the tokens become, while "
        "you switch skip, norm, initial weights and number of layers",
    ),
    "LogitLens": WidgetInfo(
        "12",
        "logit_lens",
        "what a GPT would say next if it stopped after each block: the likeliest "
        "words, and the rank of the true one by depth",
    ),
    "TrainingDashboard": WidgetInfo(
        "13",
        "training_dashboard",
        "a training run while it lasts: losses, learning rate, gradient norm, speed "
        "and a sample; a slider walks back in time",
    ),
    "ContextCost": WidgetInfo(
        "14",
        "context_cost",
        "memory and work for a context of any length, for models from tiny to GPT-3, "
        "and where attention overtakes the matrix products",
    ),
    "KVCacheStepper": WidgetInfo(
        "14",
        "kv_cache_stepper",
        "which keys and values are computed and which are only read while a text grows "
        "word by word, with and without a cache",
    ),
    "PromptBox": WidgetInfo(
        "15",
        "prompt_box",
        "a prompt that a GPT continues; each word says how surprised the model was, or "
        "how much of it is copied word for word",
    ),
    "LossMask": WidgetInfo(
        "16",
        "loss_mask",
        "conversations as coloured tokens: who wrote each one, which ones the "
        "loss counts, what each costs; a switch between the answers and "
        "everything",
    ),
    "StageSwitcher": WidgetInfo(
        "16 and 18",
        "stage_switcher",
        "one question, the answers of every stage side by side, from the base "
        "model to the preferred assistant",
    ),
    "ProbeTable": WidgetInfo(
        "17",
        "probe_table",
        "the same question asked five times: a model that knows agrees with "
        "itself, one that guesses does not",
    ),
    "RefusalThreshold": WidgetInfo(
        "17",
        "refusal_threshold",
        "a slider over P(Sorry): how many strangers are refused, and how many "
        "well-known people too",
    ),
    "ToolTrace": WidgetInfo(
        "17",
        "tool_trace",
        "an answer token by token: the call, the tool at work, its result in the "
        "context, the answer read from it",
    ),
    "PreferenceButtons": WidgetInfo(
        "18",
        "preference_buttons",
        "two answers to the same question; your choices become the data of a "
        "reward model or of DPO",
    ),
    "RewardFrontier": WidgetInfo(
        "18",
        "reward_frontier",
        "reward against KL for several betas, with samples of each: the leash, "
        "the sweet spot and the hack",
    ),
}

__all__ = [
    "TABLE",
    "AttentionExplorer",
    "BigramMap",
    "ContextCost",
    "DepthProfile",
    "EmbeddingMap",
    "GradientSteps",
    "GuessGame",
    "KVCacheStepper",
    "LogitLens",
    "LossMask",
    "PreferenceButtons",
    "ProbeTable",
    "PromptBox",
    "RefusalThreshold",
    "RewardFrontier",
    "SamplingLab",
    "ScoreMatrix",
    "SoftmaxBars",
    "StageSwitcher",
    "SurprisalCurve",
    "TokenizerExplorer",
    "ToolTrace",
    "TrainingCurve",
    "TrainingDashboard",
    "WidgetInfo",
]


def __getattr__(name: str) -> Any:
    """Load a widget's module when it is first asked for."""
    if name not in TABLE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{TABLE[name].module}"), name)
