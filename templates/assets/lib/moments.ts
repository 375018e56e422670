// What happened, in words: the list beside the stage.

import { span } from "./format";
import { type Session, type View, holds } from "./session";

/** One line of the list. */
export interface Moment {
  at: number;
  view: View;
  icon: string;
  text: string;
  /** Beside the words: the selector of what was clicked, or the properties that the page gave. */
  detail: string;
  /** Does it get a mark on the timeline? */
  isClick: boolean;
}

/** Scrolls and keys closer together than this are one, ms. */
const TOGETHER_MS = 1200;

export function moments(session: Session): Moment[] {
  return session.views.flatMap(ofView).sort((a, b) => a.at - b.at);
}

function ofView(view: View): Moment[] {
  const out: Moment[] = [];
  let run: { kind: string; from: number; to: number; count: number; i: number } | undefined;
  let hiddenAt: number | undefined;

  const add = (i: number, at: number, icon: string, text: string, isClick = false) => {
    const detail = isClick ? (view.byNumber.get(view.element[i]!)?.selector ?? "") : "";
    out.push({ at, view, icon, text, detail, isClick });
  };
  const finish = () => {
    if (run?.kind === "s") add(run.i, run.from, "scroll", scrolled(view, run.to));
    if (run?.kind === "k") add(run.i, run.from, "key", run.count === 1 ? "Pressed a key" : `Pressed keys, ${run.count} times`);
    run = undefined;
  };

  for (let i = 0; i < view.t.length; i++) {
    const [kind, t] = [view.kind[i]!, view.t[i]!];
    if (kind === "s" || kind === "k") {
      if (run && (run.kind !== kind || t - run.to > TOGETHER_MS)) finish();
      run = run ? { ...run, to: t, count: run.count + 1, i } : { kind, from: t, to: t, count: 1, i };
      continue;
    }
    const on = named(view, i);
    const isTouch = (view.pointer[i]! & 3) === 2;
    if ("cbxhvyr".includes(kind)) finish();
    if (kind === "c") add(i, t, "click", `${isTouch ? "Tap" : "Click"} on ${on}`, true);
    else if (kind === "b") add(i, t, "click", `Double click on ${on}`, true);
    else if (kind === "x") add(i, t, "click", `Right click on ${on}`, true);
    else if (kind === "y") add(i, t, "copy", "Copied something");
    else if (kind === "r") add(i, t, "full", `Window now ${view.x[i]} × ${view.y[i]}`);
    else if (kind === "h") hiddenAt = t;
    else if (kind === "v" && hiddenAt !== undefined) {
      add(i, hiddenAt, "hidden", `Tab hidden for ${span(t - hiddenAt)}`);
      hiddenAt = undefined;
    }
  }
  finish();
  for (const { at, name, props } of view.said) out.push({ at, view, icon: "tag", text: `The page says “${name}”`, detail: props, isClick: false });
  return out;
}

function named(view: View, i: number): string {
  return view.byNumber.get(view.element[i]!)?.label ?? "the page";
}

function scrolled(view: View, t: number): string {
  const [, , y] = holds(view.scroll, t);
  const reach = holds(view.document, t)[2] - holds(view.viewport, t)[2];
  if (y <= 1) return "Scrolled to the top";
  if (reach > 0 && y >= reach - 2) return "Scrolled to the end";
  return reach > 0 ? `Scrolled to ${Math.round((y / reach) * 100)} % of the page` : `Scrolled to ${y} px`;
}
