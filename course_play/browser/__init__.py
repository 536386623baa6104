"""The course's models in the browser: plain JavaScript, and what it reads."""
