import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { filesFrom } from "../compare/files";
import { ErrorMessage } from "../ui/message";
import { ExampleOffer } from "./example-offer";
import type { Asked } from "./use-answer";

interface Props {
  /** Whether the view is the one that is open. */
  active: boolean;
  title: string;
  /** What to give, and what comes of it. */
  text: string;
  /** The places for files. */
  fields: ComponentChildren;
  /** Files to try, while there are none. */
  example: { names: readonly string[]; text: string } | null;
  /** Takes the example's files in the order of their names, and what is dropped or pasted beside the fields. */
  onFiles: (files: readonly File[]) => void;
  /** What was asked about the files, for one place to say that it is computed and one why it was not. */
  asked: readonly Asked<unknown>[];
  busyText?: string;
  /** Which columns hold what. */
  pickers?: ComponentChildren;
  children: ComponentChildren;
}

/** What the views that judge have in common: a question, places for files, what became of them, an answer. */
export function AnalysisFrame(props: Props) {
  const {
    active,
    title,
    text,
    fields,
    example,
    onFiles,
    asked,
    busyText = "Computing…",
    pickers,
    children,
  } = props;
  const take = useRef(onFiles);
  take.current = onFiles;

  useEffect(() => {
    const given = (data: DataTransfer | null) => {
      const files = filesFrom(data);
      if (active && files.length > 0) take.current(files);
    };
    const drop = (event: DragEvent) => given(event.dataTransfer);
    const paste = (event: ClipboardEvent) => {
      if (!(event.target instanceof HTMLInputElement)) given(event.clipboardData);
    };
    addEventListener("drop", drop);
    addEventListener("paste", paste);
    return () => {
      removeEventListener("drop", drop);
      removeEventListener("paste", paste);
    };
  }, [active]);

  const error = asked.find(({ error }) => error !== null)?.error ?? null;
  return (
    <div class="analysis">
      <div class="introduction">
        <h1>{title}</h1>
        <p>{text}</p>
      </div>
      <section class="slots slots-two" aria-label="Files">
        {fields}
      </section>
      {example && <ExampleOffer names={example.names} text={example.text} onFiles={onFiles} />}
      {pickers && (
        <fieldset class="pickers">
          <legend class="visually-hidden">Which column holds what</legend>
          {pickers}
        </fieldset>
      )}
      {error !== null && <ErrorMessage>{error}</ErrorMessage>}
      {asked.some(({ isBusy }) => isBusy) && <p role="status">{busyText}</p>}
      {children}
    </div>
  );
}
