# Homework 22: answers that must fail with their hint, and answers that must pass.


# %%
# WRONG calculate: True is a number
# HINT To Python, True is a whole number too: isinstance lets it in. Look at the type itself.
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: any constant
# HINT A constant may be a text, and a text times 9 is a longer text. Which constants are
# HINT numbers?
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: numbers with a j
# HINT A number with a j is let in.
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float, complex):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: powers
# HINT You let powers in. Nine to the ninth to the ninth would keep the machine busy.
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: lambda a, b: a ** (b % 3),
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: no sign in front
# HINT A minus in front is a node of its own: ast.UnaryOp.
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: every sign is a minus
# HINT ~ is a sign in front, too, and not a minus. Which operator does the node hold?
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp):
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: sign forgotten
# HINT The minus in front is read and forgotten.
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: left and right exchanged
# HINT Left and right have changed places: with + and * nobody notices.
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.right), walk(node.left))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: any length
# HINT A text of more than 60 characters must be refused.
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) > 600:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: shorter than 60
# HINT A text of exactly 60 characters is still allowed: *more than* 60 are too many.
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) >= 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: up to 100 as in the lesson
# HINT A text of 61 characters is let in. Where does the limit of this task stand?
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) > 100:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: a plus in front
# HINT A plus in front is let in. Only the minus is allowed there.
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) in (ast.USub, ast.UAdd):
        value = walk(node.operand)
        return -value if type(node.op) is ast.USub else value
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: division by zero is infinite
# HINT You gave a division by zero a value. It has none.
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda a, b: a / b if b else 0.0,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: division by zero falls through
# HINT A division by zero stops with Python's own error. Which error does the task ask for?
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except SyntaxError:
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: spaces taken out, as in the lesson
# HINT You take the spaces out, so that two numbers side by side become one.
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("the text is too long")
    try:
        return value_of(ast.parse(text.replace(" ", ""), mode="eval").body)
    except (SyntaxError, ZeroDivisionError) as error:
        raise ValueError(str(error)) from None


