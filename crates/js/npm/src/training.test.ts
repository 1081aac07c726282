import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { training } from "./node.js";

const bytes = (text: string) => new TextEncoder().encode(text);

test("a log is read, and what is wrong with the run is said with the numbers", async () => {
  const rows = Array.from({ length: 20 }, (_, epoch) => {
    const validation = epoch < 6 ? 1 - epoch / 10 : 0.4 + epoch / 20;
    return `${epoch},${(1 / (epoch + 1)).toFixed(4)},${validation.toFixed(4)}`;
  });
  const csv = bytes(["epoch,train_loss,val_loss", ...rows].join("\n"));
  const run = await training({ bytes: csv, name: "metrics.csv" }, "digits");
  assert.equal(run.job_id, "digits");
  assert.equal(run.epochs.length, 20);
  assert.deepEqual(
    run.findings.map(({ kind, epoch }) => [kind, epoch]),
    [["overfitting", 5]],
  );
  assert.match(run.findings[0]?.evidence ?? "", /the validation loss was 0\.5000 in epoch 5/);
});

test("files of the validation data are told by their folder", async () => {
  const line = (loss: number) => bytes(`${JSON.stringify({ epoch: 1, loss })}\n`);
  const run = await training([
    { bytes: line(0.5), name: "log/train/run.jsonl" },
    { bytes: line(0.7), name: "log/validation/run.jsonl", is_validation: true },
  ]);
  assert.equal(run.epochs[0]?.loss, 0.5);
});

test("a run that was taken up again is what its later event file says, whichever is named first", async () => {
  const folder = new URL("../../../core/tests/training/runs/pytorch/", import.meta.url);
  const names = ["restarted-1.tfevents", "restarted-2.tfevents"];
  const files = await Promise.all(names.map(async (name) => ({ bytes: await readFile(new URL(name, folder)), name })));
  const [one, other] = [await training(files), await training([...files].reverse())];
  assert.deepEqual(other, one);
  assert.equal(one.epochs.length, 20);
});

test("PyTorch's add_scalars is read: a folder a line, and an event file above them that says nothing", async () => {
  const folder = new URL("../../../core/tests/training/runs/pytorch/", import.meta.url);
  const whole = await readFile(new URL("by_epoch.tfevents", folder));
  // The first record of an event file names its version.
  const nothing = { bytes: whole.subarray(0, 16 + Number(whole.readBigUInt64LE())), name: "run/events.out.tfevents.1" };
  const line = (loss: number) => bytes(Array.from({ length: 3 }, (_, step) => JSON.stringify({ step, loss })).join("\n"));
  const run = await training([
    nothing,
    { bytes: line(0.5), name: "val/run/loss_train/events.jsonl" },
    { bytes: line(0.7), name: "val/run/loss_val/events.jsonl" },
  ]);
  assert.deepEqual(run.epochs.map(({ loss, validation_loss }) => [loss, validation_loss]), Array(3).fill([0.5, 0.7]));
  for (const files of [nothing, [nothing, nothing]]) await assert.rejects(training(files), { code: "NothingKnown" });
});

test("of a damaged event file all that was written before the damage is kept, and the byte is told", async () => {
  const file = new URL("../../../core/tests/training/runs/pytorch/by_epoch.tfevents", import.meta.url);
  const whole = await readFile(file);
  const damaged = Uint8Array.from(whole);
  const at = Math.floor(whole.length / 2);
  damaged[at] = (damaged[at] ?? 0) ^ 0xff;
  const name = "run/events.out.tfevents.1";
  const [sound, torn] = [await training({ bytes: whole, name }), await training({ bytes: damaged, name })];
  assert.deepEqual(sound.damaged, []);
  assert.match(torn.damaged.join(), /^run\/events\.out\.tfevents\.1: the event file is damaged at byte \d+: /);
  assert.ok(torn.epochs.length > 0 && torn.epochs.length < sound.epochs.length);
  // The last of them may lack what its later records say.
  assert.deepEqual(torn.epochs.slice(0, -1), sound.epochs.slice(0, torn.epochs.length - 1));
  // Damage in its first record leaves nothing.
  damaged[20] = (damaged[20] ?? 0) ^ 0xff;
  await assert.rejects(training({ bytes: damaged, name }), { code: "Damaged" });
});

test("what is no log is refused with its name", async () => {
  await assert.rejects(training({ bytes: bytes("a,b\n1,2\n"), name: "sales.csv" }), {
    name: "TidegateError",
    code: "NothingKnown",
    message: /^sales\.csv: no training log/,
  });
});
