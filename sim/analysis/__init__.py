"""THE MEANING: what runs say about who stands where, why, and what would change; tables in, tables out."""
