"""Ready-made runs: what `course train` and `course_lib.engine.parallel` build from.

| preset | model | text |
|---|---|---|
| names | a two-layer network, 3 letters of context | the course's names, or your list |
| world | a GPT, 0.6 M parameters | Tiny World, never the same twice |
| shakespeare | a modern GPT, 0.8 M parameters | any .txt, by characters |
| gpt2-small | GPT-2's architecture, 124 M parameters | a large .txt, GPT-2's tokens |
"""

from course_lib.engine.presets.jobs import Job, prepare
from course_lib.engine.presets.recipes import PRESETS, Preset, adapted

__all__ = ["PRESETS", "Job", "Preset", "adapted", "prepare"]
