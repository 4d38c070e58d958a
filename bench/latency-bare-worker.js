/**
 * The limit of a commit's way to the pages: a worker that has a socket, puts what comes and says so. One of two tabs has the
 * socket; the other hears of it by the channel.
 */
const channel = new BroadcastChannel('bare');

addEventListener('message', ({data: {url, name}}) => {
  if (url === undefined) {
    channel.onmessage = ({data}) => postMessage(data);
    postMessage('ready');
    return;
  }
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('journal');
  opening.onsuccess = () => receive(url, opening.result);
});

function receive(url, database) {
  let sequence = 0;
  const socket = new WebSocket(url);
  socket.onopen = () => postMessage('ready');
  socket.onmessage = ({data: text}) => {
    const {changes} = JSON.parse(text);
    const transaction = database.transaction('journal', 'readwrite', {durability: 'relaxed'});
    transaction.objectStore('journal').add({kind: 'changes', text}, ++sequence);
    transaction.oncomplete = () => {
      const id = changes[0].entityId;
      channel.postMessage(id);
      postMessage(id);
    };
  };
}
