/**
 * What every contender but ours has in common: a socket, one frame parsed at a time, and what came while a write ran goes
 * into the next one together, as with ours. A contender is a module that exports `open`:
 *
 *   open(): Promise<{
 *     keep(changes, position): Promise<void>   rows, and with them how far they reach
 *     finish?(): Promise<void>                 where nothing is durable before the end
 *     stored(): Promise<{rows: number, position: string | undefined}>   read back from where they were kept
 *   }>
 *
 * The server is told of what is kept as our client tells it, so its clock stops for all alike.
 */
export async function receive(open, url) {
  const keeper = await open();
  const socket = new WebSocket(url);
  const waiting = [];
  let running = false;

  const drain = async () => {
    running = true;
    while (waiting.length > 0) {
      const frames = waiting.splice(0);
      const last = frames.at(-1);
      await keeper.keep(frames.length === 1 ? last.changes : frames.flatMap(({changes}) => changes), last.lsn);
      if (last.last) await keeper.finish?.();
      socket.send(JSON.stringify({type: 'received', stream: 1, n: last.n}));
    }
    running = false;
  };
  socket.addEventListener('message', ({data}) => {
    const frame = JSON.parse(data);
    waiting.push(frame);
    // The server is where a failure is noticed: nothing more comes from here.
    if (!running) drain().catch(error => socket.close(4000, String(error).slice(0, 100)));
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error('The socket failed')));
  });
  socket.send(JSON.stringify({type: 'ready'}));
  return {stored: () => keeper.stored()};
}
