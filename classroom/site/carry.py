"""The site to carry along: as one zip, or a lesson as one file that is still alive."""

import base64
import mimetypes
import zipfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag

from classroom.site import asked
from classroom.site.scripts import with_imports
from course_lib.engine.writing import put_in_place, write_atomically

NO_DATE = (1980, 1, 1, 0, 0, 0)
"""The date of every file in the zip, so that the same site gives the same bytes."""
SINGLE = "single"
"""The folder of the lessons as single files."""
EARLY = """window.course = { early: [], take(...given) { this.early.push(given); } };
"""


def write_zip(site: Path, target: Path) -> None:
    """Pack a site, the same bytes each time; `index.html` lies at the top.

    Raises:
        OSError: the zip cannot be written; nothing half-written is left.
    """
    part = target.with_name(f"{target.name}.part")
    own = (target, part)  # it may lie in the site's own folder
    files = sorted(p for p in site.rglob("*") if p.is_file() and p not in own)
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in files:
                entry = zipfile.ZipInfo(path.relative_to(site).as_posix(), NO_DATE)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                packed.writestr(entry, path.read_bytes())
        put_in_place(part, target)
    finally:
        part.unlink(missing_ok=True)


def write_singles(site: Path, names: list[str]) -> None:
    """Each page as one file in the folder `single`, with all that it loads inside."""
    for name in names:
        page = one_file(site, name)
        write_atomically(site / SINGLE / f"{name}.html", page.encode())


def one_file(site: Path, name: str) -> str:
    """A page with its styles, scripts, pictures and widgets inside.

    Links to other pages lead nowhere in a lone file, so they become text. The models
    that answer typed text stay with the site.
    """
    soup = BeautifulSoup((site / f"{name}.html").read_text("utf-8"), "html.parser")
    for link in soup.find_all("link", rel="stylesheet"):
        style = soup.new_tag("style")
        style.string = _text(site, link["href"])
        link.replace_with(style)
    for link in soup.find_all("link"):
        link.decompose()
    for picture in soup.find_all("img", src=True):
        picture["src"] = _as_data(site, str(picture["src"]))
    early = _widgets_inside(soup, site)
    for script in soup.find_all("script", src=True):  # at the end, when all is there
        text = _text(site, script["src"])
        before = early if "live.js" in str(script["src"]) else ""
        script.decompose()
        inside = soup.new_tag("script")
        inside.string = (before + text).replace("</script", r"<\/script")
        _body(soup).append(inside)
    for link in soup.find_all("a", href=True):
        parts = urlsplit(str(link["href"]))
        if not parts.scheme and parts.path:
            del link["href"]
    return str(soup)


def _widgets_inside(soup: BeautifulSoup, site: Path) -> str:
    """A script that hands over, before `live.js`, what it would load for the page."""
    places = soup.select(".course-widget")
    for place in places:
        if place["data-models"]:
            before = place.find_previous_sibling("p", class_="course-still")
            if before:
                before.decompose()
            place.insert_before(BeautifulSoup(asked.note(asked.ALONE), "html.parser"))
        place["data-models"] = ""
    states = [f"state/{place['data-state']}" for place in places]
    kinds = sorted({str(place["data-widget"]) for place in places})
    modules = [f"module/{name}" for name in with_imports(kinds)]
    texts = [_text(site, f"_static/course/{x}.js") for x in (*modules, *states)]
    return "".join([EARLY, *texts])


def _body(soup: BeautifulSoup) -> Tag:
    body = soup.body
    assert body is not None, "Sphinx writes whole pages"
    return body


def _file(site: Path, address: object) -> Path:
    return site / unquote(urlsplit(str(address)).path)


def _text(site: Path, address: object) -> str:
    return _file(site, address).read_text("utf-8")


def _as_data(site: Path, address: str) -> str:
    if address.startswith("data:"):
        return address
    kind = mimetypes.guess_type(address)[0] or "application/octet-stream"
    content = base64.b64encode(_file(site, address).read_bytes()).decode("ascii")
    return f"data:{kind};base64,{content}"
