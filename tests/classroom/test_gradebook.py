"""The book of a term: numbers worked out by hand, and whose decision is whose."""

import csv
import io
import json
import stat
from datetime import datetime
from pathlib import Path

import pytest

from classroom import cli
from classroom.gradebook import decisions, make
from classroom.gradebook.book import Book
from classroom.gradebook.cells import moment, number
from classroom.gradebook.codenames import Key
from classroom.gradebook.people import People
from classroom.gradebook.runs import find_runs
from classroom.gradebook.tables import STYLES, add_row, read_table
from classroom.homework.roster import Line
from tests.classroom.toy_term import HandIn, decide, homework, marked

RUBRIC = "homework,question,points,for what\nhw77,why,1.5,the reason\nhw77,why,.5,x\n"


def book_of(term: Path) -> Book:
    return make.open_term(term, "en").book


def made(term: Path) -> Book:
    opened = make.open_term(term, "en")
    make.write_term(opened)
    return opened.book


def rows_of(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    text = path.read_text("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


def points(book: Book, homework: str = "hw77") -> dict[str, float]:
    return {s.id: round(book.scores[s.id, homework].points, 6) for s in book.students}


def test_points_by_hand_words_and_a_late_hand_in_add_up(tmp_path: Path) -> None:
    given = {
        "ada": HandIn(words="Because."),
        "bob": HandIn(wrong=("double",), words="No idea."),
        "cyd": HandIn(wrong=("longest",)),
    }
    marked(tmp_path, "hw77-marked", given)
    decide(
        tmp_path,
        "homeworks.csv",
        "homework,due,grace minutes,percent a day,most percent,weight\n"
        "*,,0,10,50,1\nhw77,2026-11-30 12:00,30,,,\n",
    )
    rubric = "homework,question,points,for what\nhw77,why,1.5,a\nhw77,why,0.5,b\n"
    decide(tmp_path, "rubric.csv", rubric)
    words = "homework,question,student,rubric,points,comment\n"
    decide(tmp_path, "words.csv", words + "77,why,ada,1,,good\nhw77,why,bob,,0.25,\n")
    decide(
        tmp_path,
        "points.csv",
        "homework,student,task,points,reason\nhw77,bob,double,2,only a typo\n",
    )
    times = "homework,student,handed in\nhw77,ada,2026-12-01 13:00\n"
    decide(tmp_path, "times.csv", times + "hw77,bob,2026-11-30 12:29\n")
    book = book_of(tmp_path)
    assert book.problems == []
    # ada: 3 + 3 + 4 + 1.5 = 11.5 of 12; 25 hours late: two days begun, 20 % off
    # bob: 2 + 3 + 4 + 0.25 = 9.25 of 12, within the 30 minutes of grace
    # cyd: 3 + 3 + 0 + 0 = 6 of 12, nothing in words
    assert points(book) == {"ada": 9.2, "bob": 9.25, "cyd": 6.0}
    percents = {who: round(t.percent or 0, 2) for who, t in book.totals.items()}
    assert percents == {"ada": 76.67, "bob": 77.08, "cyd": 50.0}
    ada, bob = (book.scores[who, "hw77"] for who in ("ada", "bob"))
    assert (ada.lateness.percent, ada.lateness.source) == (20.0, "times.csv")
    (part,) = [part for part in bob.parts if part.automatic is not None]
    assert (part.name, part.automatic, part.points) == ("double", 0.0, 2.0)


def test_the_worst_do_not_count_and_weights_do(tmp_path: Path) -> None:
    for name, wrong in (("hw77", ()), ("hw78", ("double",)), ("hw79", ("longest",))):
        given = {"ada": HandIn(wrong=wrong)}
        marked(tmp_path, f"{name}-marked", given, homework(name))
    decide(tmp_path, "settings.csv", "setting,value\ndrop worst,1\n")
    weights = "homework,weight\n*,1\nhw78,3\n"
    decide(tmp_path, "homeworks.csv", weights)
    book = book_of(tmp_path)
    # 100 %, 70 % (three times), 60 % (dropped): (100 + 3 * 70) / 4
    assert book.totals["ada"].percent == pytest.approx(77.5)
    assert [book.scores["ada", h].dropped for h in ("hw77", "hw78", "hw79")] == [
        *(False, False, True)
    ]
    decide(tmp_path, "homeworks.csv", "homework,weight\n*,points\n")
    decide(tmp_path, "scale.csv", "from percent;grade\n50;4,0\n80;2,0\n")
    decide(tmp_path, "settings.csv", "setting,value\n")
    total = book_of(tmp_path).totals["ada"]
    assert total.percent == pytest.approx(100 * (10 + 7 + 6) / 30)
    assert total.grade == "4,0"


def test_an_excuse_a_gap_and_a_whole_homework_by_hand(tmp_path: Path) -> None:
    roster = tmp_path / "class.csv"
    roster.write_text("student,name\nada,Ada\nbob,Bob\ncyd,Cyd\n", "utf-8")
    for name in ("hw77", "hw78"):
        given = {"ada": HandIn(), "bob": HandIn(wrong=("longest",))}
        marked(tmp_path, name, given, homework(name), roster)
    head = "homework,student,task,points,reason\n"
    lines = "hw78,bob,*,9,told me in the office\nhw77,cyd,,excused,ill\n"
    lines += "hw78,cyd,shares,2,on paper\n"
    decide(tmp_path, "points.csv", head + lines)
    book = made(tmp_path)
    percents = {who: total.percent for who, total in book.totals.items()}
    assert percents == {"ada": 100.0, "bob": pytest.approx(75.0), "cyd": 20.0}
    page = (tmp_path / "gradebook" / "book.html").read_text("utf-8")
    assert "2<small>missing, by hand</small>" in page
    assert book.scores["cyd", "hw77"].percent is None
    assert book.scores["cyd", "hw78"].percent == 20.0


def test_an_answer_that_waits_for_a_mark_does_not_count_yet(tmp_path: Path) -> None:
    marked(tmp_path, "hw77-marked", {"ada": HandIn(words="So."), "bob": HandIn()})
    decide(tmp_path, "rubric.csv", RUBRIC)
    book = book_of(tmp_path)
    ada, bob = (book.scores[who, "hw77"] for who in ("ada", "bob"))
    assert (ada.points, ada.worth, ada.waiting) == (10.0, 10.0, ["why"])
    assert (bob.points, bob.worth, bob.waiting) == (10.0, 12.0, [])
    assert book.totals["ada"].open


def test_late_and_second_runs_come_into_the_same_book(tmp_path: Path) -> None:
    marked(tmp_path, "hw77-marked", {"ada": HandIn(wrong=("double", "shares"))})
    again = {"ada": HandIn(), "bob": HandIn(saved=datetime(2026, 12, 3))}
    marked(tmp_path, "hw77-late", again)
    assert points(book_of(tmp_path)) == {"ada": 10.0, "bob": 10.0}
    # The second one was late: 40 % off leaves 6 of its 10 points, still more than 4.
    due = "homework,due,percent a day\n*,,0\n77,2026-11-29 12:00,40\n"
    decide(tmp_path, "homeworks.csv", due)
    late = "homework,student,handed in,run\nhw77,ada,2026-11-29 13:00,hw77-late\n"
    decide(tmp_path, "times.csv", late + "hw77,ada,2026-11-29 11:00,\n")
    book = book_of(tmp_path)
    assert points(book)["ada"] == pytest.approx(6.0)
    assert book.scores["ada", "hw77"].others == ("hw77-marked",)
    decide(tmp_path, "homeworks.csv", due.replace("40", "70"))
    book = book_of(tmp_path)
    assert points(book)["ada"] == 4.0  # the first is worth more than 3
    assert book.scores["ada", "hw77"].others == ("hw77-late",)
    decide(tmp_path, "settings.csv", "setting,value\nseveral hand-ins,last\n")
    assert points(book_of(tmp_path))["ada"] == pytest.approx(3.0)
    # bob's date is only that of his file: reported, nothing taken off
    assert points(book)["bob"] == 10.0
    assert "nothing taken off" in book.scores["bob", "hw77"].lateness.note
    decide(tmp_path, "settings.csv", "setting;value\ntrust file dates;ja\n")
    assert points(book_of(tmp_path))["bob"] == 0.0  # four days begun, 100 % at most


def test_one_student_may_have_more_time(tmp_path: Path) -> None:
    late = HandIn(saved=datetime(2026, 12, 2))
    marked(tmp_path, "hw77-marked", {"ada": late, "bob": late})
    rules = "homework,due,percent a day\n*,,\nhw77,2026-12-01 12:00,10\n"
    decide(tmp_path, "homeworks.csv", rules)
    decide(tmp_path, "settings.csv", "setting,value\ntrust file dates,oui\n")
    more = "homework,student,due,reason\nhw77,Ada,2026-12-03,ill\nhw77,bob,,?\n"
    decide(tmp_path, "extensions.csv", more)
    book = book_of(tmp_path)
    assert points(book) == {"ada": 10.0, "bob": 9.0}
    assert book.problems == ["extensions.csv, line 3: no date: until when?"]


def test_a_line_that_is_not_understood_is_named_and_costs_nobody(
    tmp_path: Path,
) -> None:
    marked(tmp_path, "hw77-marked", {"ada": HandIn()})
    head = "homework,student,task,points,reason\n"
    lines = (
        "hw77,adda,double,1,typo\nhw77,ada,dubble,1,typo\nhw99,ada,double,1,no\n"
        "hw77,ada,double,1,\nhw77,ada,double,2. Mai,date\nhw77,ada,double,,none\n"
    )
    decide(tmp_path, "points.csv", head + lines)
    decide(tmp_path, "homeworks.csv", "homework,due\nhw77,3/4/2026 12:00\n")
    criteria = "homework,question,points,for what\nhw77,wy,1,x\nhw99,later,1,x\n"
    decide(tmp_path, "rubric.csv", criteria)
    book = book_of(tmp_path)
    told = "\n".join(book.problems)
    for text in (
        "points.csv, line 2: there is no student 'adda'",
        "points.csv, line 3: there is no task 'dubble'; hw77 has double, longest",
        "points.csv, line 4: no results of hw99 are here",
        "points.csv, line 5: no reason: say why, the student reads it",
        "points.csv, line 6: '2. Mai' is no number: did a spreadsheet make a date",
        "points.csv, line 7: no points: write a number, or excused",
        "homeworks.csv, line 2: '3/4/2026 12:00' can be read in two ways",
        "rubric.csv: there is no question 'wy'; hw77 asks why",
    ):
        assert text in told
    assert "later" not in told  # a homework that is not here yet
    assert points(book) == {"ada": 10.0}


def test_the_tables_of_a_teacher_are_never_replaced(tmp_path: Path) -> None:
    marked(tmp_path, "hw77-marked", {"ada": HandIn(words="So.")})
    made(tmp_path)
    folder = tmp_path / "gradebook" / "decisions"
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes() + b"\n")
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert {path.name for path in before} == set(decisions.HEADS)
    made(tmp_path)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_what_changes_is_added_to_the_history(tmp_path: Path) -> None:
    marked(tmp_path, "hw77-marked", {"ada": HandIn(wrong=("double",))})
    made(tmp_path)
    table = tmp_path / "gradebook" / "history.csv"
    first = table.read_bytes()
    made(tmp_path)
    assert table.read_bytes() == first  # nothing has changed
    head = "homework,student,task,points,reason\n"
    decide(tmp_path, "points.csv", head + "hw77,ada,double,2,a typo of mine\n")
    made(tmp_path)
    assert table.read_bytes().startswith(first)
    told = [tuple(row.values())[1:] for row in rows_of(table)[4:]]
    assert told == [
        ("hw77", "ada", "double", "0", "2", "a typo of mine"),
        ("hw77", "ada", "total", "7 of 10", "9 of 10", ""),
    ]


def test_a_student_gets_back_every_decision_and_nobody_elses_name(
    tmp_path: Path,
) -> None:
    given = {"ada": HandIn(words="Because\nso."), "bob": HandIn(("double",))}
    marked(tmp_path, "hw77-marked", given)
    rubric = "homework,question,points,for what\nhw77,why,2,the <reason>\n"
    decide(tmp_path, "rubric.csv", rubric)
    words = "homework,question,student,rubric,points,comment\n"
    decide(tmp_path, "words.csv", words + "hw77,why,ada,1,,Well said.\n")
    head = "homework,student,task,points,reason\n"
    decide(tmp_path, "points.csv", head + "hw77,ada,double,2,see lesson 2\n")
    made(tmp_path)
    folders = sorted((tmp_path / "gradebook" / "feedback").iterdir())
    assert [folder.name[:4] for folder in folders] == ["ada-", "bob-"]
    page = (folders[0] / "hw77.html").read_text("utf-8")
    for text in ("11 of 12 points", "Well said.", "see lesson 2", "the &lt;reason&gt;"):
        assert text in page
    assert "bob" not in page
    assert "11 / 12" in (folders[0] / "index.html").read_text("utf-8")
    assert "Look again." in (folders[1] / "hw77.html").read_text("utf-8")
    assert stat.S_IMODE((tmp_path / "gradebook").stat().st_mode) == 0o700
    key = tmp_path / make.KEY
    assert [stat.S_IMODE(p.stat().st_mode) for p in (key.parent, key)] == [
        *(0o700, 0o600)
    ]


def test_a_page_cannot_be_found_by_who_knows_the_name(tmp_path: Path) -> None:
    names = [Key(tmp_path / f"{i}.csv").page_name("ada") for i in (1, 2)]
    assert names[0] != names[1]
    first = Key(tmp_path / "key.csv")
    first.give(["ada", "bob"], STYLES["en"])
    again = Key(tmp_path / "key.csv")
    again.give(["bob", "ada", "cyd"], STYLES["en"])
    assert again.page_name("ada") == first.page_name("ada")
    assert again.of("ada") == first.of("ada")
    assert len(set(again.codes)) == 3


def test_marks_under_code_names_reach_the_students(tmp_path: Path) -> None:
    marked(tmp_path, "hw77-marked", {"ada": HandIn(words="So."), "bob": HandIn()})
    decide(tmp_path, "rubric.csv", RUBRIC)
    decide(tmp_path, "settings.csv", "setting,value\nanonymous,yes\n")
    made(tmp_path)
    (table,) = (tmp_path / "gradebook" / "to_mark").iterdir()
    assert "ada" not in table.read_text("utf-8")
    (row,) = rows_of(table)
    assert row["what was written"] == "So."
    filled = table.read_text("utf-8").replace(
        f"{row['student']},,,", f"{row['student']},,1.25,"
    )
    decide(tmp_path, "words-marked.csv", filled.removeprefix("\ufeff"))
    book = made(tmp_path)
    assert book.problems == []
    assert points(book) == {"ada": 11.25, "bob": 10.0}
    assert not list((tmp_path / "gradebook" / "to_mark").iterdir())


def test_a_mark_does_not_count_for_another_text(tmp_path: Path) -> None:
    marked(tmp_path, "hw77-marked", {"ada": HandIn(words="So.")})
    decide(tmp_path, "rubric.csv", RUBRIC)
    words = "homework,question,student,rubric,points,comment,of text\n"
    decide(tmp_path, "words.csv", words + "hw77,why,ada,,2,,t00000000\n")
    score = book_of(tmp_path).scores["ada", "hw77"]
    assert (score.points, score.waiting) == (10.0, ["why"])


GERMAN = (
    "homework;student;task;points;reason\r\nhw77;007;shares;2,5;knapp daneben\r\n"
).encode("cp1252")
ENGLISH = b"homework,student,task,points,reason\nHW77,7,shares,2.5,nearly\n"
TABBED = "homework\tstudent\ttask\tpoints\treason\n77\t 007\tshares\t2,5\tpresque\n"


@pytest.mark.parametrize(
    "saved", [GERMAN, ENGLISH, TABBED.encode("utf-16"), b"\xef\xbb\xbf" + GERMAN]
)
def test_tables_are_read_as_spreadsheets_save_them(
    saved: bytes, tmp_path: Path
) -> None:
    marked(tmp_path, "hw77-marked", {"007": HandIn(wrong=("shares",))})
    decide(tmp_path, "points.csv", "").write_bytes(saved)
    book = book_of(tmp_path)
    assert book.problems == []
    assert points(book) == {"007": 9.5}


def test_our_tables_look_as_the_teachers_spreadsheet_saved_hers(
    tmp_path: Path,
) -> None:
    marked(tmp_path, "hw77-marked", {"=cmd|x": HandIn(wrong=("double",))})
    head = "homework;student;task;points;reason\n"
    decide(tmp_path, "points.csv", head + "hw77;'=cmd|x;double;1,5;@home\n")
    decide(tmp_path, "settings.csv", "setting;value\n")
    book = made(tmp_path)
    assert book.problems == []
    table = (tmp_path / "gradebook" / "gradebook.csv").read_bytes()
    assert table.startswith("\ufeffstudent;name;".encode())
    assert ";8,5;10;" in table.decode()
    (row,) = rows_of(tmp_path / "gradebook" / "gradebook.csv", ";")
    assert row["student"] == "'=cmd|x"
    history = (tmp_path / "gradebook" / "history.csv").read_text("utf-8")
    assert "'@home" in history


def test_a_new_line_in_a_table_leaves_all_others_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    path.write_text("student;mine;points\r\nada;=note;1,5\r\nbob;;2\r\n", "utf-8")
    cells = {"student": "bob", "points": 2.5, "comment": "a;b\nc"}
    before = add_row(path, cells, ("student",), STYLES["en"])
    assert before is not None
    assert before["points"] == "2"
    table = read_table(path, ("student",))
    assert table.head == ["student", "mine", "points", "comment"]
    assert [dict(row.cells) for row in table.rows] == [
        {"student": "ada", "mine": "=note", "points": "1,5", "comment": ""},
        {"student": "bob", "mine": "", "points": "2,5", "comment": "a;b\nc"},
    ]
    assert add_row(path, {"student": "cyd"}, ("student",), STYLES["en"]) is None
    assert len(read_table(path, ("student",)).rows) == 3


@pytest.mark.parametrize(
    ("text", "value"),
    [("2,5", 2.5), ("2.50", 2.5), (" 7 ", 7.0), ("-1", -1.0), ("", None)],
)
def test_numbers_of_any_country(text: str, value: float | None) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["1.234,5", "zwei", "1e5", "nan", "2½", "--1"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no number"):
        number(text)


NOON = datetime(2026, 11, 30, 12)


@pytest.mark.parametrize(
    ("text", "day_first", "when"),
    [
        ("2026-11-30 12:00", None, NOON),
        ("2026-11-30T12:00:00+01:00", None, NOON),
        ("30.11.2026 12:00", None, NOON),
        ("30.11.26, 12:00:00", None, NOON),
        ("30/11/2026 12:00", None, NOON),
        ("11/30/2026 12:00 PM", None, NOON),
        ("11/12/2026 12h00", True, datetime(2026, 12, 11, 12)),
        ("11/12/2026 12:00 am", False, datetime(2026, 11, 12)),
        ("2026-11-30", None, datetime(2026, 11, 30, 23, 59, 59)),
        ("12/12/2026", None, datetime(2026, 12, 12, 23, 59, 59)),
        ("", None, None),
    ],
)
def test_dates_of_any_country(
    text: str, day_first: bool | None, when: datetime | None
) -> None:
    assert moment(text, day_first) == when


@pytest.mark.parametrize("text", ["31.11.2026", "tomorrow", "2026-11-30 25:00"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write it like 2026-11-30 23:59"):
        moment(text)


def test_somebody_who_could_be_two_is_a_doubt() -> None:
    roster = [Line("li1", "Bo Li", ("li1",)), Line("li2", "Bo Li", ("li2",))]
    people = People(roster, {"red fox": "li2"})
    assert people.enter(("Bo Li",)) == "Bo Li"
    assert people.doubts == ["Bo Li could be li1, li2: say in names.csv who it is"]
    assert people.find("RED FOX") == "li2"
    assert people.find("bo li") == "Bo Li"  # as the files say
    assert people.enter(("LI1", "x")) == "li1"
    told = People(roster, {}, {"bo li": "LI2"})
    assert told.enter(("Bo Li",)) == "li2"
    assert told.doubts == []


def test_namesakes_stay_two_without_a_roster() -> None:
    people = People([], {})
    for digits in ("12", "15"):
        aliases = (f"Bo Li ({digits})", "Bo Li", digits)
        who = people.enter(aliases)
        people.with_aliases(who, aliases)
    assert [s.id for s in people.students] == ["Bo Li (12)", "Bo Li (15)"]
    assert people.enter(("bo li (15)", "Bo Li")) == "Bo Li (15)"
    assert people.find("Bo Li") is None
    assert people.find("15") == "Bo Li (15)"


def test_a_copy_in_a_folder_below_is_not_part_of_the_term(tmp_path: Path) -> None:
    marked(tmp_path, "hw77-marked", {"ada": HandIn(wrong=("double",))})
    marked(tmp_path / "old", "hw77-marked", {"ada": HandIn()})
    assert points(book_of(tmp_path)) == {"ada": 7.0}


@pytest.mark.parametrize("make_it", [False, True])
def test_a_folder_without_results_is_refused(tmp_path: Path, make_it: bool) -> None:
    folder = tmp_path / "term"
    if make_it:
        folder.mkdir()
    why = "holds no results of course grade" if make_it else "is not a folder"
    with pytest.raises(ValueError, match=why):
        find_runs(folder)


def test_a_table_without_a_column_is_refused_by_name(tmp_path: Path) -> None:
    marked(tmp_path, "hw77-marked", {"ada": HandIn()})
    decide(tmp_path, "points.csv", "homework,student\n")
    with pytest.raises(ValueError, match="no column task, points, reason"):
        book_of(tmp_path)


def course(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        cli.main([str(word) for word in words])
    output = capsys.readouterr()
    return int(stopped.value.code or 0), output.out, output.err


def test_the_command_makes_tables_book_and_exports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    marked(tmp_path, "hw77-marked", {"ada": HandIn(words="So."), "bob": HandIn()})
    words = ("gradebook", tmp_path, "--excel", "de")
    code, out, _ = course(capsys, *words)
    assert code == 0
    assert "yours to fill in: homeworks.csv, points.csv" in out
    assert "2 students, hw77" in out
    assert "100.0 % on average" in out
    folder = tmp_path / "gradebook"
    table = (folder / "decisions" / "points.csv").read_text("utf-8-sig")
    assert table == "homework;student;task;points;reason\n"
    files = {path.name for path in (folder / "exports").iterdir()}
    assert files == {"moodle.csv", "canvas.csv", "gradescope.csv"}
    head = "homework;student;task;points;reason\n"
    decide(tmp_path, "points.csv", head + "hw77;eve;double;1;typo\n")
    code, out, err = course(capsys, *words)
    assert code == 1
    assert "to look at: points.csv, line 2: there is no student 'eve'" in err
    assert "new tables" not in out
    page = (folder / "book.html").read_text("utf-8")
    assert "there is no student &#x27;eve&#x27;" in page
    assert "<script" not in page


def test_the_class_page_says_what_most_got_wrong(tmp_path: Path) -> None:
    given = {f"s{i}": HandIn(wrong=("double",)) for i in range(3)}
    given |= {"t": HandIn(wrong=("shares",)), "u": HandIn()}
    run = marked(tmp_path, "hw77-marked", given)
    page = (run.folder / "class.html").read_text("utf-8")
    # 3 times 7, 7 and 10 points: 38 / 5
    assert "Mean 7.6, median 7 of 10 points." in page
    frequent = page.index("Most frequent mistakes")
    row = '<tr><td class="points">{}</td><td>{}</td><td>Look again.</td></tr>'
    first, second = (page.index(row.format(*x)) for x in ((3, "double"), (1, "shares")))
    assert frequent < first < second
    rows = json.loads((run.folder / "grades.json").read_text("utf-8"))["students"]
    assert rows[0]["hints"] == [
        ["double", "Look again."],
        ["shares", ""],
        ["longest", ""],
    ]


def test_a_roster_may_come_late_and_puts_names_together(tmp_path: Path) -> None:
    marked(tmp_path, "hw77-marked", {"alove": HandIn(), "bob": HandIn()})
    given = {"Ada Lovelace": HandIn(("double",)), "x9": HandIn()}
    marked(tmp_path, "hw78-marked", given, homework("hw78"))
    assert len(book_of(tmp_path).students) == 4
    roster = "Login;Name;ID number\nalove;Ada Lovelace;1\nbob;Bob B.;2\ncyd;Cyd;3\n"
    decide(tmp_path, "roster.csv", roster)
    book = book_of(tmp_path)
    assert [s.id for s in book.students] == ["alove", "bob", "cyd", "x9"]
    assert points(book) == {"alove": 10.0, "bob": 10.0, "cyd": 0.0, "x9": 0.0}
    assert points(book, "hw78") == {"alove": 7.0, "bob": 0.0, "cyd": 0.0, "x9": 10.0}
    assert [s.enrolled for s in book.students] == [True, True, True, False]


def test_a_run_that_is_not_finished_is_named(tmp_path: Path) -> None:
    run = marked(tmp_path, "hw77-marked", {"ada": HandIn()})
    (run.folder / "grades.json").unlink()
    with pytest.raises(ValueError, match="hw77-marked is not finished: give its"):
        book_of(tmp_path)
    (run.folder / "grades.json").write_text("{}", "utf-8")
    with pytest.raises(ValueError, match="is damaged"):
        book_of(tmp_path)
    marked(tmp_path, "hw78-marked", {"ada": HandIn()}, homework("hw78"))
    book = book_of(tmp_path)  # the others are in the book all the same
    assert [hw.name for hw in book.homeworks] == ["hw78"]
    assert "hw77-marked/grades.json is damaged" in book.problems[0]
