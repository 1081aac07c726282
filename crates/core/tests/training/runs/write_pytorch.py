"""Writes the event files of pytorch/ as tensorboardX 2.6 writes them: `write_pytorch.py`, in this folder."""

import math
import pathlib
import random
import tempfile

from tensorboardX import SummaryWriter

EPOCHS, STEPS = 20, 50
random.seed(1)


def train(epoch):
    return 2 * math.exp(-epoch / 5) + 0.05


def validation(epoch):
    return 2.1 * math.exp(-epoch / 5) + 0.1 if epoch < 8 else 0.5 + 0.05 * epoch


def write(name, log):
    with tempfile.TemporaryDirectory() as folder:
        with SummaryWriter(folder) as writer:
            log(writer)
        (file,) = pathlib.Path(folder).glob("*tfevents*")
        file.rename(pathlib.Path(__file__).parent / "pytorch" / f"{name}.tfevents")


def by_epoch(writer, epochs=range(EPOCHS)):
    for epoch in epochs:
        writer.add_scalar("Loss/train", train(epoch), epoch)
        writer.add_scalar("Loss/val", validation(epoch), epoch)
    writer.add_text("note", "passed over", 0)


def steps(writer):
    for step in range(0, EPOCHS * STEPS, 10):
        writer.add_scalar("train/loss", train(step / STEPS) + random.gauss(0, 0.02), step)
        writer.add_scalar("train/epoch", step / STEPS, step)


def by_step(writer):
    """As Hugging Face's callback does."""
    steps(writer)
    for epoch in range(EPOCHS):
        writer.add_scalar("eval/loss", validation(epoch), (epoch + 1) * STEPS)


def mixed(writer):
    steps(writer)
    for epoch in range(EPOCHS):
        writer.add_scalar("val/loss", validation(epoch), epoch)


write("by_epoch", by_epoch)
write("by_step", by_step)
write("mixed", mixed)
write("restarted-1", lambda writer: by_epoch(writer, range(12)))
write("restarted-2", lambda writer: by_epoch(writer, range(10, EPOCHS)))
