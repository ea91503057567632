"""The pages of every register, made from its declaration: lists, entries, forms, and the dossier of an organisation."""
