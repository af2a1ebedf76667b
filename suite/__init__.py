"""hardposterior: the claims of arXiv:2402.12727 as specifications, code and checks."""