def value_of(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -value_of(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](value_of(node.left), value_of(node.right))
    raise ValueError(f"not arithmetic: {type(node).__name__}")


# %%
# WRONG calculate: syntax errors fall through
# HINT What Python cannot read stops with Python's own error. Which error does the task ask
# HINT for?
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except ZeroDivisionError:
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: whole divisions
# HINT 17 / 2 is 8.5: which division keeps the half?
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.floordiv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: whole divisions too
# HINT // is not among the four operations.
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# RIGHT calculate: a match statement
def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError as error:
        raise ValueError("cannot read it") from error
    return walk(tree.body)


def walk(node):
    match node:
        case ast.Constant(value=value) if type(value) in {int, float}:
            return value
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -walk(inner)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = walk(left), walk(right)
            match op:
                case ast.Add():
                    return a + b
                case ast.Sub():
                    return a - b
                case ast.Mult():
                    return a * b
                case ast.Div() if b != 0:
                    return a / b
    raise ValueError("not allowed")


# %%
# RIGHT calculate: float64 of numpy
import numpy as np


def calculate(text):
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        raise ValueError("no arithmetic") from None
    if len(text) > 60:
        raise ValueError("too long")
    return np.float64(value_of(tree))


def value_of(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return 0 - value_of(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        left, right = value_of(node.left), value_of(node.right)
        if isinstance(node.op, ast.Div) and right == 0:
            raise ValueError("division by zero")
        return OPERATIONS[type(node.op)](left, right)
    raise ValueError("no arithmetic")


OPERATIONS = {ast.Add: operator.add, ast.Sub: operator.sub}
OPERATIONS |= {ast.Mult: operator.mul, ast.Div: operator.truediv}


# %%
# RIGHT calculate: exact with fractions
from fractions import Fraction


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return float(exact(ast.parse(text, mode="eval").body))
    except (SyntaxError, ArithmeticError):
        raise ValueError("no value")


def exact(node):
    kind = type(node)
    if kind is ast.Constant and type(node.value) in (int, float):
        return Fraction(str(node.value))
    if kind is ast.UnaryOp and type(node.op) is ast.USub:
        return 0 - exact(node.operand)
    table = {ast.Add: "__add__", ast.Sub: "__sub__"}
    table |= {ast.Mult: "__mul__", ast.Div: "__truediv__"}
    if kind is ast.BinOp and type(node.op) in table:
        return getattr(exact(node.left), table[type(node.op)])(exact(node.right))
    raise ValueError(kind.__name__)


# %%
# RIGHT calculate: look first, then walk
ALLOWED = (ast.Constant, ast.UnaryOp, ast.USub, ast.BinOp)
ALLOWED += (ast.Add, ast.Sub, ast.Mult, ast.Div)


def calculate(text):
    try:
        tree = ast.parse(text[:61], mode="eval").body
    except SyntaxError:
        tree = None
    if tree is None or len(text) > 60:
        raise ValueError(text)
    for node in ast.walk(tree):
        if not isinstance(node, ALLOWED):
            raise ValueError(type(node).__name__)
        if isinstance(node, ast.Constant) and not type(node.value) in (int, float):
            raise ValueError(node.value)
    return value(tree)


def value(node):
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.UnaryOp):
        return -value(node.operand)
    a, b = value(node.left), value(node.right)
    if isinstance(node.op, ast.Div):
        if b == 0:
            raise ValueError("division by zero")
        return a / b
    if isinstance(node.op, ast.Mult):
        return a * b
    return a + b if isinstance(node.op, ast.Add) else a - b


# %%
# WRONG run: no cap
# HINT The tool runs as often as the model likes. How many calls are allowed?
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if True:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: one word too many
# HINT You ask for one word too many: when max_words words are there, stop.
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) <= max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: only calls that work are counted
# HINT A call that fails is a call, too: it counts towards max_calls.
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            result = ["No"]
            if n_calls < max_calls:
                try:
                    result = tools[tool](text).split()
                    n_calls += 1
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: two kinds of error
# HINT A tool may stop with any error; you catch two kinds only.
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except (KeyError, ValueError):
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: the first opening mark counts
# HINT If two calls are opened, the last opening mark counts. Your text begins after the first.
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>") and not tool:
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: one call too many
# HINT One call too many went through: count from 1.
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls + 1:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: one call too few
# HINT One call too few went through.
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls < max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: the tool runs, its result is hidden
# HINT After the last call the result is hidden, but the tool has run: it saw what it should
# HINT not have seen.
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            try:
                result = tools[tool](text).split()
            except Exception:
                pass
            if n_calls > max_calls:
                result = ["No"]
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: stops at the cap
# HINT You stop at the first call too many. The model should get a No, and go on.
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            if n_calls > max_calls:
                break
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: markers in results let in
# HINT A tool has written special tokens into the context: whose words does the model read
# HINT there?
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: markers cut out, the rest kept
# HINT You cut the special tokens out and kept the rest of what such a tool says. None of it
# HINT may be seen.
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            result = [w for w in result if not w.startswith("<")]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: only the loop's own marks are refused
# HINT You refuse the marks that you know. The task refuses every word that begins with <.
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, "", 0
    while len(written) < max_words:
        word = model([*prompt, *written])
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word.strip("<>"), len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            result = ["No"]
            if n_calls < max_calls:
                try:
                    words = tools[tool](text).split()
                    if not any(
                        w.strip("</>") in ("search", "calc", "result", "end")
                        and "<" in w
                        for w in words
                    ):
                        result = words
                except Exception:
                    pass
            n_calls, tool = n_calls + 1, ""
            written += ["<result>", *result, "</result>"]
    return written


# %%
# WRONG run: a < inside a word refused
# HINT You refuse a result like 3<4. Which words may look like a mark?
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, "", 0
    while len(written) < max_words:
        word = model([*prompt, *written])
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word.strip("<>"), len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            result = ["No"]
            if n_calls < max_calls:
                try:
                    words = tools[tool](text).split()
                    if not any("<" in w for w in words):
                        result = words
                except Exception:
                    pass
            n_calls, tool = n_calls + 1, ""
            written += ["<result>", *result, "</result>"]
    return written


# %%
# WRONG run: the prompt returned too
# HINT Only the words after the prompt are asked for.
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return prompt + written


# %%
# WRONG run: the model sees no results
# HINT The results stand at the end of what you return, but the model never read them. Where
# HINT must they stand when the model is asked for its next word?
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            shown = ["<result>"] + result + ["</result>"]
            tool = None
    return written + shown


# %%
# WRONG run: no marks around the result
# HINT The results stand there without `<result>` and `</result>`. How is the model to know
# HINT who said these words?
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += result
            tool = None
    return written


# %%
# WRONG run: the mark given to the tool
# HINT The tool got the closing mark as well: which words stand inside the call?
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: errors as results
# HINT When a tool fails, the model should read one word: No.
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception as error:
                    result = ["Error"]
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: only missing things are caught
# HINT A tool that is not there gives a No. What if a tool is there and stops with another
# HINT error?
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except (KeyError, LookupError):
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: any mark closes any call
# HINT </search> has closed a call of <calc>. Which mark closes which?
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word in ("</search>", "</calc>"):
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: the closing mark names the tool
# HINT `</search>` has closed a call of `<calc>`, and its words went to another tool. Which
# HINT mark closes which?
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, begin = [], 0, None
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            begin = len(written)
        elif begin and word in ("</search>", "</calc>"):
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[word[2:-1]](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            begin = None
    return written


# %%
# WRONG run: a mark that closes nothing is answered
# HINT `</calc>` is answered although no call was open. What is it then, to your loop?
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, begin = [], 0, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            begin = len(written)
        elif word in ("</search>", "</calc>"):
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[word[2:-1]](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
    return written


# %%
# WRONG run: goes on after the end
# HINT You ask the model for more words after its `<end>`. When does the loop stop?
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: results have no length
# HINT The words of results count, too: stop when there are max_words words or more.
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) - written.count("<result>") * 3 < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: cut to the last word
# HINT The last result is cut off. Stop at max_words or more, and return all of it.
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written[:max_words]


# %%
# RIGHT run: words looked up from the end
def run(model, prompt, tools, max_calls, max_words):
    words = list(prompt)
    is_open, calls = "", 0
    while len(words) - len(prompt) < max_words and words[-1:] != ["<end>"]:
        new = model(list(words))
        words += [new]
        if new in {"<search>", "<calc>"}:
            is_open = new
        if is_open and new == is_open.replace("<", "</"):
            start = len(words) - 1 - words[::-1].index(is_open)
            inside = " ".join(words[start + 1 : -1])
            calls += 1
            said = (
                try_tool(tools, is_open[1:-1], inside) if calls <= max_calls else "No"
            )
            words += ["<result>", *said.split(), "</result>"]
            is_open = ""
    return words[len(prompt) :]


def try_tool(tools, name, text):
    try:
        said = tools[name](text)
        return "No" if any(w[0] == "<" for w in said.split()) else said
    except Exception:
        return "No"


# %%
# RIGHT run: recursion
def run(model, prompt, tools, max_calls, max_words, written=(), tool="", inside=()):
    if len(written) >= max_words or (written and written[-1] == "<end>"):
        return list(written)
    word = model([*prompt, *written])
    written = [*written, word]
    if word in ("<search>", "<calc>"):
        tool, inside = word.strip("<>"), ()
    elif tool and word == "</" + tool + ">":
        result = ["No"]
        if max_calls > 0:
            try:
                result = tools[tool](" ".join(inside)).split()
            except Exception:
                result = ["No"]
            if [w for w in result if w.startswith("<")]:
                result = ["No"]
        max_calls -= 1
        written += ["<result>", *result, "</result>"]
        tool = ""
    else:
        inside = (*inside, word)
    return run(model, prompt, tools, max_calls, max_words, written, tool, inside)


# %%
# RIGHT run: a small class
class Caller:
    def __init__(self, tools, left):
        self.tools, self.left = tools, left

    def __call__(self, tool, text):
        self.left -= 1
        if self.left < 0 or tool not in self.tools:
            return ["No"]
        try:
            words = self.tools[tool](text).split()
        except Exception:
            return ["No"]
        for word in words:
            if word.startswith("<"):
                return ["No"]
        return words


def run(model, prompt, tools, max_calls, max_words):
    caller, out, inside, tool = Caller(tools, max_calls), [], [], None
    while len(out) < max_words:
        out.append(model([*prompt, *out]))
        word = out[-1]
        if word == "<end>":
            return out
        if word == "<search>" or word == "<calc>":
            tool, inside = word[1:-1], []
        elif tool is not None and word == "</%s>" % tool:
            out.extend(["<result>"] + caller(tool, " ".join(inside)) + ["</result>"])
            tool = None
        else:
            inside.append(word)
    return out


# %%
# WRONG encode: results are learned
# HINT Your mask counts the tool's result. Who writes it, and can the model know it?
def encode(messages):
    words, learned = ["<eot>"], [False]
    for role, text in messages:
        new = ["\\" + w if w[0] == "<" else w for w in text.split()]
        if role == "user":
            new = ["<user>"] + new + ["<asst>"]
        elif role == "call":
            new = ["<calc>"] + new + ["</calc>"]
        elif role == "result":
            new = ["<result>"] + new + ["</result>"]
        else:
            new = new + ["<end>"]
        words += new
        learned += [role != "user"] * len(new)
    return [words, learned]


def loss(log_p, ids, learned):
    keep = [t for t in range(1, len(ids)) if learned[t]]
    return -sum(log_p[t - 1, ids[t]] for t in keep) / len(keep)


# %%
# WRONG encode: calls are not learned
# HINT Your mask leaves the calls out. Who has to write them when the model is used?
def encode(messages):
    words, learned = ["<eot>"], [False]
    for role, text in messages:
        new = ["\\" + w if w[0] == "<" else w for w in text.split()]
        if role == "user":
            new = ["<user>"] + new + ["<asst>"]
        elif role == "call":
            new = ["<calc>"] + new + ["</calc>"]
        elif role == "result":
            new = ["<result>"] + new + ["</result>"]
        else:
            new = new + ["<end>"]
        words += new
        learned += [role == "assistant"] * len(new)
    return [words, learned]


def loss(log_p, ids, learned):
    keep = [t for t in range(1, len(ids)) if learned[t]]
    return -sum(log_p[t - 1, ids[t]] for t in keep) / len(keep)


# %%
# WRONG encode: everything is learned
# HINT Your mask counts every word, those of the user too.
def encode(messages):
    words, learned = ["<eot>"], [False]
    for role, text in messages:
        new = ["\\" + w if w[0] == "<" else w for w in text.split()]
        if role == "user":
            new = ["<user>"] + new + ["<asst>"]
        elif role == "call":
            new = ["<calc>"] + new + ["</calc>"]
        elif role == "result":
            new = ["<result>"] + new + ["</result>"]
        else:
            new = new + ["<end>"]
        words += new
        learned += [True] * len(new)
    return [words, learned]


def loss(log_p, ids, learned):
    keep = [t for t in range(1, len(ids)) if learned[t]]
    return -sum(log_p[t - 1, ids[t]] for t in keep) / len(keep)


# %%
# WRONG encode: the end is not learned
# HINT `<end>` must be learned: without it the model never learns to stop.
def encode(messages):
    words, learned = ["<eot>"], [False]
    for role, text in messages:
        new = ["\\" + w if w[0] == "<" else w for w in text.split()]
        if role == "user":
            new = ["<user>"] + new + ["<asst>"]
        elif role == "call":
            new = ["<calc>"] + new + ["</calc>"]
        elif role == "result":
            new = ["<result>"] + new + ["</result>"]
        else:
            new = new + ["<end>"]
        words += new
        learned += [role in ("call", "assistant")] * len(new)
        if role == "assistant":
            learned[-1] = False
    return [words, learned]


def loss(log_p, ids, learned):
    keep = [t for t in range(1, len(ids)) if learned[t]]
    return -sum(log_p[t - 1, ids[t]] for t in keep) / len(keep)


# %%
# WRONG encode: the marks of a call are not learned
# HINT The marks `<calc>` and `</calc>` are not in your mask. Who has to write them?
def encode(messages):
    words, learned = ["<eot>"], [False]
    for role, text in messages:
        new = ["\\" + w if w[0] == "<" else w for w in text.split()]
        if role == "user":
            new = ["<user>"] + new + ["<asst>"]
        elif role == "call":
            new = ["<calc>"] + new + ["</calc>"]
        elif role == "result":
            new = ["<result>"] + new + ["</result>"]
        else:
            new = new + ["<end>"]
        words += new
        learned += [role in ("call", "assistant")] * len(new)
        if role == "call":
            learned[-1] = learned[-len(new)] = False
    return [words, learned]


def loss(log_p, ids, learned):
    keep = [t for t in range(1, len(ids)) if learned[t]]
    return -sum(log_p[t - 1, ids[t]] for t in keep) / len(keep)


# %%
# WRONG encode: asst before each answer
# HINT `<asst>` stands directly after a user's message, and nowhere else. In yours it comes
# HINT again after a result.
def encode(messages):
    words, learned = ["<eot>"], [False]
    for role, text in messages:
        new = ["\\" + w if w[0] == "<" else w for w in text.split()]
        if role == "user":
            new = ["<user>"] + new + ["<asst>"]
        elif role == "call":
            new = ["<calc>"] + new + ["</calc>"]
        elif role == "result":
            new = ["<result>"] + new + ["</result>", "<asst>"]
        else:
            new = new + ["<end>"]
        words += new
        learned += [role in ("call", "assistant")] * len(new)
    return [words, learned]


def loss(log_p, ids, learned):
    keep = [t for t in range(1, len(ids)) if learned[t]]
    return -sum(log_p[t - 1, ids[t]] for t in keep) / len(keep)


# %%
# WRONG encode: no asst
# HINT The mark `<asst>` is missing after the user's message.
def encode(messages):
    words, learned = ["<eot>"], [False]
    for role, text in messages:
        new = ["\\" + w if w[0] == "<" else w for w in text.split()]
        if role == "user":
            new = ["<user>"] + new
        elif role == "call":
            new = ["<calc>"] + new + ["</calc>"]
        elif role == "result":
            new = ["<result>"] + new + ["</result>"]
        else:
            new = new + ["<end>"]
        words += new
        learned += [role in ("call", "assistant")] * len(new)
    return [words, learned]


def loss(log_p, ids, learned):
    keep = [t for t in range(1, len(ids)) if learned[t]]
    return -sum(log_p[t - 1, ids[t]] for t in keep) / len(keep)


# %%
# WRONG encode: asst is learned
# HINT You let the model learn `<asst>`. The template writes it, not the model.
def encode(messages):
    words, learned = ["<eot>"], [False]
    for role, text in messages:
        new = ["\\" + w if w[0] == "<" else w for w in text.split()]
        if role == "user":
            new = ["<user>"] + new + ["<asst>"]
        elif role == "call":
            new = ["<calc>"] + new + ["</calc>"]
        elif role == "result":
            new = ["<result>"] + new + ["</result>"]
        else:
            new = new + ["<end>"]
        words += new
        learned += [role in ("call", "assistant")] * len(new)
        if role == "user":
            learned[-1] = True
    return [words, learned]


def loss(log_p, ids, learned):
    keep = [t for t in range(1, len(ids)) if learned[t]]
    return -sum(log_p[t - 1, ids[t]] for t in keep) / len(keep)


# %%
# WRONG encode: no eot
# HINT A conversation begins with `<eot>`.
def encode(messages):
    words, learned = [], []
    for role, text in messages:
        new = ["\\" + w if w[0] == "<" else w for w in text.split()]
        if role == "user":
            new = ["<user>"] + new + ["<asst>"]
        elif role == "call":
            new = ["<calc>"] + new + ["</calc>"]
        elif role == "result":
            new = ["<result>"] + new + ["</result>"]
        else:
            new = new + ["<end>"]
        words += new
        learned += [role in ("call", "assistant")] * len(new)
    return [words, learned]


def loss(log_p, ids, learned):
    keep = [t for t in range(1, len(ids)) if learned[t]]
    return -sum(log_p[t - 1, ids[t]] for t in keep) / len(keep)


# %%
# WRONG encode: texts may forge marks
# HINT A word such as `</result>` inside a text is still a mark in your list. Whoever
# HINT writes a page could then end the result and speak for the model.
def encode(messages):
    words, learned = ["<eot>"], [False]
    for role, text in messages:
        new = text.split()
        if role == "user":
            new = ["<user>"] + new + ["<asst>"]
        elif role == "call":
            new = ["<calc>"] + new + ["</calc>"]
        elif role == "result":
            new = ["<result>"] + new + ["</result>"]
        else:
            new = new + ["<end>"]
        words += new
        learned += [role in ("call", "assistant")] * len(new)
    return [words, learned]


def loss(log_p, ids, learned):
    keep = [t for t in range(1, len(ids)) if learned[t]]
    return -sum(log_p[t - 1, ids[t]] for t in keep) / len(keep)


# %%
# WRONG encode: only results are made safe
# HINT The result is safe now. Users and models can write marks in their texts, too.
def encode(messages):
    words, learned = ["<eot>"], [False]
    for role, text in messages:
        new = text.split()
        if role == "result":
            new = ["\\" + w if w[0] == "<" else w for w in new]
        if role == "user":
            new = ["<user>"] + new + ["<asst>"]
        elif role == "call":
            new = ["<calc>"] + new + ["</calc>"]
        elif role == "result":
            new = ["<result>"] + new + ["</result>"]
        else:
            new = new + ["<end>"]
        words += new
        learned += [role in ("call", "assistant")] * len(new)
    return [words, learned]


def loss(log_p, ids, learned):
    keep = [t for t in range(1, len(ids)) if learned[t]]
    return -sum(log_p[t - 1, ids[t]] for t in keep) / len(keep)


# %%
# WRONG encode: the user may forge
# HINT The user's text can still write a mark: every text is meant, whoever's it is.
def encode(messages):
    words, learned = ["<eot>"], [False]
    for role, text in messages:
        new = text.split()
        if role != "user":
            new = ["\\" + w if w[0] == "<" else w for w in new]
        if role == "user":
            new = ["<user>"] + new + ["<asst>"]
        elif role == "call":
            new = ["<calc>"] + new + ["</calc>"]
        elif role == "result":
            new = ["<result>"] + new + ["</result>"]
        else:
            new = new + ["<end>"]
        words += new
        learned += [role in ("call", "assistant")] * len(new)
    return [words, learned]


def loss(log_p, ids, learned):
    keep = [t for t in range(1, len(ids)) if learned[t]]
    return -sum(log_p[t - 1, ids[t]] for t in keep) / len(keep)


# %%
# WRONG encode: forged marks are thrown away
# HINT Words that look like marks are gone from your list. Nothing of a text may be lost.
def encode(messages):
    words, learned = ["<eot>"], [False]
    for role, text in messages:
        new = [w for w in text.split() if w[0] != "<"]
        if role == "user":
            new = ["<user>"] + new + ["<asst>"]
        elif role == "call":
            new = ["<calc>"] + new + ["</calc>"]
        elif role == "result":
            new = ["<result>"] + new + ["</result>"]
        else:
            new = new + ["<end>"]
        words += new
        learned += [role in ("call", "assistant")] * len(new)
    return [words, learned]


def loss(log_p, ids, learned):
    keep = [t for t in range(1, len(ids)) if learned[t]]
    return -sum(log_p[t - 1, ids[t]] for t in keep) / len(keep)


# %%
# WRONG encode: only the known marks
# HINT The rule is: every word that begins with `<`. Yours lets some of them through.
def encode(messages):
    words, learned = ["<eot>"], [False]
    for role, text in messages:
        new = [
            "\\" + w if w in ("</result>", "<end>", "<user>") else w
            for w in text.split()
        ]
        if role == "user":
            new = ["<user>"] + new + ["<asst>"]
        elif role == "call":
            new = ["<calc>"] + new + ["</calc>"]
        elif role == "result":
            new = ["<result>"] + new + ["</result>"]
        else:
            new = new + ["<end>"]
        words += new
        learned += [role in ("call", "assistant")] * len(new)
    return [words, learned]


def loss(log_p, ids, learned):
    keep = [t for t in range(1, len(ids)) if learned[t]]
    return -sum(log_p[t - 1, ids[t]] for t in keep) / len(keep)


# %%
# WRONG encode: a backslash before each <
# HINT You put a backslash inside words such as 5<6. Only a word that begins with < may
# HINT look like a mark.
def encode(messages):
    words, learned = ["<eot>"], [False]
    for role, text in messages:
        plain = text.replace("<", "\\<").split()
        if role == "user":
            new = ["<user>", *plain, "<asst>"]
        elif role == "call":
            new = ["<calc>", *plain, "</calc>"]
        elif role == "result":
            new = ["<result>", *plain, "</result>"]
        else:
            new = [*plain, "<end>"]
        words += new
        learned += [role in ("call", "assistant")] * len(new)
    return [words, learned]


def loss(log_p, ids, learned):
    learned = torch.tensor(list(learned))
    nats = -log_p[torch.arange(len(ids) - 1), ids[1:]]
    return nats[learned[1:]].mean()


# %%
# WRONG encode: backslash before each word
# HINT Your list has a backslash before words that are harmless.
def encode(messages):
    words, learned = ["<eot>"], [False]
    for role, text in messages:
        new = ["\\" + w for w in text.split()]
        if role == "user":
            new = ["<user>"] + new + ["<asst>"]
        elif role == "call":
            new = ["<calc>"] + new + ["</calc>"]
        elif role == "result":
            new = ["<result>"] + new + ["</result>"]
        else:
            new = new + ["<end>"]
        words += new
        learned += [role in ("call", "assistant")] * len(new)
    return [words, learned]


def loss(log_p, ids, learned):
    keep = [t for t in range(1, len(ids)) if learned[t]]
    return -sum(log_p[t - 1, ids[t]] for t in keep) / len(keep)


# %%
# WRONG encode: the loss is not shifted
# HINT Row t of log_p is about the token *after* token t. Yours pairs it with token t
# HINT itself.
def encode(messages):
    words, learned = ["<eot>"], [False]
    for role, text in messages:
        new = ["\\" + w if w[0] == "<" else w for w in text.split()]
        if role == "user":
            new = ["<user>"] + new + ["<asst>"]
        elif role == "call":
            new = ["<calc>"] + new + ["</calc>"]
        elif role == "result":
            new = ["<result>"] + new + ["</result>"]
        else:
            new = new + ["<end>"]
        words += new
        learned += [role in ("call", "assistant")] * len(new)
    return [words, learned]


def loss(log_p, ids, learned):
    nats = -log_p[torch.arange(len(ids)), ids]
    return nats[torch.tensor(learned)].mean()


# %%
# WRONG encode: the mask is not shifted
# HINT Your losses are shifted and your mask is not: the loss at place t - 1 belongs to
# HINT token t, so it needs the mask of token t.
def encode(messages):
    words, learned = ["<eot>"], [False]
    for role, text in messages:
        new = ["\\" + w if w[0] == "<" else w for w in text.split()]
        if role == "user":
            new = ["<user>"] + new + ["<asst>"]
        elif role == "call":
            new = ["<calc>"] + new + ["</calc>"]
        elif role == "result":
            new = ["<result>"] + new + ["</result>"]
        else:
            new = new + ["<end>"]
        words += new
        learned += [role in ("call", "assistant")] * len(new)
    return [words, learned]


def loss(log_p, ids, learned):
    nats = -log_p[torch.arange(len(ids) - 1), ids[1:]]
    return nats[torch.tensor(learned[:-1])].mean()


# %%
# WRONG encode: the sum of the losses
# HINT The mean over the learned tokens is asked for, not the sum.
def encode(messages):
    words, learned = ["<eot>"], [False]
    for role, text in messages:
        new = ["\\" + w if w[0] == "<" else w for w in text.split()]
        if role == "user":
            new = ["<user>"] + new + ["<asst>"]
        elif role == "call":
            new = ["<calc>"] + new + ["</calc>"]
        elif role == "result":
            new = ["<result>"] + new + ["</result>"]
        else:
            new = new + ["<end>"]
        words += new
        learned += [role in ("call", "assistant")] * len(new)
    return [words, learned]


def loss(log_p, ids, learned):
    nats = -log_p[torch.arange(len(ids) - 1), ids[1:]]
    return nats[torch.tensor(learned[1:])].sum()


# %%
# WRONG encode: the mean over all tokens
# HINT You divide by the number of all tokens. Divide by the number of those that are
# HINT learned.
def encode(messages):
    words, learned = ["<eot>"], [False]
    for role, text in messages:
        new = ["\\" + w if w[0] == "<" else w for w in text.split()]
        if role == "user":
            new = ["<user>"] + new + ["<asst>"]
        elif role == "call":
            new = ["<calc>"] + new + ["</calc>"]
        elif role == "result":
            new = ["<result>"] + new + ["</result>"]
        else:
            new = new + ["<end>"]
        words += new
        learned += [role in ("call", "assistant")] * len(new)
    return [words, learned]


def loss(log_p, ids, learned):
    nats = -log_p[torch.arange(len(ids) - 1), ids[1:]]
    return (nats * torch.tensor(learned[1:]).float()).mean()


# %%
# WRONG encode: no minus sign
# HINT A loss is never negative here: where is the minus sign?
def encode(messages):
    words, learned = ["<eot>"], [False]
    for role, text in messages:
        new = ["\\" + w if w[0] == "<" else w for w in text.split()]
        if role == "user":
            new = ["<user>"] + new + ["<asst>"]
        elif role == "call":
            new = ["<calc>"] + new + ["</calc>"]
        elif role == "result":
            new = ["<result>"] + new + ["</result>"]
        else:
            new = new + ["<end>"]
        words += new
        learned += [role in ("call", "assistant")] * len(new)
    return [words, learned]


def loss(log_p, ids, learned):
    nats = log_p[torch.arange(len(ids) - 1), ids[1:]]
    return nats[torch.tensor(learned[1:])].mean()


# %%
# RIGHT encode: pairs of word and flag
def encode(messages):
    pairs = [("<eot>", False)]
    for role, text in messages:
        text = " ".join("\\" * w.startswith("<") + w for w in text.split())
        if role == "user":
            pairs += [(w, False) for w in f"<user> {text} <asst>".split()]
        if role == "call":
            pairs += [(w, True) for w in f"<calc> {text} </calc>".split()]
        if role == "result":
            pairs += [(w, False) for w in f"<result> {text} </result>".split()]
        if role == "assistant":
            pairs += [(w, True) for w in f"{text} <end>".split()]
    return tuple(zip(*pairs))


def loss(log_p, ids, learned):
    flags = torch.as_tensor(learned)[1:]
    targets = torch.as_tensor(ids)[1:].masked_fill(~flags, -100)
    return F.nll_loss(log_p[:-1], targets, ignore_index=-100)


# %%
# RIGHT encode: a weighted mean


def encode(messages):
    words, learned = ["<eot>"], [False]
    for role, text in messages:
        new = ["\\" + w if w[0] == "<" else w for w in text.split()]
        if role == "user":
            new = ["<user>"] + new + ["<asst>"]
        elif role == "call":
            new = ["<calc>"] + new + ["</calc>"]
        elif role == "result":
            new = ["<result>"] + new + ["</result>"]
        else:
            new = new + ["<end>"]
        words += new
        learned += [role in ("call", "assistant")] * len(new)
    return [words, learned]


def loss(log_p, ids, learned):
    weight = torch.tensor([float(one) for one in learned[1:]])
    nats = -log_p[:-1].gather(1, ids[1:, None])[:, 0]
    return ((nats * weight).sum() / weight.sum()).item()


# %%
# WRONG best: each word counts 1
# HINT Every shared word counts 1 in your score. A word that stands in many documents
# HINT should count less: its idf.
def best(query, documents, k, a):
    N = len(documents)
    words = [text.split() for text in documents]
    scores = []
    for i, held in enumerate(words):
        total = 0
        for word in sorted(set(query.split())):
            if word in held:
                n = sum(word in other for other in words)
                total += 1
        scores.append((-round(total / len(held) ** a, 9), i))
    return [i for _, i in sorted(scores)[:k]]


def hit_rate(found, gold, k):
    hits = [right in places[:k] for places, right in zip(found, gold)]
    return sum(hits) / len(hits)


# %%
# WRONG best: idf upside down
# HINT Your order is upside down: the worst come first, or rare words count less than
# HINT frequent ones.
def best(query, documents, k, a):
    N = len(documents)
    words = [text.split() for text in documents]
    scores = []
    for i, held in enumerate(words):
        total = 0
        for word in sorted(set(query.split())):
            if word in held:
                n = sum(word in other for other in words)
                total += math.log(n / N)
        scores.append((-round(total / len(held) ** a, 9), i))
    return [i for _, i in sorted(scores)[:k]]


def hit_rate(found, gold, k):
    hits = [right in places[:k] for places, right in zip(found, gold)]
    return sum(hits) / len(hits)


# %%
# WRONG best: no logarithm
# HINT N / n without the logarithm: very rare words count far too much.
def best(query, documents, k, a):
    N = len(documents)
    words = [text.split() for text in documents]
    scores = []
    for i, held in enumerate(words):
        total = 0
        for word in sorted(set(query.split())):
            if word in held:
                n = sum(word in other for other in words)
                total += N / n
        scores.append((-round(total / len(held) ** a, 9), i))
    return [i for _, i in sorted(scores)[:k]]


def hit_rate(found, gold, k):
    hits = [right in places[:k] for places, right in zip(found, gold)]
    return sum(hits) / len(hits)


# %%
# WRONG best: words counted as often as they occur
# HINT A word that stands several times in the document or the query counts once only.
def best(query, documents, k, a):
    N = len(documents)
    words = [text.split() for text in documents]
    scores = []
    for i, held in enumerate(words):
        total = 0
        for word in sorted(set(query.split())):
            if word in held:
                n = sum(word in other for other in words)
                total += held.count(word) * math.log(N / n)
        scores.append((-round(total / len(held) ** a, 9), i))
    return [i for _, i in sorted(scores)[:k]]


def hit_rate(found, gold, k):
    hits = [right in places[:k] for places, right in zip(found, gold)]
    return sum(hits) / len(hits)


# %%
# WRONG best: words of the query counted twice
# HINT A word that stands several times in the query counts once: each different word.
def best(query, documents, k, a):
    N = len(documents)
    words = [text.split() for text in documents]
    scores = []
    for i, held in enumerate(words):
        total = 0
        for word in query.split():
            if word in held:
                n = sum(word in other for other in words)
                total += math.log(N / n)
        scores.append((-round(total / len(held) ** a, 9), i))
    return [i for _, i in sorted(scores)[:k]]


def hit_rate(found, gold, k):
    hits = [right in places[:k] for places, right in zip(found, gold)]
    return sum(hits) / len(hits)


# %%
# WRONG best: length of different words
# HINT The length of a document is the number of all its words, those that repeat too.
def best(query, documents, k, a):
    N = len(documents)
    words = [text.split() for text in documents]
    scores = []
    for i, held in enumerate(words):
        total = 0
        for word in sorted(set(query.split())):
            if word in held:
                n = sum(word in other for other in words)
                total += math.log(N / n)
        scores.append((-round(total / len(set(held)) ** a, 9), i))
    return [i for _, i in sorted(scores)[:k]]


def hit_rate(found, gold, k):
    hits = [right in places[:k] for places, right in zip(found, gold)]
    return sum(hits) / len(hits)


# %%
# WRONG best: length in letters
# HINT You divide by the number of letters. The length of a document is its number of
# HINT words.
def best(query, documents, k, a):
    N = len(documents)
    words = [text.split() for text in documents]
    scores = []
    for i, held in enumerate(words):
        total = 0
        for word in sorted(set(query.split())):
            if word in held:
                n = sum(word in other for other in words)
                total += math.log(N / n)
        scores.append((-round(total / len(documents[i]) ** a, 9), i))
    return [i for _, i in sorted(scores)[:k]]


def hit_rate(found, gold, k):
    hits = [right in places[:k] for places, right in zip(found, gold)]
    return sum(hits) / len(hits)


# %%
# WRONG best: the length does not count
# HINT The length of the document does not matter in your score: where is the power a?
def best(query, documents, k, a):
    N = len(documents)
    words = [text.split() for text in documents]
    scores = []
    for i, held in enumerate(words):
        total = 0
        for word in sorted(set(query.split())):
            if word in held:
                n = sum(word in other for other in words)
                total += math.log(N / n)
        scores.append((-round(total, 9), i))
    return [i for _, i in sorted(scores)[:k]]


def hit_rate(found, gold, k):
    hits = [right in places[:k] for places, right in zip(found, gold)]
    return sum(hits) / len(hits)


# %%
# WRONG best: the length to the first power
# HINT You divide by the length itself, whatever `a` is.
def best(query, documents, k, a):
    N = len(documents)
    words = [text.split() for text in documents]
    scores = []
    for i, held in enumerate(words):
        total = 0
        for word in sorted(set(query.split())):
            if word in held:
                n = sum(word in other for other in words)
                total += math.log(N / n)
        scores.append((-round(total / len(held), 9), i))
    return [i for _, i in sorted(scores)[:k]]


def hit_rate(found, gold, k):
    hits = [right in places[:k] for places, right in zip(found, gold)]
    return sum(hits) / len(hits)


# %%
# WRONG best: the later of a tie
# HINT Of several documents with the same score the earlier one comes first.
def best(query, documents, k, a):
    N = len(documents)
    words = [text.split() for text in documents]
    scores = []
    for i, held in enumerate(words):
        total = 0
        for word in sorted(set(query.split())):
            if word in held:
                n = sum(word in other for other in words)
                total += math.log(N / n)
        scores.append((-round(total / len(held) ** a, 9), -i))
    return [-i for _, i in sorted(scores)[:k]]


def hit_rate(found, gold, k):
    hits = [right in places[:k] for places, right in zip(found, gold)]
    return sum(hits) / len(hits)


# %%
# WRONG best: substrings count
# HINT `corn` is not in `Acorn`: compare whole words, not pieces of text.
def best(query, documents, k, a):
    N = len(documents)
    words = [text.split() for text in documents]
    scores = []
    for i, held in enumerate(words):
        total = 0
        for word in sorted(set(query.split())):
            if word in documents[i]:
                n = sum(word in text for text in documents)
                total += math.log(N / n)
        scores.append((-round(total / len(held) ** a, 9), i))
    return [i for _, i in sorted(scores)[:k]]


def hit_rate(found, gold, k):
    hits = [right in places[:k] for places, right in zip(found, gold)]
    return sum(hits) / len(hits)


# %%
# WRONG best: only documents that share a word
# HINT Where few documents share a word with the query, you return fewer than k places.
def best(query, documents, k, a):
    held = [set(text.split()) for text in documents]
    scores = {}
    for i, (text, words) in enumerate(zip(documents, held, strict=True)):
        common = sorted(set(query.split()) & words)
        n = {word: sum(word in one for one in held) for word in common}
        total = sum(math.log(len(documents) / n[word]) for word in common)
        if common:
            scores[i] = round(total / len(text.split()) ** a, 9)
    return sorted(scores, key=lambda i: (-scores[i], i))[:k]


def hit_rate(found, gold, k):
    return sum(g in list(f)[:k] for f, g in zip(found, gold, strict=True)) / len(gold)


# %%
# WRONG best: only the best counts
# HINT Your hit rate looks at the first place only, whatever k is.
def best(query, documents, k, a):
    N = len(documents)
    words = [text.split() for text in documents]
    scores = []
    for i, held in enumerate(words):
        total = 0
        for word in sorted(set(query.split())):
            if word in held:
                n = sum(word in other for other in words)
                total += math.log(N / n)
        scores.append((-round(total / len(held) ** a, 9), i))
    return [i for _, i in sorted(scores)[:k]]


def hit_rate(found, gold, k):
    return sum(places[0] == right for places, right in zip(found, gold)) / len(gold)


# %%
# WRONG best: hits at place k
# HINT Your hit rate counts only the answer at place k. Among the *first* k is asked for.
def best(query, documents, k, a):
    N = len(documents)
    words = [text.split() for text in documents]
    scores = []
    for i, held in enumerate(words):
        total = 0
        for word in sorted(set(query.split())):
            if word in held:
                n = sum(word in other for other in words)
                total += math.log(N / n)
        scores.append((-round(total / len(held) ** a, 9), i))
    return [i for _, i in sorted(scores)[:k]]


def hit_rate(found, gold, k):
    return sum(places[k - 1] == right for places, right in zip(found, gold)) / len(gold)


# %%
# WRONG best: a number of hits
# HINT That is the number of hits. The rate is their share of all questions.
def best(query, documents, k, a):
    N = len(documents)
    words = [text.split() for text in documents]
    scores = []
    for i, held in enumerate(words):
        total = 0
        for word in sorted(set(query.split())):
            if word in held:
                n = sum(word in other for other in words)
                total += math.log(N / n)
        scores.append((-round(total / len(held) ** a, 9), i))
    return [i for _, i in sorted(scores)[:k]]


def hit_rate(found, gold, k):
    return sum(right in places[:k] for places, right in zip(found, gold))


# %%
# WRONG best: divided by k
# HINT You divide by k as well. That is a precision; the hit rate is a share of questions.
def best(query, documents, k, a):
    N = len(documents)
    words = [text.split() for text in documents]
    scores = []
    for i, held in enumerate(words):
        total = 0
        for word in sorted(set(query.split())):
            if word in held:
                n = sum(word in other for other in words)
                total += math.log(N / n)
        scores.append((-round(total / len(held) ** a, 9), i))
    return [i for _, i in sorted(scores)[:k]]


def hit_rate(found, gold, k):
    return (
        sum(right in places[:k] for places, right in zip(found, gold)) / len(gold) / k
    )


# %%
# RIGHT best: tables of words
def best(query, documents, k, a):
    terms = sorted(set(query.split()))
    held = torch.tensor(
        [[float(term in text.split()) for term in terms] for text in documents],
        dtype=torch.float64,
    )
    n = held.sum(0).clamp(min=1)
    idf = (len(documents) / n).log()
    length = torch.tensor([len(text.split()) for text in documents]).double()
    scores = ((held * idf).sum(1) / length**a).round(decimals=8)
    return scores.argsort(descending=True, stable=True)[:k]


def hit_rate(found, gold, k):
    found, gold = torch.tensor(found), torch.tensor(gold)
    return (found[:, :k] == gold[:, None]).any(1).float().mean()


# %%
# RIGHT best: a dictionary of counts
def best(query, documents, k, a):
    count = {}
    for text in documents:
        for word in set(text.split()):
            count[word] = count.get(word, 0) + 1

    def score(i):
        words = documents[i].split()
        both = sorted(set(words) & set(query.split()))
        total = sum(math.log(len(documents)) - math.log(count[w]) for w in both)
        return round(total / len(words) ** a, 8)

    return tuple(sorted(range(len(documents)), key=lambda i: (-score(i), i)))[:k]


def hit_rate(found, gold, k):
    hits = [right in places[:k] for places, right in zip(found, gold)]
    return sum(hits) / len(hits)


# %%
# WRONG learn: words counted
# HINT x[j] is 1 if the word stands in the question, however often. Yours counts it.
def table(questions):
    x = torch.zeros(len(questions), len(WORDS))
    for i, question in enumerate(questions):
        for word in question.split():
            if word in WORDS:
                x[i, WORDS.index(word)] += 1
    return x


def learn(questions, labels, steps, rate):
    x, y = table(questions), torch.tensor(labels)
    W = torch.zeros(len(WORDS), 3)
    for _ in range(steps):
        p = (x @ W).softmax(-1)
        p[torch.arange(len(y)), y] -= 1
        W = W - rate * x.T @ p / len(y)
    return W


def choose(W, questions):
    return (table(questions) @ W).argmax(1)


# %%
# WRONG learn: pieces of words
# HINT `born` is a word, and `is` also stands inside of `this`: compare whole words. In
# HINT your table a word counts where it is only a piece of another one.
def table(questions):
    return torch.tensor([[float(word in q) for word in WORDS] for q in questions])


def learn(questions, labels, steps, rate):
    x, y = table(questions), torch.tensor(labels)
    W = torch.zeros(len(WORDS), 3)
    for _ in range(steps):
        p = (x @ W).softmax(-1)
        p[torch.arange(len(y)), y] -= 1
        W = W - rate * x.T @ p / len(y)
    return W


def choose(W, questions):
    return (table(questions) @ W).argmax(1)


# %%
# WRONG learn: gradient of the sum
# HINT Your steps are larger by the number of questions: the loss is their mean.
def table(questions):
    x = torch.zeros(len(questions), len(WORDS))
    for i, question in enumerate(questions):
        for word in question.split():
            if word in WORDS:
                x[i, WORDS.index(word)] = 1
    return x


def learn(questions, labels, steps, rate):
    x, y = table(questions), torch.tensor(labels)
    W = torch.zeros(len(WORDS), 3)
    for _ in range(steps):
        p = (x @ W).softmax(-1)
        p[torch.arange(len(y)), y] -= 1
        W = W - rate * x.T @ p
    return W


def choose(W, questions):
    return (table(questions) @ W).argmax(1)


# %%
# WRONG learn: uphill
# HINT Your W goes uphill: the step is minus rate times gradient.
def table(questions):
    x = torch.zeros(len(questions), len(WORDS))
    for i, question in enumerate(questions):
        for word in question.split():
            if word in WORDS:
                x[i, WORDS.index(word)] = 1
    return x


def learn(questions, labels, steps, rate):
    x, y = table(questions), torch.tensor(labels)
    W = torch.zeros(len(WORDS), 3)
    for _ in range(steps):
        p = (x @ W).softmax(-1)
        p[torch.arange(len(y)), y] -= 1
        W = W + rate * x.T @ p / len(y)
    return W


def choose(W, questions):
    return (table(questions) @ W).argmax(1)


# %%
# WRONG learn: one step only
# HINT W is the same after one step and after five: is the loop there, and does each step
# HINT begin at the newest W?
def table(questions):
    x = torch.zeros(len(questions), len(WORDS))
    for i, question in enumerate(questions):
        for word in question.split():
            if word in WORDS:
                x[i, WORDS.index(word)] = 1
    return x


def learn(questions, labels, steps, rate):
    x, y = table(questions), torch.tensor(labels)
    W = torch.zeros(len(WORDS), 3)
    for _ in range(1):
        p = (x @ W).softmax(-1)
        p[torch.arange(len(y)), y] -= 1
        W = W - rate * x.T @ p / len(y)
    return W


def choose(W, questions):
    return (table(questions) @ W).argmax(1)


# %%
# WRONG learn: one step too many
# HINT You take one step more than asked.
def table(questions):
    x = torch.zeros(len(questions), len(WORDS))
    for i, question in enumerate(questions):
        for word in question.split():
            if word in WORDS:
                x[i, WORDS.index(word)] = 1
    return x


def learn(questions, labels, steps, rate):
    x, y = table(questions), torch.tensor(labels)
    W = torch.zeros(len(WORDS), 3)
    for _ in range(steps + 1):
        p = (x @ W).softmax(-1)
        p[torch.arange(len(y)), y] -= 1
        W = W - rate * x.T @ p / len(y)
    return W


def choose(W, questions):
    return (table(questions) @ W).argmax(1)


# %%
# WRONG learn: random start
# HINT W begins with zeros.
def table(questions):
    x = torch.zeros(len(questions), len(WORDS))
    for i, question in enumerate(questions):
        for word in question.split():
            if word in WORDS:
                x[i, WORDS.index(word)] = 1
    return x


def learn(questions, labels, steps, rate):
    x, y = table(questions), torch.tensor(labels)
    W = torch.randn(len(WORDS), 3, generator=torch.Generator().manual_seed(0))
    for _ in range(steps):
        p = (x @ W).softmax(-1)
        p[torch.arange(len(y)), y] -= 1
        W = W - rate * x.T @ p / len(y)
    return W


def choose(W, questions):
    return (table(questions) @ W).argmax(1)


# %%
# WRONG learn: squared error
# HINT Is your loss the cross-entropy? The steps look like those of a squared error.
def table(questions):
    x = torch.zeros(len(questions), len(WORDS))
    for i, question in enumerate(questions):
        for word in question.split():
            if word in WORDS:
                x[i, WORDS.index(word)] = 1
    return x


def learn(questions, labels, steps, rate):
    x, y = table(questions), torch.tensor(labels)
    W = torch.zeros(len(WORDS), 3, requires_grad=True)
    for _ in range(steps):
        error = ((x @ W).softmax(-1) - F.one_hot(y, 3)) ** 2
        (gradient,) = torch.autograd.grad(error.sum(1).mean(), W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def choose(W, questions):
    return (table(questions) @ W).argmax(1)


# %%
# WRONG learn: the worst choice
# HINT You take the choice with the smallest logit.
def table(questions):
    x = torch.zeros(len(questions), len(WORDS))
    for i, question in enumerate(questions):
        for word in question.split():
            if word in WORDS:
                x[i, WORDS.index(word)] = 1
    return x


def learn(questions, labels, steps, rate):
    x, y = table(questions), torch.tensor(labels)
    W = torch.zeros(len(WORDS), 3)
    for _ in range(steps):
        p = (x @ W).softmax(-1)
        p[torch.arange(len(y)), y] -= 1
        W = W - rate * x.T @ p / len(y)
    return W


def choose(W, questions):
    return (table(questions) @ W).argmin(1)


# %%
# WRONG learn: names of choices counted from 1
# HINT The choices are numbered 0, 1, 2.
def table(questions):
    x = torch.zeros(len(questions), len(WORDS))
    for i, question in enumerate(questions):
        for word in question.split():
            if word in WORDS:
                x[i, WORDS.index(word)] = 1
    return x


def learn(questions, labels, steps, rate):
    x, y = table(questions), torch.tensor(labels)
    W = torch.zeros(len(WORDS), 3)
    for _ in range(steps):
        p = (x @ W).softmax(-1)
        p[torch.arange(len(y)), y] -= 1
        W = W - rate * x.T @ p / len(y)
    return W


def choose(W, questions):
    return (table(questions) @ W).argmax(1) + 1


# %%
# WRONG learn: never no tool
# HINT Your choice looks at two of the three tools only.
def table(questions):
    x = torch.zeros(len(questions), len(WORDS))
    for i, question in enumerate(questions):
        for word in question.split():
            if word in WORDS:
                x[i, WORDS.index(word)] = 1
    return x


def learn(questions, labels, steps, rate):
    x, y = table(questions), torch.tensor(labels)
    W = torch.zeros(len(WORDS), 3)
    for _ in range(steps):
        p = (x @ W).softmax(-1)
        p[torch.arange(len(y)), y] -= 1
        W = W - rate * x.T @ p / len(y)
    return W


def choose(W, questions):
    return (table(questions) @ W)[:, :2].argmax(1)


# %%
# RIGHT learn: with SGD
def table(questions):
    return [[int(w in q.split()) for w in WORDS] for q in questions]


def learn(questions, labels, steps, rate):
    x = torch.tensor(table(questions)).float()
    W = torch.nn.Parameter(torch.zeros(len(WORDS), 3))
    optimizer = torch.optim.SGD([W], lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(x @ W, torch.tensor(labels)).backward()
        optimizer.step()
    return W.detach().tolist()


def choose(W, questions):
    logits = torch.tensor(table(questions)).float() @ torch.as_tensor(W)
    return [max(range(3), key=lambda j: row[j]) for row in logits.tolist()]


# %%
# RIGHT learn: by the formula
def table(questions):
    x = torch.zeros(len(questions), len(WORDS))
    for i, question in enumerate(questions):
        for word in question.split():
            if word in WORDS:
                x[i, WORDS.index(word)] = 1
    return x


def learn(questions, labels, steps, rate):
    x, y = table(questions), torch.tensor(labels)
    W = torch.zeros(len(WORDS), 3)
    for _ in range(steps):
        p = (x @ W).softmax(-1)
        p[torch.arange(len(y)), y] -= 1
        W = W - rate * x.T @ p / len(y)
    return W


def choose(W, questions):
    return (table(questions) @ W).argmax(1)
