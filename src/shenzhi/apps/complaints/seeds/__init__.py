"""What a new office starts with in these registers."""
