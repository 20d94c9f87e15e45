const http = require('http');
const router = require('tiny-router');

const handle = router({
  '/': () => ({ user: process.getuid(), env: process.env.NODE_ENV }),
  '/sum/:a/:b': ({ a, b }) => ({ sum: Number(a) + Number(b) }),
});

if (require.main === module) {
  http.createServer((request, response) => {
    const answer = handle(request.url);
    response.writeHead(answer ? 200 : 404, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(answer ?? { error: 'not found' }));
  }).listen(process.env.PORT || 3000);
  process.on('SIGTERM', () => process.exit(0));
}

module.exports = handle;
