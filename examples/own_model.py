"""Your own module, your own loss, five lines: a recorded run with a live page.

python examples/own_model.py
latelier serve runs
"""

import torch
from sklearn.datasets import load_digits
from torch import nn

import latelier

digits = load_digits()
images = (digits.images / 16).astype("float32")[:, None]  # [N, 1, 8, 8] in [0, 1]

# The five lines. Latelier finds `encoder` and `decoder` by their names.
net = nn.Module()
net.encoder = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 2))
net.decoder = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 64))
loss = lambda net, x: (net.decoder(net.encoder(x)) - x.flatten(1)).square().sum(1).mean()  # noqa: E731
run = latelier.fit(net, (images, digits.target), loss=loss, name="mine", schedule={"epochs": 3})

print(run, run.metrics(), sep="\n")
print("latents of the last epoch:", run.latents()["z"].shape)
print("weights in", run.record.path_of("checkpoint", epoch=3).parent, "| torch", torch.__version__)
