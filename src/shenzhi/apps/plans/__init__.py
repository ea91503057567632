"""The annual quality plan, its tasks, and the decisions that coordinate them (articles 7 and 8)."""
