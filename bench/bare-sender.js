/** The limit: a worker that greets, sends all it is given without waiting for an answer, and parses what comes back. */
addEventListener('message', ({data: {url, ops, frame}}) => {
  const started = performance.now();
  const socket = new WebSocket(url);
  const send = message => socket.send(JSON.stringify(message));
  let left = ops.length;
  let refused = 0;
  socket.addEventListener('open', () => {
    const instance = crypto.randomUUID();
    send({
      type: 'sync',
      protocol: 1,
      clientId: 'bare',
      instance,
      epoch: 1,
      stream: 1,
      want: ['item'],
      settled: 1,
      window: 1024 * 1024,
    });
  });
  socket.addEventListener('message', event => {
    const message = JSON.parse(event.data);
    if (message.n !== undefined) send({type: 'received', stream: 1, n: message.n});
    if (message.type === 'sync_complete') {
      for (let at = 0; at < ops.length; at += frame) {
        send({type: 'operations', ops: ops.slice(at, at + frame), settled: 1});
      }
    }
    if (message.type === 'operation_nack') refused++;
    if (message.type !== 'operation_ack' && message.type !== 'operation_nack') return;
    if (--left === 0) {
      postMessage({ms: performance.now() - started, refused});
      socket.close();
    }
  });
});
