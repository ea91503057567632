"""Taking part: the events of the Quality Month and what associations do for quality (articles 6, 10 and 89)."""
