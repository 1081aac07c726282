import { useState } from "preact/hooks";

import { ExampleOffer } from "../analysis/example-offer";
import { FileField } from "../analysis/file-field";
import { numbered, useAnswer } from "../analysis/use-answer";
import { ErrorMessage } from "../ui/message";
import { TrainingRun } from "./training-run";

/** The log of a training run in, its loss curves and what is wrong with it out. */
export function TrainingView() {
  const [files, setFiles] = useState<readonly File[]>([]);
  const question =
    files.length === 0
      ? null
      : {
          about: "training" as const,
          files: Object.fromEntries(files.map((file, i) => [String(i), numbered(file)])),
        };
  const run = useAnswer<"training">(question);
  return (
    <div class="analysis">
      <div class="introduction">
        <h1>What went wrong in training?</h1>
        <p>
          Give a run's log: TensorBoard event files, Hugging Face's trainer_state.json, a CSV of losses such
          as Lightning's, or JSON lines. Several files make one run.
        </p>
      </div>
      <section class="slots slots-two" aria-label="Files">
        <FileField
          title="A training log"
          hint="one file or more"
          files={files}
          onFiles={setFiles}
          accept=""
          isMultiple
        />
      </section>
      {files.length === 0 && (
        <ExampleOffer
          names={["training-metrics.csv"]}
          text="The made-up log of a run of 30 epochs."
          onFiles={setFiles}
        />
      )}
      {run.error !== null && <ErrorMessage>{run.error}</ErrorMessage>}
      {run.isBusy && <p role="status">Reading…</p>}
      {run.answer && <TrainingRun run={run.answer} />}
    </div>
  );
}
