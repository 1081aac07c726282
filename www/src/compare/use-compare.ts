import { useCallback, useEffect, useReducer, useRef } from "preact/hooks";

import { Computer } from "./computer";
import { optionsOf } from "./settings";
import { type CompareAction, type CompareState, goodFile, INITIAL, needsWork, reduce } from "./state";

/** The state of the compare view; work starts by itself as soon as there is some. */
export function useCompare(): [CompareState, (action: CompareAction) => void] {
  const [state, dispatch] = useReducer(reduce, INITIAL);
  const computer = useRef<Computer>(undefined);
  computer.current ??= new Computer();

  const isDue = needsWork(state);
  useEffect(() => {
    if (isDue) dispatch({ type: "start" });
  }, [isDue]);

  const running = state.run.state === "running" ? state.run.id : null;
  useEffect(() => {
    if (running === null) return;
    const files = { reference: goodFile(state, "reference"), current: goodFile(state, "current") };
    computer.current?.start(files, optionsOf(state.settings), (message) =>
      dispatch({ ...message, id: running }),
    );
  }, [running]);

  useEffect(() => () => computer.current?.stop(), []);

  const act = useCallback((action: CompareAction) => {
    if (action.type === "cancel") computer.current?.stop();
    dispatch(action);
  }, []);
  return [state, act];
}
