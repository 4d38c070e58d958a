/** The limit: a worker that writes what it is given to a disk of its own, strictly, and says so. */
const opening = new Promise((resolve, reject) => {
  const request = indexedDB.open('bare', 1);
  request.onupgradeneeded = () => request.result.createObjectStore('outbox', {autoIncrement: true});
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
addEventListener('message', async ({data: {id, operation}}) => {
  const database = await opening;
  const transaction = database.transaction(['outbox'], 'readwrite', {durability: 'strict'});
  transaction.objectStore('outbox').add(operation);
  transaction.oncomplete = () => postMessage(id);
});
