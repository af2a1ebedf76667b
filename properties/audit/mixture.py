"""Mixtures of Gaussians: closed under noise and under linear measurement, so all of it is exact."""

import math

import torch


class GaussianMixture:
    """sum_k w_k N(m_k, C_k): `weights` (K,), `means` (K, d), `covariances` (K, d, d) or (1, d, d).

    One covariance (1, d, d) is shared by all components, which then cost a matrix product.
    Computed in float64, answered in the dtype of the question; covariances must be positive
    definite. A law in the sense of `hardposterior.properties.audit.problem`.
    """

    def __init__(
        self, weights: torch.Tensor, means: torch.Tensor, covariances: torch.Tensor
    ) -> None:
        self.log_weights = weights.double().log() - weights.double().sum().log()
        self.means, self.covariances = means.double(), covariances.double()
        self.size, self.dim = means.shape
        self.shared = len(covariances) == 1
        self._variances, self._axes = torch.linalg.eigh(self.covariances)

    @property
    def weights(self) -> torch.Tensor:
        """The components' probabilities, shape (K,)."""
        shares: torch.Tensor = self.log_weights.exp()
        return shares

    def mean(self) -> torch.Tensor:
        """E X, shape (d,)."""
        mean: torch.Tensor = self.weights @ self.means
        return mean

    def covariance(self) -> torch.Tensor:
        """Cov X, shape (d, d)."""
        away = self.means - self.mean()
        within = self.covariances.expand(self.size, -1, -1)
        between = away.T @ (self.weights[:, None] * away)
        total: torch.Tensor = torch.einsum("k,kij->ij", self.weights, within) + between
        return total

    def sample(self, count: int, generator: torch.Generator) -> torch.Tensor:
        """Independent draws, shape (count, d)."""
        labels = torch.multinomial(self.weights, count, replacement=True, generator=generator)
        normal = torch.randn(count, self.dim, generator=generator, dtype=torch.float64)
        return self.means[labels] + self.stretched(normal, labels)

    def stretched(self, normal: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Standard normal rows (count, d) as noise of their components' covariances."""
        roots = self._axes * self._variances.sqrt()[:, None, :]
        noise: torch.Tensor = normal @ roots[0].T
        if self.shared:
            return noise
        for k in range(self.size):
            rows = labels == k
            noise[rows] = normal[rows] @ roots[k].T
        return noise

    def log_density(self, x: torch.Tensor) -> torch.Tensor:
        """log p(x), shape (...), for x (..., d)."""
        return self._joint(x.double(), 0.0).logsumexp(-1).to(x.dtype)

    def responsibilities(self, x: torch.Tensor, sigma: float = 0.0) -> torch.Tensor:
        """P(component | X + sigma Z = x), shape (..., K)."""
        return self._joint(x.double(), sigma).softmax(-1)

    def denoise(self, x: torch.Tensor, sigma: float) -> torch.Tensor:
        """E[X | X + sigma Z = x], shape of x (..., d)."""
        point = x.double()
        share = self.responsibilities(point, sigma)
        keep = self._variances / (self._variances + sigma**2)
        if self.shared:
            centre = share @ self.means
            axes = self._axes[0]
            clean: torch.Tensor = centre + ((point - centre) @ axes * keep[0]) @ axes.T
            return clean.to(x.dtype)
        total = torch.zeros_like(point)
        for k in range(self.size):
            moved = ((point - self.means[k]) @ self._axes[k] * keep[k]) @ self._axes[k].T
            total = total + share[..., k : k + 1] * (self.means[k] + moved)
        return total.to(x.dtype)

    def condition(self, A: torch.Tensor, beta: float, y: torch.Tensor) -> "GaussianMixture":
        """The law of x given y (m,) = A x + beta Z: again a mixture, of the same components."""
        A, y = A.double(), y.double()
        CA = self.covariances @ A.T
        S = A @ CA + beta**2 * torch.eye(len(A), dtype=torch.float64)
        gain = torch.linalg.solve(S, CA.mT).mT
        residual = y - self.means @ A.T
        means = self.means + (gain @ residual[..., None])[..., 0]
        # Joseph's form: symmetric, and positive definite in rounded numbers too.
        rest = torch.eye(self.dim, dtype=torch.float64) - gain @ A
        covariances = rest @ self.covariances @ rest.mT + beta**2 * gain @ gain.mT
        solved = torch.linalg.solve(S.expand(self.size, -1, -1), residual[..., None])[..., 0]
        logs = self.log_weights - (residual * solved).sum(-1) / 2 - torch.logdet(S) / 2
        return GaussianMixture(logs.softmax(0), means, (covariances + covariances.mT) / 2)

    def _joint(self, x: torch.Tensor, sigma: float) -> torch.Tensor:
        """log w_k N(x; m_k, C_k + sigma^2 I), shape (..., K)."""
        variances = self._variances + sigma**2
        constant = variances.log().sum(-1) + self.dim * math.log(2 * math.pi)
        if self.shared:
            whiten = self._axes[0] / variances[0].sqrt()
            # Relative to the centre of the means, so that the expanded square cancels less.
            centre = self.means.mean(0)
            z, c = (x - centre) @ whiten, (self.means - centre) @ whiten
            square = z.square().sum(-1, keepdim=True) - 2 * z @ c.T + c.square().sum(-1)
        else:
            square = torch.stack(
                [
                    ((x - self.means[k]) @ (self._axes[k] / variances[k].sqrt())).square().sum(-1)
                    for k in range(self.size)
                ],
                -1,
            )
        logs: torch.Tensor = self.log_weights - (square + constant) / 2
        return logs
