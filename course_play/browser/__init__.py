"""The course's models in the browser: plain JavaScript, without Python behind it.

| module | what lives there | twin of |
|---|---|---|
| `python.js` | errors, quotes, near words as Python has them | `repr`, `difflib` |
| `config.js`, `gpt.js` | the model, token by token | `course_lib.gpt`, `.lens` |
| `weights.js` | halves in base64 to a model | what `export.py` writes |
| `sampler.js` | torch's dice, knobs, writing on | `course_lib.sampling`, `generate` |
| `words.js`, `hearing.js` | words, capitals, short forms | those of `tiny_world` |
| `calculator.js` | sums, parsed and never evaluated | `course_lib.chat.tools` |
| `template.js`, `talk.js` | turns, calls of tools | `course_lib.chat` |
| `copies.js` | what was recited | `course_lib.copies` |
| `voices.js` | the stages to talk to | `tiny_world.assistant.voices` |
| `inside.js` | a lens, an explorer, a trace of a new text | three widgets |
| `answers.js`, `lab.js`, `traits.js` | what widgets ask Python for | six widgets |
| `bundle.py`, `export.py` | modules as one script; models as scripts | |
| `page.js` | scripts that load when they are needed | |
| `whole_*.js` | the pictures of the whole model and of the names' network | |

In a site, `export.write_all(folder)` writes all of it as classic scripts. A page loads
`engine.js`; then `const reply = courseEngine.answersIn("models/")` is a function, and

    reply("PromptBox", widget, "prompt");

sets the traits that Python would have set when a view changes that one; models load
with the first question. For pictures of one's own, `courseEngine.courseIn("models/")`
gives the models: `const { model, words } = await course.voice("base")`.
The modules can be imported one by one as well: `import { GPT } from "./gpt.js";`. Tests
compare each with its twin, in Node and in Chromium (`tests/course_play/test_browser_*`,
`tests/browser/test_models.py`).
"""
