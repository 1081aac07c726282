import { useState } from "preact/hooks";

import { loadFiles } from "../compare/example";
import { ErrorMessage } from "../ui/message";

interface Props {
  names: readonly string[];
  /** What the files are. */
  text: string;
  onFiles: (files: readonly File[]) => void;
}

/** Files to try a view with, for who has none at hand. */
export function ExampleOffer({ names, text, onFiles }: Props) {
  const [error, setError] = useState<string | null>(null);
  const load = () =>
    loadFiles(names).then(onFiles, (error: unknown) =>
      setError(`The example could not be loaded: ${String(error)}.`),
    );
  return (
    <div class="example">
      <button type="button" class="button" onClick={load}>
        Try with example data
      </button>
      <p>{text}</p>
      {error !== null && <ErrorMessage>{error}</ErrorMessage>}
    </div>
  );
}
