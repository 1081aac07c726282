import { useEffect, useState } from "preact/hooks";

import type { Answers, NumberedFile, Question, Reply } from "./protocol";

/** Where a question stands. What was answered before stays until the next answer. */
export interface Asked<T> {
  answer: T | null;
  error: string | null;
  isBusy: boolean;
}

const numbers = new WeakMap<File, number>();
let files = 0;
let questions = 0;
let worker: Worker | null = null;
const waiting = new Map<number, (reply: Reply) => void>();

/** A file with its number. */
export function numbered(file: File): NumberedFile {
  const number = numbers.get(file) ?? ++files;
  numbers.set(file, number);
  return { number, file };
}

/** The answer to a question; none to `null`. A question that changes forgets the one before. */
export function useAnswer<K extends keyof Answers>(
  question: Extract<Question, { about: K }> | null,
): Asked<Answers[K]> {
  const [asked, setAsked] = useState<Asked<Answers[K]>>({ answer: null, error: null, isBusy: false });
  const key = question === null ? null : keyOf(question);
  useEffect(() => {
    if (question === null) return setAsked({ answer: null, error: null, isBusy: false });
    setAsked((before) => ({ ...before, error: null, isBusy: true }));
    return ask(question, (reply) =>
      setAsked(
        "error" in reply
          ? { answer: null, error: reply.error, isBusy: false }
          : { answer: reply.answer as Answers[K], error: null, isBusy: false },
      ),
    );
  }, [key]);
  return asked;
}

/** Asks the worker; what is returned stops listening. */
function ask(question: Question, onReply: (reply: Reply) => void): () => void {
  questions += 1;
  const id = questions;
  waiting.set(id, onReply);
  started().postMessage({ id, question });
  return () => waiting.delete(id);
}

function started(): Worker {
  if (worker !== null) return worker;
  const fresh = new Worker(new URL("./worker.ts", import.meta.url), {
    type: "module",
    name: "tidegate-analysis",
  });
  fresh.onmessage = ({ data }: MessageEvent<Reply>) => {
    const onReply = waiting.get(data.id);
    waiting.delete(data.id);
    onReply?.(data);
  };
  fresh.onerror = (event) => {
    event.preventDefault();
    fresh.terminate();
    worker = null;
    const error = `The computation stopped: ${event.message || "its worker could not be loaded"}.`;
    for (const [id, onReply] of waiting) onReply({ id, error });
    waiting.clear();
  };
  worker = fresh;
  return fresh;
}

function keyOf(question: Question): string {
  const { files, ...rest } = question;
  const numbers = Object.entries(files).map(([name, { number }]) => [name, number]);
  return JSON.stringify([rest, numbers]);
}
