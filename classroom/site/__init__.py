"""`course site`: the course as static pages that are alive without a kernel.

| module | does |
|---|---|
| `make` | the whole way: gather the texts, run Sphinx, put the folder in its place |
| `carry` | the site as one zip, a lesson as one file that is alive |
| `playground`, `buttons` | every picture to touch; what stands under a title |
| `pages` | one notebook as a page's source: pictures as files, widgets as live places |
| `asked` | who answers what is typed, what a picture that stands still says |
| `scripts` | widgets, their states and modules as scripts that work from a folder |
| `search` | what the search ranks first and says of each page |
| `look` | what Sphinx is told: the theme, formulas drawn at build time |
| `teachers` | the teacher's guide as pages, and as a booklet to print |
| `text/` | the pages that are no lesson, as Markdown |
| `static/` | `live.js`, which brings the widgets to life, and `site.css` |
"""
