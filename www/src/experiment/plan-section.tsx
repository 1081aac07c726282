import { useState } from "preact/hooks";

import { useAnswer } from "../analysis/use-answer";
import { ErrorMessage } from "../ui/message";
import { Panel } from "../ui/panel";
import { type PlanForm, planOptions, USUAL_PLAN } from "./plan";
import { PlanResult } from "./plan-result";

/** The numbers of a form, by what they are called. */
type NumberField = { [K in keyof PlanForm]: PlanForm[K] extends number ? K : never }[keyof PlanForm];

/** How many units an experiment needs, before there is one. */
export function PlanSection({ active }: { active: boolean }) {
  const [form, setForm] = useState<PlanForm>(USUAL_PLAN);
  // Upon the form as it is then: two changes may come before the page is drawn again.
  const change = (part: Partial<PlanForm>) => setForm((form) => ({ ...form, ...part }));
  const asked = planOptions(form);
  // A view that was never opened computes nothing: the core is not even loaded.
  const plan = useAnswer<"plan">(
    active && "options" in asked ? { about: "plan", files: {}, options: asked.options } : null,
  );
  const isRate = form.outcome === "rate";
  const number = (label: string, name: NumberField, unit: string, step = 1) => (
    <label class="picker">
      {label}
      <span class="with-unit">
        <input
          type="number"
          step={step}
          // Not `value`: an answer that comes while a person types would put the old one back.
          defaultValue={form[name]}
          onChange={(event) => change({ [name]: event.currentTarget.valueAsNumber })}
        />
        {unit}
      </span>
    </label>
  );
  const choice = <K extends "outcome" | "alternative" | "looks">(
    label: string,
    name: K,
    texts: Record<PlanForm[K], string>,
  ) => (
    <label class="picker">
      {label}
      <select value={form[name]} onChange={(event) => change({ [name]: event.currentTarget.value })}>
        {Object.entries<string>(texts).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <Panel title="How many units does an experiment need?" note="before it begins" isWide>
      <fieldset class="pickers pickers-plain">
        <legend class="visually-hidden">The experiment to come</legend>
        {choice("What is measured", "outcome", {
          rate: "a rate, such as orders",
          mean: "a mean, such as revenue",
        })}
        {isRate ? (
          number("Rate of the control", "ratePercent", "%", 0.1)
        ) : (
          <>
            {number("Mean of the control", "mean", "", 0.1)}
            {number("Standard deviation", "deviation", "", 0.1)}
          </>
        )}
        {number("Smallest lift worth finding", "liftPercent", "%", 0.5)}
        {number("Chance to find it (power)", "powerPercent", "%")}
        {number("False alarms (alpha)", "alphaPercent", "%", 0.5)}
        {number("Share of the treatment", "sharePercent", "%")}
        {choice("A finding is", "alternative", { two_sided: "any difference", greater: "an increase alone" })}
        {choice("It is judged", "looks", { once: "once, at its end", always: "at any look" })}
        {number("Units a day", "unitsADay", "0: unknown", 100)}
      </fieldset>
      {"problem" in asked && <ErrorMessage>{asked.problem}</ErrorMessage>}
      {plan.error !== null && <ErrorMessage>{plan.error}</ErrorMessage>}
      {plan.answer && "options" in asked && <PlanResult form={form} plan={plan.answer} />}
    </Panel>
  );
}
