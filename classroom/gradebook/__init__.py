"""The grade book of a term: results of many runs, and a teacher's own decisions.

cells       a number, a date, a name in a table that a spreadsheet saved
tables      such tables, read and written; the teacher's are made once, never replaced
decisions   what the teacher's tables say      runs: what `course grade` left
people      who is who in all of them          codenames: names for marking without them
late        what a late hand-in costs          scores: a part, a homework, a total
words       answers in words, and their marks  book: all of it together
words_page  all answers to a question          serve: that page, on this computer only
similar     answers that are alike             history: what changed since the last time
pages       the book and likeness              feedback: what a student gets back
exports     tables for course sites            make: everything into one folder
"""
