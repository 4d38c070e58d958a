/** What a worker costs by being there. */
postMessage('ready');
