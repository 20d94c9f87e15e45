import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { left } from 'left-side';

const site = readFileSync('public/site.js');
createServer((request, response) => {
  if (request.url === '/site.js') return response.end(site);
  response.end(`[${left('pnpm', 3)}] ${process.getuid()}:${process.getgid()}\n`);
}).listen(process.env.PORT);
process.on('SIGTERM', () => process.exit(0));
