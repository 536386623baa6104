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

from .evaluation import Rate as Rate
from .evaluation import calibration as calibration
from .evaluation import calibration_error as calibration_error
from .evaluation import rate as rate
from .examples import Packed as Packed
from .examples import answer_batch as answer_batch
from .examples import answer_batches as answer_batches
from .examples import answer_loss as answer_loss
from .examples import padded as padded
from .growth import grow as grow
from .growth import warm_start as warm_start
from .talk import Chat as Chat
from .talk import answers as answers
from .template import ChatMLTemplate as ChatMLTemplate
from .template import ChatTemplate as ChatTemplate
from .template import Example as Example
from .template import Markers as Markers
from .template import Message as Message
from .tools import Call as Call
from .tools import Tool as Tool
from .tools import calculate as calculate
from .turn import Answer as Answer
from .turn import Event as Event
