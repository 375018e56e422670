/** Routes of single-page apps. Nothing of the page is patched: it is asked where it is. */
import { bind } from "./bind";

export function startRoute(look: () => void): void {
  // By then the page has drawn its new route, and measuring it costs nothing extra.
  const lookSoon = () => setTimeout(look);
  bind(window, "popstate hashchange", lookSoon);
  const { navigation } = window as { navigation?: EventTarget };
  if (navigation) bind(navigation, "currententrychange", lookSoon);
}
