"""Reference data: sources, tables of facts, and the catalogue of what is shipped."""
