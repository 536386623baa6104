"""What `start.py` does before the course can run; standard library only.

programs     runs other programs with a sign of life, and keeps what they said
places       the environment, its stamp, and packages that a cut set-up left in half
installer    uv or pip, with the settings that pip has here
packages     which torch, then all the rest
model        the real language model, fetched while packages are installed
setting_up   all of it in order
bundle       everything in a folder, for computers without a network
report       this computer in plain text, for whoever helps
"""
