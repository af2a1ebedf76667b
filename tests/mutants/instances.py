"""Faults in the hard and the naive instance, measurement and posterior."""

from mutants.catalogue import mutant

HARD_SCORE = "hard-instance/implemented-score-matches-the-sum-over-vertices"
HARD_DENSITY = "hard-instance/implemented-log-density-matches-the-sum-over-vertices"
HARD_POSTERIOR = "hard-instance/implemented-posterior-matches-enumeration"
HARD_DRAWS = "hard-instance/draws-of-the-implementation-follow-the-definition"
HARD_DENOISER = "hard-instance/implemented-denoiser-matches-the-sum-over-vertices"
HARD_MEAN = "hard-instance/implemented-vertex-mean-matches-the-sum-over-vertices"
GIVEN_Y = "hard-instance/implemented-probabilities-given-y-match-enumeration"
DENSITY_GIVEN_Y = "hard-instance/implemented-density-given-y-matches-enumeration"
SEES = "linear-measurement/implemented-measurement-of-an-instance-sees-the-image"
AGREES = "hard-instance/posterior-agrees-with-rejection"
NAIVE = "naive-instance/implemented-score-matches-the-sum-over-vertices"

MUTANTS = [
    mutant(
        "hard_instance",
        "hidden = hidden + normal(hidden.shape, generator, hidden)",
        "hidden = hidden + 0.5 * normal(hidden.shape, generator, hidden)",
        "hidden coordinates of half the noise",
        HARD_DRAWS,
    ),
    mutant(
        "hard_instance",
        "return vertex_mean(self._vertices, self._fields(hidden, image, level)[0])\n\n",
        "return vertex_mean(self._vertices, -self._fields(hidden, image, level)[0])\n\n",
        "the posterior mean of the opposite vertex",
        HARD_MEAN,
    ),
    mutant(
        "hard_instance",
        "return self._score_at(parts, vertex_mean(self._vertices, self._fields(*parts)[0]))",
        "return self._score_at(parts, vertex_mean(self._vertices, self._fields(*parts)[0]).sign())",
        "the likeliest vertex in place of the mean vertex",
        HARD_SCORE,
    ),
    mutant(
        "hard_instance",
        "hidden_part = (hidden + level**2 * word) / (1 + level**2)",
        "hidden_part = (hidden + level * word) / (1 + level**2)",
        "the denoiser weighs the prior mean with sigma",
        HARD_DENOISER,
    ),
    mutant(
        "hard_instance",
        "+ self.d * math.log(self.separation)",
        "- self.d * math.log(self.separation)",
        "the Jacobian of scaling upside down",
        HARD_DENSITY,
    ),
    mutant(
        "hard_instance",
        "bits = (x[..., : self.n] > 0).to(torch.int64)",
        "bits = (x[..., : self.n] > 0.5).to(torch.int64)",
        "the vertex is decoded with a threshold away from 0",
        "vertex-score",
    ),
    mutant(
        "hard_instance",
        "torch.cat([R * torch.tanh(R * hidden / t) - hidden, -image], -1) * (R / t)",
        "torch.cat([R * torch.tanh(hidden / t) - hidden, -image], -1) * (R / t)",
        "tanh at the scaled place",
        "mixture-score.sharp",
    ),
    mutant(
        "hard_instance",
        "variance[: self.n] = 1 + self.separation**2",
        "variance[: self.n] = self.separation**2",
        "the hidden coordinates' own variance forgotten",
        "well-modeled.covariance",
    ),
    mutant(
        "hard_instance",
        "return last_coordinates(self.n, self.m, beta, dtype",
        "return last_coordinates(self.n, self.m, 1.01 * beta, dtype",
        "a measurement with a little more noise than asked",
        SEES,
    ),
    mutant(
        "hard_instance",
        "return Posterior(vertices, self.phases, self.separation, y, beta)",
        "return Posterior(vertices, self.phases, self.separation, y, 1.01 * beta)",
        "the posterior of a little more noise",
        HARD_POSTERIOR,
    ),
    mutant(
        "posterior",
        "        return self._vertices.words\n",
        "        return self._vertices.words.flip(0)\n",
        "words in the wrong order",
        GIVEN_Y,
    ),
    mutant(
        "posterior",
        "return self._probabilities.clone()",
        "return self._probabilities.sqrt()",
        "roots of the words' probabilities",
        HARD_POSTERIOR,
    ),
    mutant(
        "posterior",
        "return self._vertices.frequencies(self._probabilities)[: self.n]",
        "return self._vertices.frequencies(self._probabilities.square())[: self.n]",
        "bit probabilities from squared weights",
        GIVEN_Y,
    ),
    mutant(
        "posterior",
        "return self._vertices.frequencies(self._probabilities)[self.n :]",
        "return 1 - self._vertices.frequencies(self._probabilities)[self.n :]",
        "image bits complemented",
        HARD_POSTERIOR,
    ),
    mutant(
        "posterior",
        "return found.reshape(bits.shape[:-1])",
        "return 1 - found.reshape(bits.shape[:-1])",
        "the probability of another image",
        GIVEN_Y,
    ),
    mutant(
        "posterior",
        "self.m * math.log(self.separation) - math.log(len(self._vertices))",
        "self.m * math.log(self.separation)",
        "the words' prior left out of the evidence",
        GIVEN_Y,
    ),
    mutant(
        "posterior",
        "width = level / math.sqrt(t)",
        "width = level",
        "posterior draws as wide as the noise",
        AGREES,
    ),
    mutant(
        "posterior",
        "lattice = (self._log_masses(point, bits) - self._heaviest).sum(-1)",
        "lattice = self._log_masses(point, bits).sum(-1)",
        "the density is not divided by the evidence",
        DENSITY_GIVEN_Y,
    ),
    mutant(
        "posterior",
        "hidden = word + normal(word.shape, generator, word)",
        "hidden = word + 0 * normal(word.shape, generator, word)",
        "posterior draws at the vertex itself, without the prior's noise",
        AGREES,
    ),
    mutant(
        "naive_instance",
        "vertex = torch.cat([bits, image_bits(self.function, bits)], -1)",
        "vertex = torch.cat([bits, 1 - image_bits(self.function, bits)], -1)",
        "draws with the complemented image",
        "naive-instance",
    ),
    mutant(
        "naive_instance",
        "        return vertex_mean(self._vertices, x / level**2)\n",
        "        return vertex_mean(self._vertices, x / level)\n",
        "the denoiser's field with sigma for its square",
        "naive-instance",
    ),
    mutant(
        "naive_instance",
        "(vertex_mean(self._vertices, x / level**2) - x) / level**2",
        "(vertex_mean(self._vertices, x / level**2) - x) / level",
        "Tweedie's formula with sigma for its square",
        NAIVE,
    ),
    mutant(
        "naive_instance",
        "(x.square() + 1) / (2 * level**2)",
        "x.square() / (2 * level**2)",
        "the vertices' own length left out of the density",
        "naive-instance",
    ),
    mutant(
        "measurement",
        "return mean + self.beta * normal(mean.shape, generator, mean)",
        "return mean + self.beta**2 * normal(mean.shape, generator, mean)",
        "noise of variance beta^4",
        "linear-measurement",
    ),
    mutant(
        "measurement",
        "constant = self.m * (math.log(2 * math.pi) / 2 + math.log(self.beta))",
        "constant = math.log(2 * math.pi) / 2 + math.log(self.beta)",
        "normalised as if there were one measurement",
        "linear-measurement",
    ),
    mutant(
        "measurement",
        "A[:, n:] = torch.eye(m, dtype=dtype, device=device)",
        "A[:, n:] = torch.eye(m, dtype=dtype, device=device).flip(0)",
        "the coordinates measured in the opposite order",
        SEES,
    ),
    mutant(
        "measurement",
        "torch.linalg.matrix_norm(A.double(), 2)",
        "torch.linalg.matrix_norm(A.double(), float('inf'))",
        "another norm of A than the spectral one",
    ),
]
