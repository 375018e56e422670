import { useSyncExternalStore } from "react";

// As any router does it: mousetrail sees the address change and needs to be told nothing.
const listeners = new Set();

function listen(listener) {
  listeners.add(listener);
  addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    removeEventListener("popstate", listener);
  };
}

export function usePath() {
  return useSyncExternalStore(listen, () => location.pathname);
}

export function Link({ to, children, ...rest }) {
  const go = (event) => {
    event.preventDefault();
    history.pushState(null, "", to);
    listeners.forEach((listener) => listener());
  };
  return <a href={to} onClick={go} {...rest}>{children}</a>;
}
