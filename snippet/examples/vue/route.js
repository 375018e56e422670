import { readonly, ref } from "vue";

// As any router does it: mousetrail sees the address change and needs to be told nothing.
const current = ref(location.pathname);
addEventListener("popstate", () => {
  current.value = location.pathname;
});

export const path = readonly(current);

export function go(to) {
  history.pushState(null, "", to);
  current.value = to;
}
