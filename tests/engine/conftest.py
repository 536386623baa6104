"""What several tests of foreign files compare with."""

import warnings
from typing import Any

import pytest


@pytest.fixture(scope="module")
def transformers() -> Any:
    """The library, imported quietly and kept off the network."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library = pytest.importorskip("transformers")
        for name in ("GPT2LMHeadModel", "LlamaForCausalLM"):
            getattr(library, name)  # imported when first asked for
    library.utils.logging.set_verbosity_error()
    library.utils.logging.disable_progress_bar()
    return library
