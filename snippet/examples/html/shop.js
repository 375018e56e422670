import { createMousetrail } from "mousetrail";

const mousetrail = createMousetrail({
  site: "PUBLIC_KEY",
  collector: "https://mouse.example.com/v1",
  consent: "required",
});
mousetrail.start();
mousetrail.tag("variant", "large pictures");

const find = (selector) => document.querySelector(selector);

// The shop remembers the answer; mousetrail itself stores nothing.
const banner = find(".consent");
const answer = localStorage.getItem("consent");
banner.hidden = answer !== null;
if (answer === "yes") mousetrail.consent(true);

function decide(isGiven) {
  localStorage.setItem("consent", isGiven ? "yes" : "no");
  banner.hidden = true;
  // With a withdrawal goes the wish to have erased what was sent so far.
  mousetrail.consent(isGiven, true);
}
find("#accept").addEventListener("click", () => decide(true));
find("#decline").addEventListener("click", () => decide(false));
find("#withdraw").addEventListener("click", () => decide(false));

for (const button of document.querySelectorAll(".add")) {
  button.addEventListener("click", () => {
    find("#cart").value = Number(find("#cart").value) + 1;
    const { product, price } = button.dataset;
    mousetrail.event("add to cart", { product: Number(product), price: Number(price) });
  });
}

find("#sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  mousetrail.identify(`customer-${event.target.customer.value}`);
});
