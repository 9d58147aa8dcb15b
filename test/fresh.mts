import { pythonPeer } from '/work/wt/peers/test/support/python-peers.ts';
const t = Date.now();
console.log(await Promise.all([pythonPeer('client'), pythonPeer('client')]), Date.now() - t);
console.log(await pythonPeer('runner'), Date.now() - t);
