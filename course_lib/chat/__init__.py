"""From a model that goes on to one that answers.

| module | what lives there |
|---|---|
| `template` | messages to tokens; which of them are learned |
| `examples` | batches with the loss on the answers; packing without leakage |
| `growth` | new special tokens for a trained model |
| `tools` | a calculator, and calls that may fail |
| `turn` | one answer in the making: its text, its calls |
| `talk` | the chat loop with streaming and tools; many answers at once |
| `evaluation` | shares with standard errors; calibration |

>>> calculate("17 + 28")
'45'
"""

from course_lib.chat.evaluation import Bin, Rate, calibration, calibration_error, rate
from course_lib.chat.examples import (
    Packed,
    answer_batch,
    answer_batches,
    answer_loss,
    padded,
)
from course_lib.chat.growth import grow
from course_lib.chat.talk import Chat, answers
from course_lib.chat.template import (
    ChatMLTemplate,
    ChatTemplate,
    Example,
    Markers,
    Message,
    check_messages,
)
from course_lib.chat.tools import Call, Tool, calculate, call_tool
from course_lib.chat.turn import Answer, Event

__all__ = [
    "Answer",
    "Bin",
    "Call",
    "Chat",
    "ChatMLTemplate",
    "ChatTemplate",
    "Event",
    "Example",
    "Markers",
    "Message",
    "Packed",
    "Rate",
    "Tool",
    "answer_batch",
    "answer_batches",
    "answer_loss",
    "answers",
    "calculate",
    "calibration",
    "calibration_error",
    "call_tool",
    "check_messages",
    "grow",
    "padded",
    "rate",
]
