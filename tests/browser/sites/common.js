// What every fixture site does of its own, in the words of an old page: requests, timers, listeners, history. `site.works()` says whether it all
// went as it should; the expected answer stands in sites.mjs.
var site = (function () {
  var did = { clicks: 0 };
  var waiting = [];

  /** Begins something that has to be done before the site is asked: what is called with its outcome. */
  function start(name) {
    var end;
    did[name] = 'not done';
    waiting.push(new Promise(function (done) { end = done; }));
    setTimeout(function () { end(); }, 4000);
    return function (outcome) {
      did[name] = String(outcome);
      end();
    };
  }

  function typical() {
    var fetched = start('fetch');
    fetch('/api/pong', { headers: { 'x-site': 'yes' } }).then(function (answer) { return answer.text(); }).then(fetched, fetched);

    var asked = start('xhr');
    var request = new XMLHttpRequest();
    request.open('POST', '/api/pong');
    request.onload = function () { asked(request.responseText); };
    request.onerror = function () { asked('failed'); };
    request.send('ping');

    var ticked = start('ticks');
    var ticks = 0;
    var timer = setInterval(function () {
      if (++ticks < 3) return;
      clearInterval(timer);
      ticked(ticks);
    }, 5);

    var framed = start('frame');
    requestAnimationFrame(function () { framed('came'); });

    var heard = start('event');
    addEventListener('own', function (event) { heard(event.detail); }, { once: true });
    document.dispatchEvent(new CustomEvent('own', { bubbles: true, detail: 'heard' }));

    history.replaceState({ typical: 1 }, '');
    did.history = history.state.typical;

    var act = document.getElementById('act');
    // The page's own handlers decide: they stop the event, and the link leads nowhere.
    act.addEventListener('click', function (event) {
      event.preventDefault();
      event.stopImmediatePropagation();
      did.clicks++;
    });
    act.addEventListener('click', function () { did.clicks += 100; });
    document.addEventListener('pointermove', function () { did.moved = true; });
    addEventListener('scroll', function () { did.scrolled = true; });
  }

  document.addEventListener('DOMContentLoaded', typical);
  return {
    did: did,
    start: start,
    works: function () {
      return Promise.all(waiting).then(function () { return did; });
    },
  };
})();
