import { useCallback, useEffect, useReducer, useRef } from "preact/hooks";

import { Computer } from "./computer";
import { type CompareAction, type CompareState, INITIAL, isReady, reduce } from "./state";

/** The state of the compare view; a comparison starts by itself as soon as there are two good files. */
export function useCompare(): [CompareState, (action: CompareAction) => void] {
  const [state, dispatch] = useReducer(reduce, INITIAL);
  const computer = useRef<Computer>(undefined);
  computer.current ??= new Computer();

  const { reference, current } = state.slots;
  const ready = isReady(state);
  const idle = state.run.state === "idle";
  useEffect(() => {
    if (ready && idle && state.notice === null) dispatch({ type: "start" });
  }, [ready, idle, state.notice, reference.file, current.file]);

  const running = state.run.state === "running" ? state.run.id : null;
  useEffect(() => {
    if (running === null || reference.file === null || current.file === null) return;
    const request = { reference: reference.file, current: current.file };
    computer.current?.start(request, (message) => dispatch({ ...message, id: running }));
  }, [running]);

  useEffect(() => () => computer.current?.stop(), []);

  const act = useCallback((action: CompareAction) => {
    if (action.type === "cancel") computer.current?.stop();
    dispatch(action);
  }, []);
  return [state, act];
}
