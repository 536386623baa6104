"""Homework: made from a master, answered in a notebook, marked outside its kernel.

assignment  what a homework is: its cells, its reference values, its known mistakes
author      master -> notebook and assignment, with the gate that a master must pass
trial       runs a master with many seeds and many variants of an answer, by forking
compare     is this printed value the reference?    hints: and if not, why?
submission  the answers in a file from anywhere     merge: answers among pristine checks
runner      nbval in a process of its own           sandbox: walls around that process
marking     records -> points and hints             check, grade, pages: who gets them
badges      the verdict under a check cell, at once release: what students get
"""
