import { createMousetrail } from "mousetrail";
import { inject } from "vue";

const KEY = Symbol("mousetrail");

/** For components: `const mousetrail = useMousetrail()`. */
export function useMousetrail() {
  return inject(KEY);
}

/** Records until the app is unmounted. On a server it does nothing. */
export const mousetrailPlugin = {
  install(app, options) {
    const mousetrail = createMousetrail(options);
    app.provide(KEY, mousetrail);
    app.onUnmount(() => mousetrail.stop());
    mousetrail.start();
  },
};
