// What little the demo shop does by itself. Nothing is stored and nothing is sent: the basket lives until the next page.
'use strict';

const count = document.getElementById('basket-count');
const toast = document.getElementById('toast');
let hideToast = 0;

function say(words) {
  toast.textContent = words;
  toast.classList.add('shown');
  clearTimeout(hideToast);
  hideToast = setTimeout(() => toast.classList.remove('shown'), 2600);
}

function show(kind) {
  for (const button of document.querySelectorAll('[data-show]')) {
    button.setAttribute('aria-pressed', String(button.dataset.show === kind));
  }
  for (const card of document.querySelectorAll('.card')) card.hidden = kind !== '' && card.dataset.kind !== kind;
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  if (button.dataset.add) {
    count.textContent = String(Number(count.textContent) + 1);
    say(`${button.dataset.add} is in your basket.`);
  } else if (button.dataset.show !== undefined) {
    show(button.dataset.show);
  } else if (button.dataset.step) {
    const field = button.parentElement.querySelector('input');
    field.value = String(Math.max(1, (Number(field.value) || 1) + Number(button.dataset.step)));
    field.setAttribute('value', field.value);
  } else if (button.dataset.picture) {
    const picture = document.getElementById('gallery-main');
    picture.src = picture.src.replace(/#.*$/, `#${button.dataset.picture}`);
  }
});

document.addEventListener('submit', (event) => {
  event.preventDefault();
  const thanks = event.target.dataset.thanks;
  if (thanks) {
    event.target.reset();
    say(thanks);
  }
});
