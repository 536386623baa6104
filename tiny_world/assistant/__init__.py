"""The assistant of Tiny World: from a base model to a preferred one.

| module | what lives there |
|---|---|
| `phrases` | what is said in chats: questions, answers, manners |
| `roster` | who is asked about what, and in which stage |
| `conversations` | the talks that each stage learns from |
| `problems` | sums to ask for |
| `measures` | what a model can do |
| `probe` | ask five times: does it know? |
| `taste` | the simulated human, and a reward that can be hacked |
| `mixtures` | which of them each stage sees, and in which shares |
| `stages` | the recipe of each stage |
| `report` | every measure of every stage, and the bands they keep |
| `pipeline` | all stages by one command |
| `shipped` | the stages that travel with the course |
| `own` | an assistant from a text and conversations of your own |
| `own_pairs` | a reward model and DPO from a file of pairs |
| `verifiable` | rewards that a program gives, and RL with them |
| `variety` | what more phrasings in the demonstrations are worth |
| `voices` | every stage as somebody to talk to |
| `hearing` | what a small vocabulary makes of what people type |
| `interview` | thirty lines that a class might type, and what is a good answer |

>>> STAGES
('base', 'sft', 'honest', 'tools', 'preferred')
"""

from tiny_world.assistant.hearing import heard
from tiny_world.assistant.interview import interview, lines
from tiny_world.assistant.measures import Examiner, verdict_on, world_tools
from tiny_world.assistant.mixtures import Sorted
from tiny_world.assistant.own_pairs import Learned, learn_pairs
from tiny_world.assistant.phrases import chat_tokenizer, phrasings
from tiny_world.assistant.pipeline import Plan, plan_for, run_pipeline
from tiny_world.assistant.probe import Probed, probe, sorted_out
from tiny_world.assistant.report import BANDS, measure, outside, table
from tiny_world.assistant.roster import Asked, Roster, make_roster
from tiny_world.assistant.shipped import Stage, load_stage
from tiny_world.assistant.stages import (
    STAGES,
    chat_base,
    chat_template,
    judge_of,
    next_stage,
    prefer,
    sort_questions,
    tune,
)
from tiny_world.assistant.taste import Judge, friendly_words, taste
from tiny_world.assistant.variety import phrasing_study
from tiny_world.assistant.verifiable import (
    Checker,
    Task,
    look_up_tasks,
    sum_tasks,
    train_on_checks,
)
from tiny_world.assistant.voices import Voice, voice_of

__all__ = [
    "BANDS",
    "STAGES",
    "Asked",
    "Checker",
    "Examiner",
    "Judge",
    "Learned",
    "Plan",
    "Probed",
    "Roster",
    "Sorted",
    "Stage",
    "Task",
    "Voice",
    "chat_base",
    "chat_template",
    "chat_tokenizer",
    "friendly_words",
    "heard",
    "interview",
    "judge_of",
    "learn_pairs",
    "lines",
    "load_stage",
    "look_up_tasks",
    "make_roster",
    "measure",
    "next_stage",
    "outside",
    "phrasing_study",
    "phrasings",
    "plan_for",
    "prefer",
    "probe",
    "run_pipeline",
    "sort_questions",
    "sorted_out",
    "sum_tasks",
    "table",
    "taste",
    "train_on_checks",
    "tune",
    "verdict_on",
    "voice_of",
    "world_tools",
]
