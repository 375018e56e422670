import { useEffect, useState } from "react";

import { useMousetrail } from "./mousetrail.jsx";

/** The question, and after the answer the way to change one's mind. */
export function Consent() {
  const mousetrail = useMousetrail();
  // The shop remembers the answer; mousetrail itself stores nothing.
  const [answer, setAnswer] = useState(() => localStorage.getItem("consent"));
  useEffect(() => {
    if (answer === "yes") mousetrail.consent(true);
  }, [answer, mousetrail]);

  const decide = (given) => {
    localStorage.setItem("consent", given);
    setAnswer(given);
    // With a withdrawal goes the wish to have erased what was sent so far.
    if (given === "no") mousetrail.consent(false, true);
  };

  if (answer === "yes") return <button id="withdraw" onClick={() => decide("no")}>Stop recording and erase this visit</button>;
  if (answer === "no") return null;
  return (
    <div className="consent" data-mt-ignore="">
      May we record how the mouse moves, to make this shop better?{" "}
      <button id="accept" onClick={() => decide("yes")}>Yes</button> <button id="decline" onClick={() => decide("no")}>No</button>
    </div>
  );
}
