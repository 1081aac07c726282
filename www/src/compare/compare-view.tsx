import { useEffect } from "preact/hooks";

import { ErrorMessage } from "../ui/message";
import { filesFrom } from "./files";
import { FileSlots } from "./file-slots";
import { loadExample } from "./example";
import { Progress } from "./progress";
import { ReportView } from "./report-view";
import { useCompare } from "./use-compare";

/** Two files in, a report out. */
export function CompareView({ active }: { active: boolean }) {
  const [state, act] = useCompare();
  const { slots, run, notice } = state;
  const isEmpty = slots.reference.file === null && slots.current.file === null;

  useEffect(() => {
    const take = (data: DataTransfer | null) => {
      const files = filesFrom(data);
      if (active && files.length > 0) act({ type: "files", files, slot: null });
    };
    // Without this a browser leaves the page for the file that was dropped, in either view.
    const dragOver = (event: DragEvent) => event.preventDefault();
    const drop = (event: DragEvent) => {
      event.preventDefault();
      take(event.dataTransfer);
    };
    const paste = (event: ClipboardEvent) => {
      if (!(event.target instanceof HTMLInputElement)) take(event.clipboardData);
    };
    addEventListener("dragover", dragOver);
    addEventListener("drop", drop);
    addEventListener("paste", paste);
    return () => {
      removeEventListener("dragover", dragOver);
      removeEventListener("drop", drop);
      removeEventListener("paste", paste);
    };
  }, [active]);

  const tryExample = async () => {
    try {
      act({ type: "files", files: await loadExample(), slot: null });
    } catch (error) {
      act({ type: "notice", message: `The example could not be loaded: ${String(error)}.` });
    }
  };

  return (
    <div class="compare">
      {run.state !== "done" && <Introduction />}
      <FileSlots slots={slots} compact={run.state === "done"} act={act} />
      {notice !== null && <ErrorMessage>{notice}</ErrorMessage>}
      {run.state === "running" && (
        <Progress ratio={run.ratio} stage={run.stage} onCancel={() => act({ type: "cancel" })} />
      )}
      {run.state === "cancelled" && (
        <p class="message" role="status">
          Cancelled. The files are still here.{" "}
          <button type="button" class="button" onClick={() => act({ type: "start" })}>
            Compare again
          </button>
        </p>
      )}
      {isEmpty && <ExampleOffer onTry={tryExample} />}
      {run.state === "done" && (
        <ReportView
          report={run.report}
          settings={state.settings}
          onSettings={(settings) => act({ type: "settings", settings })}
          files={{ reference: slots.reference.file, current: slots.current.file }}
        />
      )}
    </div>
  );
}

function Introduction() {
  return (
    <div class="introduction">
      <h1>What changed between two tables?</h1>
      <p>
        Give a reference, such as the data that a model was trained on, and a current table, such as last
        week's traffic. Every column is tested for drift, here in this tab: nothing is uploaded. Tables are
        CSV (tabs and semicolons too), Parquet, or JSON with a record for each row, compressed with gzip or
        not.
      </p>
    </div>
  );
}

function ExampleOffer({ onTry }: { onTry: () => void }) {
  return (
    <div class="example">
      <button type="button" class="button" onClick={onTry}>
        Try with example data
      </button>
      <p>
        The electricity market of New South Wales: half a year from May 1996 on against the year after it, in
        which another state's market joined. Compare it stretch by stretch to see when.
      </p>
    </div>
  );
}
