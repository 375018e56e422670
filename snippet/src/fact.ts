/** What is told as a fact only: that something was typed or copied, never what; and that the wheel turned. */
import { bind } from "./bind";
import { FACT_MS } from "./config";
import { Kind } from "./frame";
import { mark } from "./pointer";

const FACTS = ["wheel", "copy", "keydown"];
const KINDS = [Kind.Wheel, Kind.Copy, Kind.Key];

export function startFacts(target: EventTarget): void {
  const nextMs = [0, 0, 0];
  bind(target, FACTS.join(" "), ({ type, timeStamp }) => {
    const fact = FACTS.indexOf(type);
    // How fast somebody types tells who they are, so a burst is one fact.
    if (timeStamp < nextMs[fact]!) return;
    nextMs[fact] = timeStamp + FACT_MS;
    mark(KINDS[fact]!, timeStamp);
  });
}
