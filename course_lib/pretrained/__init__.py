"""Models that are trained already: the course's own, and GPT-2 as others publish it."""

from course_lib.pretrained.course import WORLD_BASE, load_gpt, save_gpt
from course_lib.pretrained.huggingface import load_gpt2, save_gpt2
from course_lib.pretrained.layout import (
    config_from_gpt2,
    config_to_gpt2,
    gpt2_names,
)

__all__ = [
    "WORLD_BASE",
    "config_from_gpt2",
    "config_to_gpt2",
    "gpt2_names",
    "load_gpt",
    "load_gpt2",
    "save_gpt",
    "save_gpt2",
]
