"""The pages of accounts, grouped by whom they are for."""
