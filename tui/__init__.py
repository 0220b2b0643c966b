"""The terminal face: a box office that clerks like."""
