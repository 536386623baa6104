"""Homework: made from a master, answered in a notebook, marked outside its kernel.

assignment  what a homework is: its cells, its reference values, its known mistakes
author      reads a master and tries it: the gate     publish: writes what students get
trial       runs a master with many seeds and many variants of an answer, by forking
proof       a seal: the gate was open for this
bank        right and wrong answers, and how well the checks tell them apart
compare     is this printed value the reference?      hints: and if not, why?
submission  the answers in a file from anywhere       merge: answers, pristine checks
runner      nbval in a process of its own             sandbox: walls around that process
execution   runs a submission, watched from outside   marking: points and hints
badges      the verdict under a check cell, at once   check: what is my file worth?
collect     who handed in what (roster, owners)       intake: a safe copy of each file
grade       a record for each student                 watch: the run, seen from outside
report      CSV, JSON and pages from the records      release: the students' course
"""
