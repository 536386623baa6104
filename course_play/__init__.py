"""Pictures: plots, diagrams, and widgets you can touch."""
