"""Pictures you can touch: one widget per idea, loaded when it is asked for.

The first line of a widget's module says in which lesson it is and what it shows.

>>> print(*[name for name in WIDGETS if name.startswith("S")])
SamplingLab ScoreMatrix SoftmaxBars StageSwitcher SurprisalCurve
"""

import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # so that types are known; a new widget adds its line here
    from .attention_explorer import AttentionExplorer as AttentionExplorer
    from .bigram_map import BigramMap as BigramMap
    from .context_cost import ContextCost as ContextCost
    from .depth_profile import DepthProfile as DepthProfile
    from .embedding_map import EmbeddingMap as EmbeddingMap
    from .gradient_steps import GradientSteps as GradientSteps
    from .guess_game import GuessGame as GuessGame
    from .kv_cache_stepper import KVCacheStepper as KVCacheStepper
    from .logit_lens import LogitLens as LogitLens
    from .loss_mask import LossMask as LossMask
    from .predict import Predict as Predict
    from .preference_buttons import PreferenceButtons as PreferenceButtons
    from .probe_table import ProbeTable as ProbeTable
    from .prompt_box import PromptBox as PromptBox
    from .refusal_threshold import RefusalThreshold as RefusalThreshold
    from .reward_frontier import RewardFrontier as RewardFrontier
    from .sampling_lab import SamplingLab as SamplingLab
    from .score_matrix import ScoreMatrix as ScoreMatrix
    from .softmax_bars import SoftmaxBars as SoftmaxBars
    from .stage_switcher import StageSwitcher as StageSwitcher
    from .surprisal_curve import SurprisalCurve as SurprisalCurve
    from .token_lab import TokenLab as TokenLab
    from .tokenizer_explorer import TokenizerExplorer as TokenizerExplorer
    from .tool_trace import ToolTrace as ToolTrace
    from .training_curve import TrainingCurve as TrainingCurve
    from .training_dashboard import TrainingDashboard as TrainingDashboard


def _widgets() -> dict[str, str]:
    """Each widget's class and module: `XY` in an `x_y.py` that has an `x_y.js`."""
    found: dict[str, str] = {}
    for script in sorted(Path(__file__).parent.glob("*.js")):
        module, text = script.stem, script.with_suffix(".py").read_text("utf-8")
        own = rf"^class ({module.replace('_', '')})\b"
        found |= dict.fromkeys(re.findall(own, text, re.IGNORECASE | re.M), module)
    return found


WIDGETS = _widgets()


def __getattr__(name: str) -> Any:
    """Load a widget's module when it is first asked for."""
    if name not in WIDGETS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{WIDGETS[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *WIDGETS]
