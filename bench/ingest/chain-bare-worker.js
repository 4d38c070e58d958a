/** The limit: a worker that greets, receives, parses and acknowledges, and does nothing else. */
addEventListener('message', ({data: url}) => {
  const started = performance.now();
  const socket = new WebSocket(url);
  const send = frame => socket.send(JSON.stringify(frame));
  let rows = 0;
  socket.addEventListener('open', () =>
    send({
      type: 'sync',
      protocol: 1,
      clientId: 'bare',
      instance: crypto.randomUUID(),
      epoch: 1,
      stream: 1,
      want: ['place'],
      settled: 1,
      window: 1024 * 1024,
    }),
  );
  socket.addEventListener('message', event => {
    const frame = JSON.parse(event.data);
    if (frame.type === 'sync_data') {
      rows += frame.changes.length;
      send({type: 'received', stream: 1, n: frame.n});
    }
    if (frame.type === 'sync_complete') postMessage({rows, ms: performance.now() - started});
  });
});
