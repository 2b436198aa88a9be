"""Your own loop stays yours: `latelier.watch` records it, and changes no bit of it.

python examples/own_loop.py
latelier serve runs
"""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import latelier


class VAE(nn.Module):
    """The one that everybody has somewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU())
        self.mu, self.log_var = nn.Linear(32, 2), nn.Linear(32, 2)
        self.decoder = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 64))

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return mean and log-variance of q(z|x), [B, 2] each."""
        h = self.body(x)
        return self.mu(h), self.log_var(h)


digits = load_digits()
x = torch.tensor(digits.images / 16, dtype=torch.float32)[:, None]
y = torch.tensor(digits.target)
loader = DataLoader(TensorDataset(x, y), batch_size=128, shuffle=True)
model = VAE()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
epochs = 3

with latelier.watch(model, (x, y), name="my loop", epochs=epochs) as run:  # line one
    for _ in range(epochs):
        for images, _labels in loader:
            mu, log_var = model.encode(images)
            z = mu + torch.randn_like(mu) * (log_var / 2).exp()
            recon = (model.decoder(z) - images.flatten(1)).square().sum(1).mean()
            kl = 0.5 * (mu.square() + log_var.exp() - 1 - log_var).sum(1).mean()
            loss = recon + 0.1 * kl
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            run.step(loss=loss, recon=recon, kl=kl)  # line two
        run.epoch()  # line three

print(run.run, run.run.metrics(), sep="\n")
