import { createMousetrail } from "mousetrail";
import { createContext, useContext, useEffect, useState } from "react";

const MousetrailContext = createContext();

/** For components: `const mousetrail = useMousetrail()`. */
export function useMousetrail() {
  return useContext(MousetrailContext);
}

/** Records while it is mounted. */
export function MousetrailProvider({ children }) {
  // Creating it does nothing yet, so that this may run on a server too.
  const [mousetrail] = useState(() => createMousetrail({
    site: "PUBLIC_KEY",
    collector: "https://mouse.example.com/v1",
    consent: "required",
  }));
  useEffect(() => {
    mousetrail.start();
    return () => mousetrail.stop();
  }, [mousetrail]);
  return <MousetrailContext value={mousetrail}>{children}</MousetrailContext>;
}
