// Answers what a ComfyUI is asked about itself, as a real one did.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const recorded = JSON.parse(readFileSync(new URL('../../genonaut/engines/tests/data/comfyui/inventory.json', import.meta.url), 'utf8'));

/** One that has these checkpoints. `asked` are all requests so far, as method and path. */
export async function comfyui(checkpoints, port = 0) {
  const asked = [];
  const answer = path => {
    if (path === '/system_stats') return recorded.system_stats;
    if (path === '/queue') return { queue_running: [], queue_pending: [] };
    const node = path.match(/^\/object_info\/(\w+)$/)?.[1];
    if (node === 'CheckpointLoaderSimple') return { [node]: { input: { required: { ckpt_name: [checkpoints, {}] } } } };
    return recorded.object_info[node] ?? {};
  };
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer(request.url)));
  });
  await new Promise(done => server.listen(port, '127.0.0.1', done));
  const stop = () => { server.closeAllConnections(); return new Promise(done => server.close(done)); };
  return { url: `http://127.0.0.1:${server.address().port}`, port: server.address().port, asked, stop };
}
