-- The cache gives one answer to equal GETs that are under way: what is measured here is the atom.
wrk.method = "POST"
