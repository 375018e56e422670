// Everything that the browser says about a tab: uncaught errors, what scripts write to the console, and what it logs of its own, from the page, its frames
// and its workers.

/** Call it before the tab goes anywhere. Gives the list that grows: {where, level, text, url}. */
export async function watch(tab) {
  const lines = [];
  const { connection } = tab;

  async function listen(sessionId, where) {
    const on = (method, listener) => connection.on(sessionId, method, listener);
    const send = (method, params) => connection.send(method, params, sessionId);
    on('Runtime.exceptionThrown', ({ exceptionDetails: it }) => lines.push({
      where, level: 'uncaught', text: it.exception?.description ?? it.text, url: it.url ?? '',
    }));
    on('Runtime.consoleAPICalled', ({ type, args, stackTrace }) => lines.push({
      where, level: `console.${type}`, text: args.map(({ value, description }) => value ?? description).join(' '), url: stackTrace?.callFrames[0]?.url ?? '',
    }));
    on('Log.entryAdded', ({ entry: { level, text, url = '' } }) => lines.push({ where, level, text, url }));
    on('Target.attachedToTarget', ({ sessionId: inner, targetInfo: { type } }) => listen(inner, type));
    const asked = [send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: true, flatten: true }), send('Runtime.enable'), send('Log.enable')];
    // Frames and workers wait until they are listened to. Not all of them know all of this.
    if (sessionId !== tab.sessionId) asked.push(send('Runtime.runIfWaitingForDebugger'));
    await Promise.allSettled(asked);
  }

  await listen(tab.sessionId, 'page');
  return lines;
}
