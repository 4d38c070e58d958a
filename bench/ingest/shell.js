/** The worker in which a contender runs. It is told which one and where the server is, then asked what it stored. */
import {receive} from './receive.js';

let contender;
const answers = {
  async start({name, url}) {
    const {open} = await import(/* @vite-ignore */ `/${name}.js`);
    contender = await receive(open, url);
  },
  stored: () => contender.stored(),
};

addEventListener('message', async ({data: {ask, ...rest}}) => {
  try {
    postMessage({value: await answers[ask](rest)});
  } catch (error) {
    postMessage({error: String(error?.stack ?? error)});
  }
});
