"""What stands under a lesson's title: take it along, open it elsewhere, show it."""

import html
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import nbformat

from classroom.kernel import Cell

READ = (
    '<p class="course-read">On this page the programs have run already: read, and use '
    "the boxes. To run and change them, take the notebook to a computer with the "
    "course.</p>"
)


@dataclass(frozen=True)
class Elsewhere:
    """Where the course can be opened besides the reader's own computer.

    Attributes:
        repository: `owner/name` on GitHub, for Binder and a hub; "" for none.
        branch: of the repository.
        cloud: the branch with the notebooks for Colab and Kaggle (`classroom.cloud`);
            "" for none.
        hub: the address of a JupyterHub that has nbgitpuller; "" for none.
    """

    repository: str = ""
    branch: str = "main"
    hub: str = ""
    cloud: str = ""

    def __post_init__(self) -> None:
        """Check what can be checked without a network."""
        if self.repository and self.repository.count("/") != 1:
            raise ValueError(
                f"--repository {self.repository!r}: write it as owner/name"
            )
        if self.hub and not self.hub.startswith(("https://", "http://")):
            raise ValueError(f"--hub {self.hub!r}: begin with https:// or http://")
        if self.hub and not self.repository:
            raise ValueError("--hub needs --repository: the hub fetches the course")
        if self.cloud and not self.repository:
            raise ValueError("--cloud needs --repository: the notebooks fetch it")

    def links(self, path: str) -> dict[str, str]:
        """Names and addresses for one notebook, by its path in the repository.

        >>> list(Elsewhere("me/course").links("notebooks/02.ipynb"))
        ['Binder']
        """
        if not self.repository:
            return {}
        place, name = f"{self.repository}/{self.branch}", self.repository.split("/")[1]
        found: dict[str, str] = {}
        if self.cloud:
            stored = f"{self.repository}/blob/{self.cloud}/{quote(path)}"
            found["Colab"] = f"https://colab.research.google.com/github/{stored}"
            found["Kaggle"] = "https://www.kaggle.com/kernels/welcome?" + (
                urlencode({"src": f"https://github.com/{stored}"})
            )
        found["Binder"] = f"https://mybinder.org/v2/gh/{place}?" + (
            urlencode({"labpath": path})
        )
        if self.hub:
            asked = {
                "repo": f"https://github.com/{self.repository}",
                "branch": self.branch,
                "urlpath": f"lab/tree/{name}/{path}",
            }
            found["our hub"] = f"{self.hub.rstrip('/')}/hub/user-redirect/git-pull?" + (
                urlencode(asked)
            )
        return found


def buttons(path: str, elsewhere: Elsewhere, depth: int = 0, alone: str = "") -> Cell:
    """A cell with the links of one notebook.

    Args:
        path: of the notebook in the repository, and on the site.
        elsewhere: where else it can be opened.
        depth: how many folders below the front page its page stands.
        alone: the address of its page as one file; "" if it has none.
    """
    up = "../" * depth
    own = html.escape(f"{up}{path}", quote=True)
    parts = [
        f'<a download href="{own}">Download the notebook</a>',
        '<button type="button" class="course-present">Present (P)</button>',
    ]
    if alone:
        parts.insert(1, f'<a download href="{up}{alone}">This page as one file</a>')
    parts += [
        f'<a href="{html.escape(to, quote=True)}">Open in {name}</a>'
        for name, to in elsewhere.links(path).items()
    ]
    text = f'<p class="course-buttons">{" ".join(parts)}</p>\n\n{READ}'
    return nbformat.v4.new_markdown_cell(text, id="course-buttons")
