/** The limit of a hand-over: a worker that waits for a lock, then opens a socket and greets, and does nothing else. */
addEventListener('message', async ({data: {url, instance, epoch}}) => {
  const turn = navigator.locks.request('bare', () => lead({url, instance, epoch}));
  const {pending} = await navigator.locks.query();
  if (pending.some(({name}) => name === 'bare')) postMessage('waiting');
  await turn;
});

/** Holds the lock for as long as this worker lives. */
function lead({url, instance, epoch}) {
  const socket = new WebSocket(url);
  const send = frame => socket.send(JSON.stringify(frame));
  socket.addEventListener('open', () =>
    send({
      type: 'sync',
      protocol: 1,
      clientId: 'bare',
      instance,
      epoch,
      stream: 1,
      want: ['quiet'],
      settled: 1,
      window: 1024 * 1024,
    }),
  );
  socket.addEventListener('message', ({data}) => {
    const frame = JSON.parse(data);
    if (frame.type === 'welcome') postMessage('welcome');
    if (frame.type === 'ping') send({type: 'pong', t: frame.t});
  });
  return new Promise(() => {});
}
